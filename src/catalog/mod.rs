//! The names this package knows: tools, skills, agent types, models, reasons, patterns.
//!
//! The data is in the JSON files beside this one; `build.rs` checks them and turns them into
//! sorted tables. A name that is not here may be private: `privacy` decides what becomes of it.

use memchr::memmem;
use regex_lite::Regex;
use std::cmp::Ordering;
use std::sync::LazyLock;

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// What a tool does, as far as a metric cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Nothing that a metric of its own counts.
    Plain,
    /// Runs a command line.
    Shell,
    /// Writes one file.
    Write,
    /// Writes the files named in a patch.
    Patch,
    /// Activates a skill.
    Skill,
    /// Starts a sub-agent.
    Agent,
}

/// What an agent type is to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentRole {
    /// The agent that the engineer talks to.
    Main,
    /// An agent that another agent started.
    Sub,
    /// A request beside the conversation, such as a title.
    Side,
}

/// What the tool called `name` does; `None` if no catalog has it.
pub fn tool(name: &str) -> Option<Role> {
    role(TOOLS, name)
}

/// The catalog's own copy of a known tool name.
pub fn tool_name(name: &str) -> Option<&'static str> {
    key(TOOLS, name)
}

/// The catalog's own copy of a widely published MCP server's name.
pub fn mcp_server(name: &str) -> Option<&'static str> {
    exact(MCP_SERVERS, name)
}

/// The catalog's own copy of a published skill's name.
pub fn skill(name: &str) -> Option<&'static str> {
    exact(SKILLS, name)
}

/// What the agent type called `name` is to a session.
pub fn agent_role(name: &str) -> Option<AgentRole> {
    role(AGENT_TYPES, name)
}

/// The catalog's own copy of a known agent type.
pub fn agent_type(name: &str) -> Option<&'static str> {
    key(AGENT_TYPES, name)
}

/// The catalog's own copy of a known stop reason.
pub fn stop_reason(name: &str) -> Option<&'static str> {
    exact(STOP_REASONS, name)
}

/// The catalog's own copy of a known error type.
pub fn error_type(name: &str) -> Option<&'static str> {
    exact(ERROR_TYPES, name)
}

/// The catalog's own copy of a known permission mode.
pub fn permission_mode(name: &str) -> Option<&'static str> {
    exact(PERMISSION_MODES, name)
}

/// The family that a model belongs to: `claude-haiku-4-5-20251001` is `claude-haiku-4-5`.
///
/// Whatever stands before the last `/`, or before a vendor's `anthropic.`, is a route and not a
/// model. A family must be followed by the end or by one of `-@:[`, so `gpt-50` is no `gpt-5`. The
/// longest family wins: `gpt-5.5-mini` is no `gpt-5`.
pub fn model_family(model: &str) -> Option<&'static str> {
    let model = model.rsplit('/').next().unwrap_or(model);
    let model = model.rsplit_once("anthropic.").map_or(model, |(_, model)| model);
    let ends = model.rmatch_indices(['-', '@', ':', '[']).map(|(at, _)| at);
    let ends = ends.filter(|end| !is_version(&model[*end..]));
    std::iter::once(model.len()).chain(ends).find_map(|end| exact(MODEL_FAMILIES, &model[..end]))
}

/// Whether a model's name goes on with a version: `-9` of `claude-opus-4-9`, which is no
/// `claude-opus-4`. More digits are a date, and `-0` is the family itself.
fn is_version(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix('-') else { return false };
    let word = rest.split(['-', '@', ':', '[']).next().unwrap_or(rest);
    word != "0" && (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The classes of dangerous commands that a command line falls into.
pub fn dangers(command: &str) -> impl Iterator<Item = &'static str> {
    static FINDERS: LazyLock<Vec<Finder>> = LazyLock::new(|| compiled(DANGERS));
    FINDERS.iter().filter(move |finder| finder.finds(command)).map(|finder| finder.class)
}

/// What kind of secret stands in `text`, if it has the form of one.
pub fn secret(text: &str) -> Option<&'static str> {
    static FINDERS: LazyLock<Vec<Finder>> = LazyLock::new(|| compiled(SECRETS));
    FINDERS.iter().find(|finder| finder.finds(text)).map(|finder| finder.class)
}

/// One class of texts. Its pattern is tried only where one of its words is there, which lets a
/// small pattern engine do.
struct Finder {
    class: &'static str,
    needs: &'static [&'static str],
    regex: Regex,
}

impl Finder {
    fn finds(&self, text: &str) -> bool {
        let has = |word: &&str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        self.needs.iter().any(has) && self.regex.is_match(text)
    }
}

fn compiled(rows: &[(&'static str, &'static [&'static str], &str)]) -> Vec<Finder> {
    let compiled = rows.iter().filter_map(|&(class, needs, regex)| {
        // `build.rs` has compiled the same pattern with the same engine.
        Some(Finder { class, needs, regex: Regex::new(regex).ok()? })
    });
    compiled.collect()
}

/// All classes that [`dangers`] can name.
pub fn danger_classes() -> &'static [&'static str] {
    DANGER_CLASSES
}

fn exact(table: &[&'static str], name: &str) -> Option<&'static str> {
    let found = table.binary_search_by(|key| order(key, name));
    found.ok().and_then(|at| table.get(at)).copied()
}

/// The order of strings, by their first eight bytes where these differ. Names are tried several
/// times per tool call, and calling out to compare a few bytes costs more than comparing them.
fn order(a: &str, b: &str) -> Ordering {
    head(a).cmp(&head(b)).then_with(|| a.cmp(b))
}

/// The first eight bytes as a number, padded with zeros as if the string went on with them.
fn head(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let taken = bytes.len().min(8);
    let head = bytes[..taken].iter().fold(0, |head, byte| head << 8 | u64::from(*byte));
    head << (8 * (8 - taken) % 64)
}

fn row<R: Copy>(table: &'static [(&'static str, R)], name: &str) -> Option<(&'static str, R)> {
    let found = table.binary_search_by(|(key, _)| order(key, name));
    found.ok().and_then(|at| table.get(at)).copied()
}

fn key<R: Copy>(table: &'static [(&'static str, R)], name: &str) -> Option<&'static str> {
    row(table, name).map(|(key, _)| key)
}

fn role<R: Copy>(table: &'static [(&'static str, R)], name: &str) -> Option<R> {
    row(table, name).map(|(_, role)| role)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn models_fall_into_their_families() {
        for (input, family) in MODEL_EXAMPLES {
            assert_eq!(model_family(input), *family, "{input}");
        }
        assert_eq!(model_family("gpt-50"), None, "a longer number is another model");
    }

    #[test]
    fn every_pattern_compiles_here_as_it_did_in_the_build() {
        assert_eq!(compiled(DANGERS).len(), DANGERS.len());
        assert_eq!(compiled(SECRETS).len(), SECRETS.len());
        assert_eq!(dangers("rm -rf / && git push -f").count(), 2);
        assert!(DANGER_CLASSES.len() <= 16, "the attribute's budget is 16");
    }

    proptest! {
        #[test]
        fn names_are_ordered_as_strings_are(a in "[ -~]{0,12}", b in "[ -~]{0,12}") {
            prop_assert_eq!(order(&a, &b), a.cmp(&b));
        }
    }

    #[test]
    fn the_tools_of_all_three_agents_are_known() {
        for (name, expected) in [
            ("Bash", Some(Role::Shell)),
            ("apply_patch", Some(Role::Patch)),
            ("search_replace", Some(Role::Write)),
            ("Skill", Some(Role::Skill)),
            ("Read", Some(Role::Plain)),
            ("acme_deploy", None),
        ] {
            assert_eq!(tool(name), expected, "{name}");
        }
    }
}
