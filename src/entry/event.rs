//! One event of a stream, on any wire.

use crate::entry::anthropic::{AnthropicParts, Block, Delta, MessageStart};
use crate::entry::error_body::{Code, ErrorField, ReportedError};
use crate::entry::event_quota::{self, EventHeaders, EventLimits};
use crate::entry::lenient::{Count, JsonText, Lenient, Object};
use crate::entry::quota::Quotas;
use crate::entry::responses::{Envelope, Item, ResponsesParts};
use crate::entry::token_counts::InvocationMetrics;
use crate::entry::usage_block::UsageBlock;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The fields of events of all wires. Rare parts are boxed, because most events are small.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct StreamEvent<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Lenient<JsonText<'a>>,
    /// When the event arrived at the host, Unix milliseconds.
    #[serde(rename = "_ts")]
    pub(super) at: Lenient<Count>,
    index: Lenient<Count>,
    #[serde(borrow)]
    delta: Object<Delta<'a>>,
    #[serde(borrow)]
    message: Object<Box<MessageStart<'a>>>,
    usage: Object<Box<UsageBlock>>,
    #[serde(rename = "amazon-bedrock-invocationMetrics")]
    invocation_metrics: Object<Box<InvocationMetrics>>,
    #[serde(borrow)]
    content_block: Object<Box<Block<'a>>>,
    #[serde(borrow)]
    item: Object<Box<Item<'a>>>,
    #[serde(borrow)]
    response: Object<Box<Envelope<'a>>>,
    #[serde(borrow)]
    item_id: Lenient<JsonText<'a>>,
    output_index: Lenient<Count>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    error: ErrorField<'a>,
    #[serde(borrow)]
    code: Code<'a>,
    #[serde(borrow)]
    status: Code<'a>,
    #[serde(borrow)]
    status_code: Code<'a>,
    rate_limits: Object<Box<EventLimits>>,
    #[serde(borrow)]
    metered_limit_name: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    limit_name: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    headers: EventHeaders<'a>,
    /// What the object is, on a wire whose events have no type.
    #[serde(borrow)]
    pub(super) object: Lenient<JsonText<'a>>,
    /// The event itself, where the host records frames: on the Responses wire over HTTP.
    #[serde(borrow)]
    pub(super) data: Object<Box<StreamEvent<'a>>>,
}

impl<'a> StreamEvent<'a> {
    /// The error in it: that of the field `error`, or else, if `is_error` says that the event is
    /// one, what the event itself says. `None` if it has no error.
    pub(super) fn error(&self, is_error: bool) -> Option<ReportedError> {
        let own = || ReportedError::of(&[&self.code, &self.status_code, &self.status]);
        let mut error = self.error.reported().or_else(|| is_error.then(ReportedError::default))?;
        if error.word.is_none() {
            error.word = own().word;
        }
        error.status = error.status.or_else(|| own().status);
        Some(error)
    }

    /// The quotas in it.
    pub(super) fn quotas(&self) -> Quotas {
        let limit = self.metered_limit_name.text().or(self.limit_name.text());
        event_quota::read(self.rate_limits.0.as_deref(), limit, &self.headers)
    }

    /// Whether it can have quotas.
    pub(super) fn has_limits(&self) -> bool {
        self.rate_limits.0.is_some() || self.headers.0.is_some()
    }

    /// The parts that the Anthropic wire uses.
    pub(super) fn anthropic(&self) -> AnthropicParts<'_, 'a> {
        AnthropicParts {
            index: self.index.count(),
            delta: self.delta.0.as_ref(),
            message: self.message.0.as_deref(),
            usage: self.usage.0.as_deref(),
            invocation_metrics: self.invocation_metrics.0.as_deref(),
            content_block: self.content_block.0.as_deref(),
        }
    }

    /// The parts that the Responses wire uses.
    pub(super) fn responses(&self) -> ResponsesParts<'_, 'a> {
        ResponsesParts {
            item: self.item.0.as_deref(),
            response: self.response.0.as_deref(),
            item_id: self.item_id.text(),
            output_index: self.output_index.count(),
            arguments: self.arguments,
            input: self.input.text(),
        }
    }
}
