//! The developer's texts in a request of Codex: what the agent may do without asking, and its
//! collaboration mode.

use crate::catalog;
use crate::entry::message::prefix;

/// How much of the text about permissions is read, in UTF-16 code units.
const PERMISSION_UNITS: usize = 16_384 - PERMISSIONS.len();
/// A longer word, in bytes, is not kept for the report of unknown names.
const MAX_WORD_LENGTH: usize = 64;
/// What marks the developer's text about permissions.
const PERMISSIONS: &str = "<permissions instructions>";
/// What begins the developer's text about a collaboration mode.
const COLLABORATION: &str = "<collaboration_mode>";

/// The permission policy in instructions to Codex.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    /// The catalog's own copy of its name.
    Known(&'static str),
    /// A name that no catalog has, cut at 64 bytes.
    Unknown(String),
    /// There is no name in a known form.
    Unreadable,
}

impl Policy {
    /// The policy in a developer's text; `None` if the text is not about permissions.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let (_, instructions) = text.split_once(PERMISSIONS)?;
        Some(Self::read(prefix(instructions, PERMISSION_UNITS)))
    }

    fn read(instructions: &str) -> Self {
        let Some(word) = catalog::permission_policy(instructions) else { return Self::Unreadable };
        match catalog::permission_mode(word) {
            Some(name) => Self::Known(name),
            None => Self::Unknown(word[..word.floor_char_boundary(MAX_WORD_LENGTH)].to_owned()),
        }
    }
}

/// Whether the last collaboration mode in a developer's text is the one in which Codex only plans.
/// `None` if the text has none.
pub(super) fn collaboration_plan(text: &str) -> Option<bool> {
    let blank = text.len() - text.trim_start().len();
    // A text that only mentions the tag does not begin a line with it. The blanks before a tag are
    // walked over once, however many tags there are.
    let begins_line =
        |at: usize| at <= blank || text[..at].trim_end_matches([' ', '\t']).ends_with('\n');
    let (at, tag) = text.rmatch_indices(COLLABORATION).find(|(at, _)| begins_line(*at))?;
    Some(catalog::is_plan_heading(text[at + tag.len()..].trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_set_the_permission_policy() {
        let text = |policy: &str, sandbox: &str| {
            format!(
                "<permissions instructions>\n`sandbox_mode` is `{sandbox}`: ... Approval policy is currently {policy}.\n</permissions instructions>"
            )
        };
        for (text, policy) in [
            (text("never", "workspace-write"), Some(Policy::Known("never"))),
            (text("never", "danger-full-access"), Some(Policy::Known("full-access"))),
            (text(&"a".repeat(1 << 20), "x"), Some(Policy::Unknown("a".repeat(64)))),
            ("<permissions instructions>Approvals: auto.".to_owned(), Some(Policy::Unreadable)),
            ("Approval policy is currently never.".to_owned(), None),
        ] {
            assert_eq!(Policy::of_text(&text), policy);
        }
    }

    #[test]
    fn the_last_collaboration_mode_counts() {
        for (text, plan) in [
            ("<collaboration_mode># Plan Mode (Conversational)\nx", Some(true)),
            ("<collaboration_mode>\n# Plan Mode\nx", Some(true)),
            ("more\n<collaboration_mode># Collaboration Mode: Plan", Some(true)),
            (" \t<collaboration_mode># Collaboration Mode: Plan", Some(true)),
            ("\u{a0}\n \u{a0}<collaboration_mode># Collaboration Mode: Plan", Some(true)),
            ("x\n\t <collaboration_mode># Collaboration Mode: Plan", Some(true)),
            ("<collaboration_mode># Collaboration Mode: Default\nx", Some(false)),
            ("<collaboration_mode>", Some(false)),
            ("<collaboration_mode># Default\n<collaboration_mode># Plan Mode", Some(true)),
            ("<collaboration_mode># Default <collaboration_mode># Plan Mode", Some(false)),
            ("see the tag <collaboration_mode># Plan Mode", None),
            ("# Plan Mode", None),
        ] {
            assert_eq!(collaboration_plan(text), plan, "{text:?}");
        }
    }
}
