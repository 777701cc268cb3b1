//! The provider that serves a call.

/// The provider that served a call.
///
/// The values are those of OpenTelemetry's
/// [`gen_ai.provider.name`](https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/),
/// except that xAI is `xai` here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModelProvider {
    /// Anthropic, for Claude.
    Anthropic,
    /// `OpenAI`, for Codex.
    OpenAi,
    /// xAI, for Grok.
    Xai,
    /// Anyone else.
    Other,
}

impl ModelProvider {
    /// The provider with this attribute value; `None` if it is not one of them.
    pub(super) fn of(value: &str) -> Option<Self> {
        [Self::Anthropic, Self::OpenAi, Self::Xai].into_iter().find(|it| it.as_str() == value)
    }

    /// The attribute value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::Xai => "xai",
            Self::Other => "other",
        }
    }
}
