//! Whether a project exports, with all that `status` has to tell about it.

use crate::config::approval::basis::{Asks, Trust};
use crate::config::approval::decision::Decision;
use crate::config::error::ConfigError;
use crate::config::resolve::config::Config;
use crate::config::value::source::Setting;
use crate::config::value::tier::Level;

/// Whether a project exports, and why.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It does.
    On(Box<Config>),
    /// It does not, because somebody did not agree. The normal case.
    Off {
        /// One line for `status`.
        reason: String,
    },
    /// It should, and cannot.
    Degraded {
        /// The tier that was agreed to.
        tier: u8,
        /// One line for `status`.
        reason: String,
    },
}

/// An [`Outcome`] with its history, so that `status` can answer "why?".
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// Whether the project exports.
    pub outcome: Outcome,
    /// The tier that all sides agree to; what leaves may still be less.
    pub level: Level,
    /// Whose word the tier is.
    pub decided_by: &'static str,
    /// Why the engineer's agreement stands; `None` while nothing is on.
    pub trust: Option<Trust>,
    /// What the project asks for, while it waits for the engineer's agreement.
    pub asks: Option<Asks>,
    /// Each setting that was made, in words that hold no secret.
    pub settings: Vec<Setting>,
    /// What the engineer should know.
    pub warnings: Vec<String>,
}

impl Resolution {
    /// Of a project that does not export.
    pub(crate) fn off(decision: &Decision) -> Self {
        let reason = match decision.decided_by {
            "default" => "no side switched telemetry on".to_owned(),
            side => format!("switched off by {side}"),
        };
        Self {
            outcome: Outcome::Off { reason },
            level: decision.level,
            decided_by: decision.decided_by,
            trust: None,
            asks: None,
            settings: Vec::new(),
            warnings: decision.note.into_iter().map(str::to_owned).collect(),
        }
    }

    /// Of a project whose config cannot be used, where nobody is there to be told by an exception.
    pub fn broken(error: &ConfigError) -> Self {
        let nobody = Decision { level: Level::Disabled, decided_by: "config error", note: None };
        let outcome = Outcome::Degraded { tier: 0, reason: error.to_string() };
        Self { outcome, ..Self::off(&nobody) }
    }
}
