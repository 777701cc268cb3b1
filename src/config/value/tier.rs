//! How much may leave.

use crate::config::value::text::Text;
use serde::Deserialize;

/// How much a side allows.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(inline, with = "u64", extend("enum" = [0, 1, 2])))]
#[serde(try_from = "u64")]
pub enum Level {
    /// 0: nothing.
    Disabled,
    /// 1: numbers of the project, of nobody in particular.
    Anonymous,
    /// 2: the same, with a name that the engineer chose.
    Named,
}

impl Level {
    /// The number that stands in files and in `status`.
    pub const fn number(self) -> u8 {
        match self {
            Self::Disabled => 0,
            Self::Anonymous => 1,
            Self::Named => 2,
        }
    }
}

impl TryFrom<u64> for Level {
    type Error = String;

    fn try_from(number: u64) -> Result<Self, String> {
        match number {
            0 => Ok(Self::Disabled),
            1 => Ok(Self::Anonymous),
            2 => Ok(Self::Named),
            other => Err(format!("{other} is no tier (expected 0, 1 or 2)")),
        }
    }
}

/// The effective tier of a project that is switched on. Tier 1 has no place for an identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Tier {
    /// Tier 1.
    Anonymous,
    /// Tier 2.
    Named {
        /// `enduser.id`: a string that the engineer chose.
        identity: Text,
    },
}

impl Tier {
    /// The number that stands in files and in `status`.
    pub const fn number(&self) -> u8 {
        match self {
            Self::Anonymous => 1,
            Self::Named { .. } => 2,
        }
    }
}
