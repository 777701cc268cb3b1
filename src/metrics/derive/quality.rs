//! The family "Quality": errors, stop reasons, durations and quotas.

use crate::metrics::attribute_value::AttributeValue;
use crate::metrics::derive::rules::{Rules, one, two};
use crate::metrics::registry::Metric;

impl Rules<'_> {
    pub(super) fn errors(&mut self) {
        if let Some(error) = &self.turn.error {
            let attributes = two(self.gate.error_type(error), self.provider.clone());
            self.count(Metric::Errors, attributes, 1);
        }
    }

    pub(super) fn durations(&mut self) {
        if let Some(duration) = self.turn.duration {
            let milliseconds = duration.as_secs_f64() * 1e3;
            self.amount(Metric::LatencyMs, self.by_model_and_provider(), milliseconds);
            let seconds = duration.as_secs_f64();
            self.amount(Metric::RequestDuration, self.by_model_and_provider(), seconds);
        }
        if let Some(time) = self.turn.time_to_first_token {
            let seconds = time.as_secs_f64();
            self.amount(Metric::TimeToFirstToken, self.by_model_and_provider(), seconds);
        }
    }

    pub(super) fn quotas(&mut self) {
        for quota in &self.turn.quotas {
            let window = AttributeValue::constant(quota.window.as_str());
            let attributes = two(window, self.provider.clone());
            self.amount(Metric::QuotaUtilization, attributes, quota.utilization);
        }
    }

    pub(super) fn stop_reason(&mut self) {
        if let Some(reason) = &self.turn.stop_reason {
            self.count(Metric::StopReason, one(self.gate.stop_reason(reason)), 1);
        }
        if self.turn.hit_max_tokens {
            self.count(Metric::MaxTokensHit, one(self.model.clone()), 1);
        }
    }

    pub(super) fn tool_failures(&mut self) {
        if let Some(failed @ 1..) = self.turn.failed_tool_results {
            self.count(Metric::ToolFailures, self.by_provider(), failed);
        }
    }
}
