//! Why a project may export.

/// Why a project may export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// All settings are the user's own.
    OwnSettings,
    /// Only anonymous numbers are sent, and the receiver is on this machine.
    Loopback,
    /// An administrator manages the machine: `CCXRAY_OTEL_TRUST`.
    Managed,
    /// The user has approved exactly this config.
    Approved,
}

impl Approval {
    /// As text for the user.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OwnSettings => "your own settings",
            Self::Loopback => {
                "anonymous numbers to a receiver on this machine, which may forward them"
            }
            Self::Managed => "CCXRAY_OTEL_TRUST",
            Self::Approved => "approved by you",
        }
    }
}
