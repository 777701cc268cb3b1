//! One event of a stream, on any wire.

use crate::entry::anthropic::{self, Block, Delta, MessageStart};
use crate::entry::error_body::ErrorBody;
use crate::entry::lenient::{Count, Lenient, Object, Text};
use crate::entry::responses::{self, Envelope, Item};
use crate::entry::token_counts::TokenCounts;
use serde::Deserialize;

/// The fields that any wire's events have. Rare parts are boxed, because most events are tiny.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct StreamEvent<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Lenient<Text<'a>>,
    /// When it arrived at the host, Unix milliseconds.
    #[serde(rename = "_ts")]
    pub(super) at: Lenient<Count>,
    index: Lenient<Count>,
    #[serde(borrow)]
    delta: Object<Delta<'a>>,
    message: Object<Box<MessageStart>>,
    usage: Object<TokenCounts>,
    #[serde(borrow)]
    content_block: Object<Box<Block<'a>>>,
    #[serde(borrow)]
    item: Object<Box<Item<'a>>>,
    #[serde(borrow)]
    response: Object<Box<Envelope<'a>>>,
    #[serde(borrow)]
    error: Object<Box<ErrorBody<'a>>>,
    #[serde(borrow)]
    code: Lenient<Text<'a>>,
    /// Over HTTP the host records the Responses wire as frames, with the event itself in here.
    #[serde(borrow)]
    pub(super) data: Object<Box<StreamEvent<'a>>>,
}

impl<'a> StreamEvent<'a> {
    /// The type of the error that an `error` event reports; empty if it has none.
    pub(super) fn error_type(&self) -> String {
        let nested = self.error.0.as_ref().and_then(|error| error.kind());
        nested.or_else(|| self.code.text().map(str::to_owned)).unwrap_or_default()
    }

    /// The parts that Anthropic's wire uses.
    pub(super) fn anthropic(&self) -> anthropic::EventParts<'_, 'a> {
        anthropic::EventParts {
            index: self.index.count(),
            delta: self.delta.0.as_ref(),
            message: self.message.0.as_deref(),
            usage: self.usage.0,
            content_block: self.content_block.0.as_deref(),
        }
    }

    /// The parts that the Responses wire uses.
    pub(super) fn responses(&self) -> responses::EventParts<'_, 'a> {
        responses::EventParts { item: self.item.0.as_deref(), response: self.response.0.as_deref() }
    }
}
