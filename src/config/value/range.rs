//! Settings that are numbers within a range.

use serde::Deserialize;

/// A number that must be within its range.
macro_rules! ranged {
    ($(#[$doc:meta])* $name:ident($number:ty), $least:literal, $most:literal, $from:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[cfg_attr(test, schemars(inline, extend("minimum" = $least, "maximum" = $most)))]
        #[serde(try_from = $from)]
        pub(crate) struct $name(pub(crate) $number);

        impl TryFrom<$number> for $name {
            type Error = String;

            fn try_from(number: $number) -> Result<Self, String> {
                if ($least..=$most).contains(&number) {
                    Ok(Self(number))
                } else {
                    Err(format!("{number} is out of range. Use {} to {}.", $least, $most))
                }
            }
        }
    };
}

ranged!(
    /// Seconds between exports.
    IntervalSeconds(f64), 1.0, 3600.0, "f64"
);
ranged!(
    /// Seconds that one export may take.
    TimeoutSeconds(f64), 1.0, 60.0, "f64"
);
ranged!(
    /// Kibibytes of a request before compression.
    RequestKibibytes(u64), 16, 65_536, "u64"
);
ranged!(
    /// How many different values an attribute may have.
    CardinalityLimit(u64), 1, 500, "u64"
);
ranged!(
    /// Entries in the queue.
    QueueEntries(u64), 1, 65_536, "u64"
);
ranged!(
    /// Mebibytes in the queue.
    QueueMebibytes(u64), 1, 1024, "u64"
);
ranged!(
    /// Mebibytes of a log file.
    LogMebibytes(u64), 1, 100, "u64"
);
ranged!(
    /// Log files that are kept.
    LogFiles(u64), 0, 20, "u64"
);

impl RequestKibibytes {
    pub(crate) fn bytes(self) -> usize {
        // It is far below the address space of any machine.
        usize::try_from(self.0 << 10).unwrap_or(usize::MAX)
    }
}
