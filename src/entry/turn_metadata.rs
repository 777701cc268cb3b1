//! What a client says about its own request: Codex's turn metadata, and who makes the request.
//!
//! The metadata is a JSON object. It is in the body under `client_metadata`, where it is a string
//! that contains JSON, and the same is in a header. Identifiers and paths in it are not read.

use crate::catalog::{self, RequestRole};
use crate::entry::lenient::{Count, JsonText, Lenient, Object};
use crate::entry::turn::CompactionTrigger;
use serde::Deserialize;

/// A longer text, in bytes, is not read.
pub(super) const MAX_METADATA_BYTES: usize = 16 << 10;
/// A longer word, in bytes, is not kept for the report of unknown names.
const MAX_WORD_LENGTH: usize = 64;

/// Who makes a request, by the client's own statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestOrigin {
    /// The agent that the user talks to.
    Main,
    /// An agent that another agent started.
    Sub,
    /// It is beside the conversation.
    Side,
}

/// The fields of the turn metadata that are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TurnMetadata {
    /// What kind of request it is.
    kind: Option<Word>,
    /// What the thread is for.
    source: Option<Word>,
    /// Which kind of sub-agent it is.
    subagent: Option<Word>,
    /// Who started the compaction that the request belongs to.
    pub(super) trigger: Option<CompactionTrigger>,
    /// The number of the context window. Each compaction begins the next one.
    pub(super) window: Option<u64>,
}

/// A word of the metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Known(RequestRole),
    /// No catalog has it.
    Unknown(String),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MetadataBody<'a> {
    #[serde(borrow)]
    request_kind: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    thread_source: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    subagent_kind: Lenient<JsonText<'a>>,
    window_number: Lenient<Count>,
    #[serde(borrow)]
    compaction: Object<CompactionBody<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CompactionBody<'a> {
    #[serde(borrow)]
    trigger: Lenient<JsonText<'a>>,
}

impl TurnMetadata {
    /// Reads the metadata: an object, or a string that contains one. What is not readable says
    /// nothing.
    pub(super) fn read(json: &str) -> Self {
        let is_string = json.trim_start().starts_with('"');
        let text: Option<Lenient<JsonText<'_>>> =
            is_string.then(|| serde_json::from_str(json).ok()).flatten();
        let json = text.as_ref().map_or(json, |text| text.text_or_empty());
        if json.len() > MAX_METADATA_BYTES {
            return Self::default();
        }
        let Ok(Object(Some(body))) = serde_json::from_str::<Object<MetadataBody<'_>>>(json) else {
            return Self::default();
        };
        let compaction = body.compaction.0.unwrap_or_default();
        Self {
            kind: Word::read(&body.request_kind),
            source: Word::read(&body.thread_source),
            subagent: Word::read(&body.subagent_kind),
            trigger: match compaction.trigger.text() {
                Some("auto") => Some(CompactionTrigger::Auto),
                Some("manual") => Some(CompactionTrigger::Manual),
                _ => None,
            },
            window: body.window_number.count(),
        }
    }

    /// The same, with the fields of `other` where this one has none.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            kind: self.kind.or(other.kind),
            source: self.source.or(other.source),
            subagent: self.subagent.or(other.subagent),
            trigger: self.trigger.or(other.trigger),
            window: self.window.or(other.window),
        }
    }

    /// Only what is true for all requests of a connection.
    pub(super) fn of_connection(self) -> Self {
        Self { source: self.source, subagent: self.subagent, ..Self::default() }
    }

    /// Who makes the request; `None` if the metadata does not say.
    pub(super) fn origin(&self) -> Option<RequestOrigin> {
        let role = |word: &Option<Word>| match word {
            Some(Word::Known(role)) => Some(*role),
            _ => None,
        };
        let source = role(&self.source);
        let words = [source, role(&self.subagent), role(&self.kind)];
        // A new kind of request that no thread of a user or a sub-agent makes runs on its own.
        let is_detached = matches!(self.kind, Some(Word::Unknown(_)))
            && !matches!(source, Some(RequestRole::Main | RequestRole::Sub));
        if is_detached || words.contains(&Some(RequestRole::Side)) {
            Some(RequestOrigin::Side)
        } else if self.subagent.is_some() || source == Some(RequestRole::Sub) {
            Some(RequestOrigin::Sub)
        } else if source == Some(RequestRole::Main) {
            Some(RequestOrigin::Main)
        } else {
            None
        }
    }

    /// Whether it says that the request asks for a summary.
    pub(super) fn asks_for_summary(&self) -> bool {
        self.kind == Some(Word::Known(RequestRole::Compaction))
    }

    /// The words that no catalog has.
    pub(super) fn unknown_words(&self) -> impl Iterator<Item = &str> {
        [&self.kind, &self.source, &self.subagent].into_iter().filter_map(|word| match word {
            Some(Word::Unknown(word)) => Some(word.as_str()),
            _ => None,
        })
    }
}

impl Word {
    fn read(word: &Lenient<JsonText<'_>>) -> Option<Self> {
        let word = word.text()?;
        Some(match catalog::request_role(word) {
            Some(role) => Self::Known(role),
            None => Self::Unknown(word[..word.floor_char_boundary(MAX_WORD_LENGTH)].to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RequestOrigin::{Main, Side, Sub};

    #[test]
    fn the_metadata_says_who_makes_a_request() {
        for (json, origin) in [
            (r#"{"request_kind":"turn","thread_source":"user"}"#, Some(Main)),
            (r#"{"request_kind":"compaction","thread_source":"user"}"#, Some(Main)),
            (
                r#"{"request_kind":"turn","thread_source":"subagent","subagent_kind":"thread_spawn"}"#,
                Some(Sub),
            ),
            (r#"{"request_kind":"turn","subagent_kind":"acme"}"#, Some(Sub)),
            (
                r#"{"request_kind":"turn","thread_source":"subagent","subagent_kind":"guardian"}"#,
                Some(Side),
            ),
            (r#"{"request_kind":"turn","thread_source":"thread_title"}"#, Some(Side)),
            (r#"{"request_kind":"turn","thread_source":"guardian_review"}"#, Some(Side)),
            (r#"{"request_kind":"prewarm","thread_source":"user"}"#, Some(Side)),
            (r#"{"request_kind":"memory"}"#, Some(Side)),
            (r#"{"request_kind":"acme_digest"}"#, Some(Side)),
            (r#"{"request_kind":"acme_digest","thread_source":"acme"}"#, Some(Side)),
            (r#"{"request_kind":"acme_digest","thread_source":"user"}"#, Some(Main)),
            (r#"{"request_kind":"turn","thread_source":"acme"}"#, None),
            (r#"{"request_kind":"turn"}"#, None),
            ("{}", None),
            ("[]", None),
            ("{", None),
        ] {
            assert_eq!(TurnMetadata::read(json).origin(), origin, "{json}");
            let quoted = serde_json::to_string(json).unwrap();
            assert_eq!(TurnMetadata::read(&quoted).origin(), origin, "{quoted}");
        }
    }

    #[test]
    fn the_metadata_says_who_compacts() {
        let read = |json: &str| {
            let metadata = TurnMetadata::read(json);
            (metadata.asks_for_summary(), metadata.trigger, metadata.window)
        };
        let manual =
            r#"{"request_kind":"compaction","window_number":3,"compaction":{"trigger":"manual"}}"#;
        assert_eq!(read(manual), (true, Some(CompactionTrigger::Manual), Some(3)));
        let other =
            r#"{"request_kind":"compaction","window_number":-1,"compaction":{"trigger":"acme"}}"#;
        assert_eq!(read(other), (true, None, None));
        assert_eq!(read(r#"{"compaction":7}"#), (false, None, None));
    }

    #[test]
    fn a_huge_metadata_is_not_read() {
        let json =
            format!(r#"{{"request_kind":"memory","x":"{}"}}"#, "a".repeat(MAX_METADATA_BYTES));
        assert_eq!(TurnMetadata::read(&json), TurnMetadata::default());
        let word = format!(r#"{{"request_kind":"{}"}}"#, "é".repeat(5000));
        let metadata = TurnMetadata::read(&word);
        assert!(metadata.unknown_words().all(|word| word.len() <= MAX_WORD_LENGTH));
    }
}
