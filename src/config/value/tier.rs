//! How much may be sent.

use crate::config::value::text::Text;
use serde::Deserialize;

/// A tier as a file or a variable sets it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(inline, with = "u64", extend("enum" = [0, 1, 2])))]
#[serde(try_from = "u64")]
pub enum Level {
    /// 0: nothing.
    Disabled,
    /// 1: anonymous numbers of the project.
    Anonymous,
    /// 2: the same, with a name that the user chooses.
    Named,
}

impl Level {
    /// The number in files and in `status`.
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
            other => Err(format!("{other} is not a tier. Use 0, 1 or 2.")),
        }
    }
}

/// The effective tier of a project that exports. Only tier 2 has an identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Tier {
    /// Tier 1.
    Anonymous,
    /// Tier 2.
    Named {
        /// `enduser.id`: a string that the user chooses.
        identity: Text,
    },
}

impl Tier {
    /// The number in files and in `status`.
    pub const fn number(&self) -> u8 {
        match self {
            Self::Anonymous => 1,
            Self::Named { .. } => 2,
        }
    }
}
