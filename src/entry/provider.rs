//! Who serves a call.

/// Who served a call, as a person would say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provider {
    /// Anthropic, for Claude.
    Anthropic,
    /// `OpenAI`, for Codex.
    OpenAi,
    /// xAI, for Grok.
    Xai,
    /// Anyone else.
    Other,
}

impl Provider {
    /// The provider of which a catalog has this word.
    pub(super) fn of(word: &str) -> Option<Self> {
        [Self::Anthropic, Self::OpenAi, Self::Xai].into_iter().find(|it| it.as_str() == word)
    }

    /// The attribute's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::Xai => "xai",
            Self::Other => "other",
        }
    }
}
