//! The five states of a project.

use serde::{Serialize, Serializer};

/// The state of one project's telemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Telemetry is off.
    Disabled,
    /// Turns are recorded and exported.
    Active,
    /// The project should export, and cannot; or one of the threads has failed.
    Degraded,
    /// Five exports in a row failed. Nothing is sent until the cooldown is over.
    CircuitOpen,
    /// One trial export is running.
    HalfOpen,
}

impl State {
    /// All states, in the order of [`crate::metrics::registry::STATES`].
    pub const ALL: [Self; 5] =
        [Self::Disabled, Self::Active, Self::Degraded, Self::CircuitOpen, Self::HalfOpen];

    /// The name in `status` and the attribute value of `ccxray.otel.state`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Active => "active",
            Self::Degraded => "degraded",
            Self::CircuitOpen => "circuit_open",
            Self::HalfOpen => "half_open",
        }
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_registry() {
        assert_eq!(State::ALL.map(State::as_str), crate::metrics::registry::STATES);
    }
}
