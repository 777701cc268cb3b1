//! One event of a stream, on any wire.

use crate::entry::anthropic::{AnthropicParts, Block, Delta, MessageStart};
use crate::entry::error_body::ErrorBody;
use crate::entry::lenient::{Count, JsonText, Lenient, Object};
use crate::entry::responses::{Envelope, Item, ResponsesParts};
use crate::entry::token_counts::InvocationMetrics;
use crate::entry::usage_block::UsageBlock;
use serde::Deserialize;

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
    message: Object<Box<MessageStart>>,
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
    error: Object<Box<ErrorBody<'a>>>,
    #[serde(borrow)]
    code: Lenient<JsonText<'a>>,
    /// The event itself, where the host records frames: on the Responses wire over HTTP.
    #[serde(borrow)]
    pub(super) data: Object<Box<StreamEvent<'a>>>,
}

impl<'a> StreamEvent<'a> {
    /// The type of the error in an `error` event; empty if the event does not contain it.
    pub(super) fn error_type(&self) -> String {
        let nested = self.error.0.as_ref().and_then(|error| error.error_type());
        nested.or_else(|| self.code.text().map(str::to_owned)).unwrap_or_default()
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
        ResponsesParts { item: self.item.0.as_deref(), response: self.response.0.as_deref() }
    }
}
