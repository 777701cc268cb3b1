//! The headers of a request in which a client says who it is. Their values are never exported or
//! logged.

use crate::catalog::{self, RequestRole};
use crate::entry::turn_metadata::{MAX_METADATA_BYTES, RequestOrigin, TurnMetadata};

const CLAUDE_AGENT: &str = "x-claude-code-agent-id";
const METADATA: &str = "x-codex-turn-metadata";
const SUBAGENT: &str = "x-openai-subagent";
/// Headers that contain the id of the session, the best one first.
const SESSIONS: [&str; 3] = ["x-claude-code-session-id", "session-id", "thread-id"];
const NAMES: [&str; 6] = [CLAUDE_AGENT, METADATA, SUBAGENT, SESSIONS[0], SESSIONS[1], SESSIONS[2]];
/// The longest value of a header other than the metadata, in bytes.
const MAX_VALUE_BYTES: usize = 256;
/// Values of the header for sub-agents that deny that there is one.
const DENIALS: [&str; 3] = ["0", "false", "no"];

/// The names of the headers that are read, in lower case.
pub fn request_header_names() -> impl Iterator<Item = &'static str> {
    NAMES.into_iter()
}

/// The longest value that is read of the header `name`, in bytes.
pub fn max_header_bytes(name: &str) -> usize {
    if name == METADATA { MAX_METADATA_BYTES } else { MAX_VALUE_BYTES }
}

/// What the headers of a request say.
#[derive(Debug, Default)]
pub(super) struct HeaderFacts {
    /// Who makes the request, by headers other than the metadata.
    pub(super) origin: Option<RequestOrigin>,
    /// They say that the request asks for a summary.
    pub(super) asks_for_summary: bool,
    pub(super) metadata: TurnMetadata,
    /// The id of the session.
    pub(super) session: Option<String>,
}

/// Reads headers, as pairs of a name in lower case and a value.
pub(super) fn read(headers: &[(String, String)]) -> HeaderFacts {
    let value = |name: &str| {
        let header = headers.iter().find(|(known, _)| known == name);
        header.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    };
    let label = value(SUBAGENT).filter(|value| !DENIALS.contains(&value.to_lowercase().as_str()));
    let role = label.and_then(catalog::request_role);
    let asks_for_summary = role == Some(RequestRole::Compaction);
    let origin = if role == Some(RequestRole::Side) {
        Some(RequestOrigin::Side)
    } else {
        let is_sub = value(CLAUDE_AGENT).is_some() || (label.is_some() && !asks_for_summary);
        is_sub.then_some(RequestOrigin::Sub)
    };
    HeaderFacts {
        origin,
        asks_for_summary,
        metadata: value(METADATA).map(TurnMetadata::read).unwrap_or_default(),
        session: SESSIONS.into_iter().find_map(value).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_who_makes_a_request() {
        use RequestOrigin::{Side, Sub};
        for (name, value, origin) in [
            ("x-claude-code-agent-id", "a1", Some(Sub)),
            ("x-claude-code-agent-id", "", None),
            ("x-openai-subagent", "review", Some(Sub)),
            ("x-openai-subagent", "collab_spawn", Some(Sub)),
            ("x-openai-subagent", "acme", Some(Sub)),
            ("x-openai-subagent", "guardian", Some(Side)),
            ("x-openai-subagent", "compact", None),
            ("x-openai-subagent", "False", None),
            ("x-openai-subagent", "0", None),
            ("session-id", "s", None),
        ] {
            let facts = read(&[(name.to_owned(), value.to_owned())]);
            assert_eq!(facts.origin, origin, "{name}: {value}");
        }
    }

    #[test]
    fn only_the_metadata_may_be_long() {
        let long: Vec<&str> =
            request_header_names().filter(|name| max_header_bytes(name) > 256).collect();
        assert_eq!(long, [METADATA]);
    }

    #[test]
    fn the_session_has_a_best_header() {
        let header = |name: &str| (name.to_owned(), format!("from {name}"));
        let session =
            |names: &[&str]| read(&names.iter().copied().map(header).collect::<Vec<_>>()).session;
        assert_eq!(session(&["thread-id", "session-id"]).as_deref(), Some("from session-id"));
        assert_eq!(session(&["thread-id"]).as_deref(), Some("from thread-id"));
        assert_eq!(session(&["x-openai-subagent"]), None);
    }
}
