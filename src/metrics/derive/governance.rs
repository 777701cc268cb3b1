//! The family "Governance": permission modes, dangerous commands and file writes.

use crate::entry::ToolCall;
use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::derive::rules::{NONE, Rules, one};
use crate::metrics::registry::Metric;
use crate::metrics::sessions::SessionChange;

impl Rules<'_> {
    pub(super) fn permission_mode(&mut self, change: &SessionChange) {
        if let Some(mode) = &change.permission_mode {
            self.count(Metric::PermissionModeUsage, one(self.gate.permission_mode(mode)), 1);
        }
    }

    pub(super) fn dangerous_commands(&mut self, call: &ToolCall) {
        for class in &call.dangers {
            let attributes = one(AttributeValue::constant(class));
            self.count(Metric::DangerousToolInvocations, attributes, 1);
        }
    }

    pub(super) fn file_writes(&mut self, calls: &[ToolCall]) {
        let written = calls.iter().map(|call| call.files_written.saturating_mul(call.times));
        let written = written.fold(0, u64::saturating_add);
        if written > 0 {
            self.count(Metric::FileWrites, NONE, written);
        }
    }
}
