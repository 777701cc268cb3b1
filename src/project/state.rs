//! The five states of a project.

use serde::{Serialize, Serializer};

/// The state of one project's telemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is collected and nothing is sent.
    Disabled,
    /// Turns are counted and exported.
    Active,
    /// It should be active, and a part of it cannot work.
    Degraded,
    /// Too many exports failed; the next trial has to wait.
    CircuitOpen,
    /// One trial export is under way.
    HalfOpen,
}

impl State {
    /// All states, in the order of [`crate::metrics::registry::STATES`].
    pub const ALL: [Self; 5] =
        [Self::Disabled, Self::Active, Self::Degraded, Self::CircuitOpen, Self::HalfOpen];

    /// The name in `status` and on the wire.
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
    fn names_are_those_of_the_registry() {
        assert_eq!(State::ALL.map(State::as_str), crate::metrics::registry::STATES);
    }
}
