//! Whether a project exports, and everything that `status` shows about it.

use crate::config::approval::approval::Approval;
use crate::config::approval::basis::{PendingApproval, RecordedApproval};
use crate::config::error::ConfigError;
use crate::config::resolve::config::Config;
use crate::config::value::source::Setting;
use crate::config::value::tier::Level;

/// Whether a project exports.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It exports.
    On(Box<Config>),
    /// It does not export, because a side turns it off or the user has not approved it.
    Off {
        /// For `status`, in one line.
        reason: String,
    },
    /// It cannot export, although it should.
    Degraded {
        /// The tier that all sides allow.
        tier: u8,
        /// For `status`, in one line.
        reason: String,
    },
}

/// An [`Outcome`], and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// Whether the project exports.
    pub outcome: Outcome,
    /// The tier that all sides allow. The effective tier may be lower.
    pub level: Level,
    /// Which side decides the tier.
    pub decided_by: &'static str,
    /// Why the project may export; `None` if telemetry is off.
    pub approval: Option<Approval>,
    /// What the user has approved, if that is recorded.
    pub recorded: Option<RecordedApproval>,
    /// What the user still has to approve.
    pub pending: Option<PendingApproval>,
    /// Each setting that is set, without secrets.
    pub settings: Vec<Setting>,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// The command that shows the warnings; `None` if there can be none.
    pub status_command: Option<String>,
    /// Whether this launch asks for no line on standard error.
    pub is_quiet: bool,
}

impl Resolution {
    /// Of a project that does not export.
    pub(crate) fn off(decided_by: &'static str, reason: String) -> Self {
        Self {
            outcome: Outcome::Off { reason },
            level: Level::Disabled,
            decided_by,
            approval: None,
            recorded: None,
            pending: None,
            settings: Vec::new(),
            warnings: Vec::new(),
            status_command: None,
            is_quiet: false,
        }
    }

    /// Of a project whose config could not be read, for this reason.
    pub fn unread(reason: &str) -> Self {
        let outcome = Outcome::Degraded { tier: 0, reason: reason.to_owned() };
        Self { outcome, ..Self::off("config error", String::new()) }
    }

    /// Of a project whose config cannot be used, when there is no caller to receive an exception.
    pub fn broken(error: &ConfigError) -> Self {
        let outcome = Outcome::Degraded { tier: 0, reason: error.to_string() };
        Self { outcome, ..Self::off("config error", String::new()) }
    }
}
