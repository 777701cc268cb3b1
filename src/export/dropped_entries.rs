//! The metric of entries that were dropped before the worker thread could count them.

use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::measurement::{ABSENT, MeasuredValue, Measurement};
use crate::metrics::registry::Metric;
use crate::project::Project;
use crate::record::entry_counts::DropReason;
use crate::record::statistics::Statistics;
use crate::util::clock::Timestamp;
use std::cell::RefCell;
use std::sync::{Arc, Weak};

/// Reports dropped entries. The counts are those of the whole process, so only one project reports
/// them: the first that exports, and another one once that is closed.
pub(super) struct DroppedEntries {
    statistics: Arc<Statistics>,
    reported: RefCell<Reported>,
}

struct Reported {
    by: Weak<Project>,
    counts: [u64; DropReason::ALL.len()],
}

impl DroppedEntries {
    pub(super) fn new(statistics: Arc<Statistics>) -> Self {
        let reported = Reported { by: Weak::new(), counts: [0; DropReason::ALL.len()] };
        Self { statistics, reported: RefCell::new(reported) }
    }

    /// Records the entries that were dropped since the last report, if `project` is the one that
    /// reports them.
    pub(super) fn report(&self, project: &Arc<Project>, now: Timestamp) {
        let counts = self.statistics.observe(now);
        let mut reported = self.reported.borrow_mut();
        match reported.by.upgrade() {
            None => reported.by = Arc::downgrade(project),
            Some(by) if Arc::ptr_eq(&by, project) => {}
            Some(_) => return,
        }
        for (i, reason) in DropReason::ALL.into_iter().enumerate() {
            let increment = counts.dropped[i].saturating_sub(reported.counts[i]);
            if increment > 0 {
                project.record(Measurement {
                    metric: Metric::EntriesDropped,
                    attributes: [AttributeValue::constant(reason.as_str()), ABSENT, ABSENT],
                    value: MeasuredValue::Count(increment),
                });
            }
        }
        reported.counts = counts.dropped;
    }
}
