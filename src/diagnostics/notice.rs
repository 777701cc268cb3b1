//! The one line on standard error: what is sent where, and by whose word; or why nothing is.

use crate::config::{Config, Outcome, Resolution, Tier, printable};
use std::io::Write;

/// The line for a project; `None` if nobody switched anything on.
pub fn line(resolution: &Resolution) -> Option<String> {
    let told = match &resolution.outcome {
        Outcome::On(config) => banner(config, resolution),
        Outcome::Degraded { reason, .. } => format!("nothing is sent: {reason}"),
        Outcome::Off { reason } if resolution.asks.is_some() => {
            format!("nothing is sent: {reason}")
        }
        Outcome::Off { .. } => return None,
    };
    Some(printable(&format!("ccxray-otel: {told}")))
}

fn banner(config: &Config, resolution: &Resolution) -> String {
    let tier = match config.tier {
        Tier::Anonymous => "tier 1, anonymous",
        Tier::Named { .. } => "tier 2, with the name you chose",
    };
    let trust = resolution.trust.map_or("", |trust| trust.as_str());
    let agents = match config.agents_own.as_slice() {
        [] => String::new(),
        agents => format!(
            "; the telemetry of {} is on as well, ours says service.name=ccxray",
            agents.join(" and ")
        ),
    };
    let warnings = match resolution.warnings.len() {
        0 => String::new(),
        1 => "; 1 warning in status()".to_owned(),
        several => format!("; {several} warnings in status()"),
    };
    format!("on ({tier}), numbers go to {} ({trust}){agents}{warnings}", config.endpoint)
}

/// Prints a line. Nobody may be listening, which is no reason to fail.
pub fn print(line: Option<String>) {
    if let Some(line) = line {
        let _ = std::io::stderr().write_all((line + "\n").as_bytes());
    }
}
