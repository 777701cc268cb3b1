//! Links the addon, and turns the catalogs in `src/catalog/*.json` into sorted Rust tables.
//!
//! A catalog that does not parse, repeats a name, holds a broken pattern or fails one of its own
//! examples does not compile.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a build script has one way to say that something is wrong: it stops the build"
)]

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// One catalog file, as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalog {
    version: u32,
    last_verified_against: String,
    patterns: Vec<Pattern>,
    examples: Vec<Example>,
}

/// One row: what it matches and what that means.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, untagged)]
enum Pattern {
    Exact {
        exact: String,
        #[serde(default)]
        role: Option<String>,
    },
    Prefix {
        prefix: String,
    },
    Family {
        family: String,
    },
    Regex {
        class: String,
        /// Words of which one must be there; most commands hold none, and are done.
        needs: Vec<String>,
        regex: String,
    },
}

/// What a catalog promises about one input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, untagged)]
enum Example {
    Known { input: String, known: bool },
    Family { input: String, family: Option<String> },
    Class { input: Input, class: Option<String> },
}

/// An input; in pieces where a whole one would alarm those who look for secrets in repositories.
#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    Whole(String),
    Pieces(Vec<String>),
}

impl Input {
    fn text(&self) -> String {
        match self {
            Self::Whole(text) => text.clone(),
            Self::Pieces(pieces) => pieces.concat(),
        }
    }
}

fn main() {
    napi_build::setup();
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/catalog");

    let tables = [
        (&["anthropic-tools", "codex-tools", "grok-tools"][..], "TOOLS", "Role"),
        (&["mcp-tools"], "MCP_SERVERS", ""),
        (&["anthropic-skills"], "SKILLS", ""),
        (&["agent-types"], "AGENT_TYPES", "AgentRole"),
        (&["stop-reasons"], "STOP_REASONS", ""),
        (&["error-types"], "ERROR_TYPES", ""),
        (&["permission-modes"], "PERMISSION_MODES", ""),
    ];
    let mut code = String::new();
    for (files, constant, role_type) in tables {
        let mut rows = BTreeMap::new();
        for file in files {
            for (name, role) in exact_rows(&read(file), file) {
                let role = role.unwrap_or_else(|| "plain".to_owned());
                let previous = rows.insert(name.clone(), role.clone());
                assert!(previous.is_none_or(|previous| previous == role), "{name} has two roles");
            }
        }
        exact_table(&mut code, &rows, constant, role_type);
    }
    families(&mut code, &read("models"));
    let dangers = classes(&mut code, "dangerous-patterns", "DANGERS");
    writeln!(code, "const DANGER_CLASSES: &[&str] = &{dangers:?};").unwrap();
    classes(&mut code, "secrets", "SECRETS");

    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("catalog.rs"), code).expect("OUT_DIR is writable");
}

fn read(name: &str) -> Catalog {
    let path = format!("src/catalog/{name}.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let catalog: Catalog = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"));
    assert!(catalog.version > 0, "{path}: version must be 1 or more");
    assert!(!catalog.last_verified_against.is_empty(), "{path}: say what it was checked on");
    assert!(!catalog.examples.is_empty(), "{path}: a catalog needs examples");
    catalog
}

/// The names of one catalog, after its examples have been tried.
fn exact_rows(catalog: &Catalog, file: &str) -> BTreeMap<String, Option<String>> {
    let mut rows = BTreeMap::new();
    let mut prefixes = Vec::new();
    for pattern in &catalog.patterns {
        match pattern {
            Pattern::Exact { exact, role } => {
                let previous = rows.insert(exact.clone(), role.clone());
                assert!(previous.is_none(), "{file}: `{exact}` is listed twice");
            }
            Pattern::Prefix { prefix } => prefixes.push(prefix.as_str()),
            Pattern::Family { .. } | Pattern::Regex { .. } => {
                panic!("{file}: only exact and prefix patterns belong here")
            }
        }
    }
    for example in &catalog.examples {
        let Example::Known { input, known } = example else {
            panic!("{file}: examples here say `known`");
        };
        let matched = rows.contains_key(input.as_str())
            || prefixes.iter().any(|prefix| input.starts_with(prefix));
        assert_eq!(matched, *known, "{file}: example `{input}`");
    }
    rows
}

/// A table sorted by name, with roles if there is a type for them.
fn exact_table(
    code: &mut String,
    rows: &BTreeMap<String, String>,
    constant: &str,
    role_type: &str,
) {
    if role_type.is_empty() {
        writeln!(code, "const {constant}: &[&str] = &[").unwrap();
        for name in rows.keys() {
            writeln!(code, "    {name:?},").unwrap();
        }
    } else {
        writeln!(code, "const {constant}: &[(&str, {role_type})] = &[").unwrap();
        for (name, role) in rows {
            writeln!(code, "    ({name:?}, {role_type}::{}),", variant(role)).unwrap();
        }
    }
    writeln!(code, "];").unwrap();
}

fn families(code: &mut String, catalog: &Catalog) {
    let mut names: Vec<&str> = Vec::new();
    for pattern in &catalog.patterns {
        let Pattern::Family { family } = pattern else {
            panic!("models: every pattern is a family");
        };
        assert!(!names.contains(&family.as_str()), "models: `{family}` is listed twice");
        names.push(family);
    }
    for example in &catalog.examples {
        assert!(matches!(example, Example::Family { .. }), "models: examples here say `family`");
    }
    names.sort_unstable();
    writeln!(code, "const MODEL_FAMILIES: &[&str] = &{names:?};").unwrap();
    let examples: Vec<_> = catalog
        .examples
        .iter()
        .map(|example| match example {
            Example::Family { input, family } => (input, family.as_deref()),
            _ => unreachable!("checked above"),
        })
        .collect();
    writeln!(code, "#[cfg(test)]\nconst MODEL_EXAMPLES: &[(&str, Option<&str>)] = &{examples:?};")
        .unwrap();
}

/// The classes of one catalog, each with its pattern and the words without which it cannot match.
fn classes(code: &mut String, file: &str, constant: &str) -> Vec<String> {
    let catalog = read(file);
    let mut rows: Vec<(&String, &Vec<String>, &String, regex_lite::Regex)> = Vec::new();
    for pattern in &catalog.patterns {
        let Pattern::Regex { class, needs, regex } = pattern else {
            panic!("{file}: every pattern is a class with a regex");
        };
        assert!(!rows.iter().any(|(known, ..)| *known == class), "`{class}` is listed twice");
        assert!(!needs.is_empty(), "{class}: name the words without which it cannot match");
        let compiled = regex_lite::Regex::new(regex).unwrap_or_else(|e| panic!("{class}: {e}"));
        rows.push((class, needs, regex, compiled));
    }
    for example in &catalog.examples {
        let Example::Class { input, class } = example else {
            panic!("{file}: examples here say `class`");
        };
        let input = input.text();
        let found: Vec<_> = rows.iter().filter(|(.., regex)| regex.is_match(&input)).collect();
        for (class, needs, ..) in &found {
            let needed = needs.iter().any(|word| input.contains(word.as_str()));
            assert!(needed, "{class}: `{input}` matches without any of {needs:?}");
        }
        let found: Vec<_> = found.into_iter().map(|(class, ..)| *class).collect();
        match class {
            Some(class) => assert!(found.contains(&class), "`{input}` is {found:?}, not {class}"),
            None => assert!(found.is_empty(), "`{input}` is innocent, not {found:?}"),
        }
    }
    writeln!(code, "const {constant}: &[(&str, &[&str], &str)] = &[").unwrap();
    for (class, needs, regex, _) in &rows {
        writeln!(code, "    ({class:?}, &{needs:?}, {regex:?}),").unwrap();
    }
    writeln!(code, "];").unwrap();
    rows.into_iter().map(|(class, ..)| class.clone()).collect()
}

fn variant(role: &str) -> String {
    let mut letters = role.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
