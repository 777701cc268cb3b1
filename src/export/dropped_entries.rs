//! Entries that the queue dropped, as a metric.

use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::measurement::{ABSENT, MeasuredValue, Measurement};
use crate::metrics::registry::Metric;
use crate::project::Project;
use crate::record::queue::DropReason;
use crate::record::statistics::Statistics;
use crate::util::clock::Timestamp;
use std::cell::RefCell;
use std::sync::{Arc, Weak};

/// Entries dropped at the queue are the whole process's; one project tells of them, so that they
/// are reported once.
pub(super) struct DroppedEntries {
    statistics: Arc<Statistics>,
    reported: RefCell<Reported>,
}

struct Reported {
    by: Weak<Project>,
    counts: [u64; DropReason::ALL.len()],
}

impl DroppedEntries {
    pub(super) fn of(statistics: Arc<Statistics>) -> Self {
        let reported = Reported { by: Weak::new(), counts: [0; DropReason::ALL.len()] };
        Self { statistics, reported: RefCell::new(reported) }
    }

    pub(super) fn report(&self, project: &Arc<Project>, now: Timestamp) {
        let counts = self.statistics.observe(now);
        let mut reported = self.reported.borrow_mut();
        match reported.by.upgrade() {
            None => reported.by = Arc::downgrade(project),
            Some(by) if Arc::ptr_eq(&by, project) => {}
            Some(_) => return,
        }
        for (i, reason) in DropReason::ALL.into_iter().enumerate() {
            let more = counts.dropped[i].saturating_sub(reported.counts[i]);
            if more > 0 {
                project.record(Measurement {
                    metric: Metric::EntriesDropped,
                    attributes: [AttributeValue::constant(reason.as_str()), ABSENT, ABSENT],
                    value: MeasuredValue::Count(more),
                });
            }
        }
        reported.counts = counts.dropped;
    }
}
