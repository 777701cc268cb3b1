//! The one place that decides the state of a project: from its config, from this process, and from its exports.

use crate::config::{Outcome, printable};
use crate::project::exports::Exports;
use crate::project::state::State;

/// Why this process does not export a project, whatever its config says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// `shutdown` was called.
    ShutDown,
    /// This process already exports as many projects as it can.
    TooManyProjects,
    /// The system refused to start a thread.
    NoThread,
    /// The limit on the address space of this process leaves too little for threads.
    NoRoom,
}

impl Obstacle {
    const fn state(self) -> State {
        match self {
            Self::ShutDown => State::Disabled,
            Self::TooManyProjects | Self::NoThread | Self::NoRoom => State::Degraded,
        }
    }

    /// The reason that a user reads.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ShutDown => "shut down",
            Self::TooManyProjects => "this process already exports as many projects as it can",
            Self::NoThread => "the system refused to start a thread",
            Self::NoRoom => {
                "the limit on the address space of this process (ulimit -v) is too low; raise it by 1 GB"
            }
        }
    }
}

/// The state of a project, with the reason why it is not `active` or why its last export failed.
///
/// `exports` is `None` for a project that this process does not export (yet).
pub fn state_of(
    outcome: &Outcome,
    obstacle: Option<Obstacle>,
    exports: Option<&Exports>,
) -> (State, Option<String>) {
    match (outcome, obstacle) {
        (_, Some(obstacle @ Obstacle::ShutDown)) | (Outcome::On(_), Some(obstacle)) => {
            (obstacle.state(), Some(obstacle.reason().to_owned()))
        }
        (Outcome::Off { reason }, _) => (State::Disabled, Some(printable(reason))),
        (Outcome::Degraded { reason, .. }, _) => (State::Degraded, Some(printable(reason))),
        (Outcome::On(_), None) => exports.map_or((State::Active, None), Exports::state),
    }
}
