//! Why the data of an export was dropped.

/// Why the data of an export was dropped. Each reason has a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportDropReason {
    /// The backend rejected the request for good.
    Rejected,
    /// The backend accepted the request, but not all of its data points.
    PartialSuccess,
    /// The last export before the exit failed, and what it had could not be stored.
    Shutdown,
    /// It had waited in a file for too long.
    Expired,
    /// There was no room for it in the files of undelivered sums.
    StoreFull,
}

impl ExportDropReason {
    /// All reasons, in the order of the counters.
    pub const ALL: [Self; 5] =
        [Self::Rejected, Self::PartialSuccess, Self::Shutdown, Self::Expired, Self::StoreFull];

    /// The name in `status` and the attribute value of `ccxray.otel.exports_dropped_total`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::PartialSuccess => "partial_success",
            Self::Shutdown => "shutdown",
            Self::Expired => "expired",
            Self::StoreFull => "store_full",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_are_those_of_the_registry() {
        let names = ExportDropReason::ALL.map(ExportDropReason::as_str);
        assert_eq!(names, crate::metrics::registry::EXPORT_DROP_REASONS);
        for (i, reason) in ExportDropReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, i);
        }
    }
}
