//! The one line on standard error: what is sent where and on which basis, or why nothing is sent.

use crate::config::{Config, Outcome, Resolution, Tier, printable};
use std::io::Write;

/// The line for a project; `None` if telemetry is off.
pub fn line(resolution: &Resolution) -> Option<String> {
    let text = match &resolution.outcome {
        Outcome::On(config) => banner(config, resolution),
        Outcome::Degraded { reason, .. } => format!("nothing is sent: {reason}"),
        Outcome::Off { reason } if resolution.pending.is_some() => {
            format!("nothing is sent: {reason}")
        }
        Outcome::Off { .. } => return None,
    };
    Some(printable(&format!("ccxray-otel: {text}")))
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
            " The telemetry of {} is on too; this one has service.name=ccxray.",
            agents.join(" and ")
        ),
    };
    let warnings = match resolution.warnings.len() {
        0 => String::new(),
        1 => " 1 warning, see: ccxray-otel status".to_owned(),
        several => format!(" {several} warnings, see: ccxray-otel status"),
    };
    format!("on ({tier}). Sending to {} ({approval}).{agents}{warnings}", config.endpoint)
}

/// Prints a line. It is not an error if standard error is closed.
pub fn print(line: Option<String>) {
    if let Some(line) = line {
        let _ = std::io::stderr().write_all((line + "\n").as_bytes());
    }
}
