//! Fuzzes the privacy gate with any name: what it sends is short and has only characters of names, the
//! gate passes its own output unchanged, and its time grows with the text.

use otel_native::metrics::scrub::{chosen_name, own_text, sent_name};
use std::time::{Duration, Instant};

const MAX_BYTES: usize = 128;
/// The gate does not read a longer text.
const MAX_READ_BYTES: usize = 4096;
/// Shorter times say nothing.
const MIN_TIME: Duration = Duration::from_millis(2);
/// Eight times the text may take this many times as long. The square would be 64.
const MAX_GROWTH: u32 = 32;
/// How often the time of one text is measured: other work on the machine only adds to it.
const TRIES: usize = 5;
/// How often a text that seems slow is measured once more. On a busy machine every try may be disturbed.
const MORE_TRIES: usize = 200;

pub(crate) fn check(text: &str) {
    for gate in [sent_name, of_project, of_user] {
        let once = gate(text);
        assert!(once.len() <= MAX_BYTES, "{text:?} is sent as {once:?}");
        assert!(once.chars().all(is_allowed), "{text:?} is sent as {once:?}");
        assert_eq!(gate(&once), once, "{text:?} is sent as {once:?}");
    }
    check_time(text);
}

fn of_project(text: &str) -> String {
    own_text(text).map_or_else(String::new, |value| value.as_str().to_owned())
}

fn of_user(text: &str) -> String {
    chosen_name(text).map_or_else(String::new, |value| value.as_str().to_owned())
}

/// Letters and digits of any script, and the punctuation of names.
fn is_allowed(c: char) -> bool {
    c.is_alphanumeric() || " -_.:/@+#&()[],".contains(c)
}

/// Compares the time of some repetitions of the text with that of eight times as many.
fn check_time(text: &str) {
    if text.is_empty() || text.len() > MAX_READ_BYTES / 8 {
        return;
    }
    let long = text.repeat(MAX_READ_BYTES / text.len());
    let short = text.repeat((long.len() / text.len() / 8).max(1));
    let longer = u32::try_from(long.len() / short.len()).unwrap_or(u32::MAX);
    for tries in [TRIES, MORE_TRIES] {
        let (of_short, of_long) = (best_time(&short, tries), best_time(&long, tries));
        let allowed = (of_short * longer * MAX_GROWTH / 8).max(MIN_TIME * longer);
        if of_long <= allowed {
            return;
        }
        assert!(tries < MORE_TRIES, "{text:?}: {of_long:?} beside {of_short:?}");
    }
}

fn best_time(text: &str, tries: usize) -> Duration {
    let time = |_| {
        let start = Instant::now();
        sent_name(text);
        start.elapsed()
    };
    (0..tries).map(time).min().unwrap_or_default()
}
