//! The line with which Claude Code begins its system prompt: its version, and whether a sub-agent
//! makes the request.

use crate::entry::message::prefix;

/// How much of the system prompt's first block is read, in UTF-16 code units. The host's excerpt of
/// a request has as much.
const MAX_UNITS: usize = 256;
/// A longer text, in bytes, is not a version.
const MAX_VERSION_LENGTH: usize = 24;
/// How the line begins where its client writes all of it.
const LINE: &str = "x-anthropic-billing-header:";
const VERSION: &str = "cc_version=";
const SUBAGENT: &str = "cc_is_subagent=";
/// The first version of which it is known that it names its sub-agents. Older ones may not.
const NAMES_SUBAGENTS: [u32; 3] = [2, 1, 197];

/// What the line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BillingLine {
    version: Option<[u32; 3]>,
    /// A sub-agent makes the request (`true`), or the main agent; `None` if the line does not say.
    pub(super) subagent: Option<bool>,
}

impl BillingLine {
    /// Reads the first block of a system prompt. `None` if it has no such line.
    pub(super) fn read(block: &str) -> Option<Self> {
        let block = prefix(block, MAX_UNITS);
        let (_, rest) = block.split_once(VERSION)?;
        let version = Version::read(rest);
        let flag = block.split(';').find_map(|field| field.trim().strip_prefix(SUBAGENT));
        // The absence of the flag says something only in a line as the client itself writes it: the
        // version ends with a fingerprint of the conversation there.
        let is_complete = block.starts_with(LINE)
            && version.is_some_and(|it| it.has_fingerprint && it.numbers >= NAMES_SUBAGENTS);
        let subagent = match flag {
            Some(flag) => Some(flag == "true"),
            None => is_complete.then_some(false),
        };
        Some(Self { version: version.map(|version| version.numbers), subagent })
    }

    /// The version as text: `1.2.3`.
    pub(super) fn version(self) -> Option<String> {
        self.version.map(|[major, minor, patch]| format!("{major}.{minor}.{patch}"))
    }
}

/// `<major>.<minor>.<patch>`, perhaps followed by `.<fingerprint>`. The fingerprint is not kept.
#[derive(Clone, Copy)]
struct Version {
    numbers: [u32; 3],
    has_fingerprint: bool,
}

impl Version {
    fn read(text: &str) -> Option<Self> {
        let end = text.find(|it: char| it == ';' || it.is_whitespace()).unwrap_or(text.len());
        let text = &text[..end];
        let mut parts = text.split('.');
        let mut number = || parts.next()?.parse().ok();
        let numbers = [number()?, number()?, number()?];
        let has_fingerprint = parts.next().is_some_and(|part| !part.is_empty());
        (text.len() <= MAX_VERSION_LENGTH).then_some(Self { numbers, has_fingerprint })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_who_makes_the_request() {
        let line = |rest: &str| format!("x-anthropic-billing-header: cc_version={rest}");
        for (text, subagent) in [
            (line("2.1.197.0ab; cc_entrypoint=sdk-cli;"), Some(false)),
            (line("2.1.197.0ab; cc_entrypoint=sdk-cli; cc_is_subagent=true;"), Some(true)),
            (line("2.1.197.0ab; cc_is_subagent=true"), Some(true)),
            (line("2.2.0.fff; cc_entrypoint=cli; cc_is_subagent=false;"), Some(false)),
            (line("3.0.0.fff; cc_entrypoint=cli;"), Some(false)),
            (line("2.1.196.0ab; cc_entrypoint=cli;"), None),
            (line("2.1.206; cc_entrypoint=cli;"), None),
            (line("2.1.206; cc_entrypoint=cli; cc_is_subagent=true;"), Some(true)),
            ("x-billing: cc_version=2.1.240.0ab;".to_owned(), None),
        ] {
            assert_eq!(BillingLine::read(&text).unwrap().subagent, subagent, "{text}");
        }
        assert_eq!(BillingLine::read("You are an agent"), None);
        let far = format!("{}{}", " ".repeat(300), line("2.1.197.0ab;"));
        assert_eq!(BillingLine::read(&far), None);
    }

    #[test]
    fn a_version_is_three_numbers() {
        for (text, version) in [
            ("cc_version=2.1.7.df2; y", Some("2.1.7")),
            ("cc_version=2.1.7;", Some("2.1.7")),
            ("cc_version=2.1;", None),
            ("cc_version=2.1.x;", None),
            ("cc_version=;", None),
            ("cc_version=1.2.3.aaaaaaaaaaaaaaaaaaaaaaaa;", None),
        ] {
            let read = BillingLine::read(text).unwrap().version();
            assert_eq!(read.as_deref(), version, "{text}");
        }
    }
}
