//! The one line on standard error: what is sent where and on which basis, or why nothing is sent.

use crate::config::{Config, Outcome, Resolution, Tier, printable};
use crate::util::thread;
use crossbeam_channel::Sender;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::io::Write;
use std::time::Duration;

/// The line for a project; `None` if telemetry is off.
pub fn line(resolution: &Resolution) -> Option<String> {
    let text = match &resolution.outcome {
        Outcome::On(config) if resolution.is_quiet && stays_here(config) => return None,
        Outcome::On(config) => banner(config, resolution),
        Outcome::Degraded { reason, .. } => return Some(nothing_is_sent(reason)),
        Outcome::Off { reason } if resolution.pending.is_some() => {
            return Some(nothing_is_sent(reason));
        }
        Outcome::Off { .. } => return None,
    };
    Some(printable(&format!("ccxray-otel: {text}")))
}

/// Whether only anonymous numbers are sent, and to this machine. Anything else is always shown.
fn stays_here(config: &Config) -> bool {
    matches!(config.tier, Tier::Anonymous) && config.endpoint.is_loopback()
}

/// The line for a project that wants to export and does not.
pub fn nothing_is_sent(reason: &str) -> String {
    printable(&format!("ccxray-otel: nothing is sent: {reason}"))
}

fn banner(config: &Config, resolution: &Resolution) -> String {
    let tier = match config.tier {
        Tier::Anonymous => "tier 1, anonymous",
        Tier::Named { .. } => "tier 2, with the name that you chose",
    };
    let approval = resolution.approval.map_or("", |approval| approval.as_str());
    let agents = match config.agents_own.as_slice() {
        [] => String::new(),
        agents => format!(
            " The telemetry of {} is on too; this one has ccxray.source=ccxray-proxy.",
            agents.join(" and ")
        ),
    };
    let status = resolution.status_command.as_deref().unwrap_or("ccxray-otel status");
    let warnings = match resolution.warnings.len() {
        0 => String::new(),
        1 => format!(" 1 warning, see: {status}"),
        several => format!(" {several} warnings, see: {status}"),
    };
    format!("on ({tier}). Sending to {} ({approval}).{agents}{warnings}", config.endpoint)
}

/// Prints a line, and does not wait for it. It may be lost: standard error can be a pipe that nobody
/// reads.
pub fn print(line: Option<String>) {
    if let Some(line) = line {
        PRINTER.lock().add(short(line), None);
    }
}

/// The same for the line of `init`. The process may end soon, so the line is printed at once if
/// standard error takes it, and otherwise this waits for a moment.
pub fn print_and_wait(line: Option<String>) {
    if let Some(line) = line {
        if takes_a_line() {
            // It is not an error if standard error is closed.
            let _ = std::io::stderr().write_all((short(line) + "\n").as_bytes());
            return;
        }
        let (printed, wait) = crossbeam_channel::bounded(1);
        PRINTER.lock().add(short(line), Some(printed));
        // After that time nothing waits for it.
        let _ = wait.recv_timeout(MAX_WAIT);
    }
}

/// Whether standard error has room for a line now, so that printing does not block.
#[cfg(unix)]
fn takes_a_line() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let error = std::io::stderr();
    let mut standard_error = [PollFd::new(&error, PollFlags::OUT)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    let is_ready = poll(&mut standard_error, Some(&at_once)).is_ok_and(|ready| ready > 0);
    is_ready && standard_error[0].revents().contains(PollFlags::OUT)
}

/// Elsewhere nothing tells.
#[cfg(not(unix))]
fn takes_a_line() -> bool {
    false
}

/// How long `init` waits for its line.
const MAX_WAIT: Duration = Duration::from_millis(50);
/// Lines that wait. Further ones are lost.
const MAX_WAITING: usize = 16;
/// All lines of a process. A process can meet any number of projects.
const MAX_LINES: u32 = 100;
/// The longest line, in bytes. A path can have several thousand.
const MAX_LINE_BYTES: usize = 1024;

static PRINTER: Mutex<Printer> =
    Mutex::new(Printer { waiting: VecDeque::new(), is_running: false, lines: 0 });

/// The lines that wait for standard error, and whether a thread prints them.
struct Printer {
    waiting: VecDeque<WaitingLine>,
    is_running: bool,
    /// The lines so far.
    lines: u32,
}

struct WaitingLine {
    text: String,
    printed: Option<Sender<()>>,
}

impl Printer {
    fn add(&mut self, text: String, printed: Option<Sender<()>>) {
        if self.lines >= MAX_LINES || self.waiting.len() >= MAX_WAITING {
            return;
        }
        self.lines += 1;
        let is_last = self.lines == MAX_LINES;
        let end = "\nccxray-otel: further lines are left out, see: ccxray-otel status";
        let text = if is_last { text + end } else { text };
        self.waiting.push_back(WaitingLine { text: text + "\n", printed });
        if !self.is_running {
            self.is_running = thread::start("ccxray-notice", print_all).is_ok();
        }
    }
}

/// Prints until no line waits. If standard error blocks for ever, this thread does, and no other.
fn print_all() {
    loop {
        let next = {
            let mut printer = PRINTER.lock();
            let next = printer.waiting.pop_front();
            printer.is_running = next.is_some();
            next
        };
        let Some(WaitingLine { text, printed }) = next else { return };
        // It is not an error if standard error is closed.
        let _ = std::io::stderr().write_all(text.as_bytes());
        printed.map(|printed| printed.send(()));
    }
}

/// A line of at most [`MAX_LINE_BYTES`].
fn short(mut line: String) -> String {
    if line.len() > MAX_LINE_BYTES {
        line.truncate(line.floor_char_boundary(MAX_LINE_BYTES));
        line += "… See: ccxray-otel status";
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_at_a_character() {
        assert_eq!(short("ü".to_owned()), "ü");
        let long = short(format!("x{}", "ü".repeat(4096)));
        assert!(long.len() < MAX_LINE_BYTES + 40 && long.ends_with("ü… See: ccxray-otel status"));
    }
}
