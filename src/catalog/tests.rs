use super::compile::{compile, without_boundaries};
use super::data::{
    AGENT_TYPES, ANTHROPIC_WIRE, COMPACTIONS, CONTEXT_WINDOWS, DANGERS, ERROR_TYPES, FILE_WRITES,
    MCP, PERMISSION_MODES, PROVIDERS, REQUEST_KINDS, RESPONSES_WIRE, SECRET_PREFIXES, SECRETS,
    SKILLS, STOP_REASONS, TOOLS,
};
use super::format::Catalog;
use super::lookup::{danger_classes, dangers, file_write, model_family, patched_files, tool_role};
use super::matcher::Matcher;
use super::matching::{Match, Matching};
use super::meaning::{FileWrite, ToolRole};
use super::table::CatalogTable;
use super::table_spec::{TABLES, TableSpec};
use proptest::prelude::*;
use regex_lite::Regex;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

fn directory() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog")
}

/// A table, the name of a file that it is made from, and the catalog in that file.
type WrittenCatalog = (&'static TableSpec, &'static str, Catalog);

/// Every catalog file.
static WRITTEN: LazyLock<Vec<WrittenCatalog>> = LazyLock::new(|| {
    let files = TABLES.iter().flat_map(|table| table.files.iter().map(move |file| (table, *file)));
    let read = |(table, file): (&'static TableSpec, &'static str)| {
        let text = fs::read_to_string(directory().join(format!("{file}.json"))).unwrap();
        let catalog = Catalog::read(&text, table.classes, table.matching);
        (table, file, catalog.unwrap_or_else(|error| panic!("{file}: {error}")))
    };
    files.map(read).collect()
});

/// The catalogs of a table.
fn catalogs_of(table: &TableSpec) -> Vec<&'static Catalog> {
    let files = WRITTEN.iter().filter(|(of, ..)| of.constant == table.constant);
    files.map(|(.., catalog)| catalog).collect()
}

/// The first match of `input` in an embedded table: its meaning and its name.
fn embedded(constant: &str, input: &str) -> Option<(String, Option<String>)> {
    fn first<R: Copy + PartialEq + std::fmt::Debug>(
        table: &CatalogTable<R>,
        input: &str,
    ) -> Option<(String, Option<String>)> {
        let named = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
        let exact = table.exact(input).map(|(_, is)| (format!("{is:?}"), None));
        let prefix = || table.prefix(input).map(|(name, is)| (format!("{is:?}"), named(name)));
        exact.or_else(prefix).or_else(|| {
            let is = table.matching(input).next()?;
            let (_, name) = table.captures(input, is)?;
            Some((format!("{is:?}"), named(name)))
        })
    }
    match constant {
        "TOOLS" => first(&TOOLS, input),
        "FILE_WRITES" => first(&FILE_WRITES, input),
        "SKILLS" => first(&SKILLS, input),
        "AGENT_TYPES" => first(&AGENT_TYPES, input),
        "MCP" => first(&MCP, input),
        "STOP_REASONS" => first(&STOP_REASONS, input),
        "ERROR_TYPES" => first(&ERROR_TYPES, input),
        "PERMISSION_MODES" => first(&PERMISSION_MODES, input),
        "REQUEST_KINDS" => first(&REQUEST_KINDS, input),
        "COMPACTIONS" => first(&COMPACTIONS, input),
        "ANTHROPIC_WIRE" => first(&ANTHROPIC_WIRE, input),
        "RESPONSES_WIRE" => first(&RESPONSES_WIRE, input),
        "PROVIDERS" => first(&PROVIDERS, input),
        "DANGERS" => first(&DANGERS, input),
        "SECRETS" => first(&SECRETS, input),
        "SECRET_PREFIXES" => first(&SECRET_PREFIXES, input),
        "CONTEXT_WINDOWS" => first(&CONTEXT_WINDOWS, input),
        "MODELS" => model_family(input).map(|family| ("()".to_owned(), Some(family.to_owned()))),
        _ => panic!("{constant} has no test here; add it"),
    }
}

/// A meaning in one form: `enter_plan` is `EnterPlan`, and a plain meaning is an empty string.
fn normalized(is: &str) -> String {
    let is = is.to_lowercase().replace(['_', '"'], "");
    if is == "plain" || is == "()" { String::new() } else { is }
}

/// Asserts that the embedded table and the catalog files have the same match for `input`.
fn assert_same_match(catalogs: &[&Catalog], table: &TableSpec, input: &str) {
    let TableSpec { constant, meaning, .. } = table;
    let mut all = Vec::new();
    for catalog in catalogs {
        all.extend(catalog.matches(input, table.matching).unwrap());
    }
    match embedded(constant, input) {
        None => assert!(all.is_empty(), "{constant}: `{input}` has no embedded match, but {all:?}"),
        Some((is, name)) => {
            let fits = |it: &Match| normalized(&it.is) == normalized(&is) && it.name == name;
            assert!(
                all.iter().any(fits),
                "{constant}: `{input}` has the embedded match {meaning} {is} {name:?}, but {all:?}"
            );
        }
    }
}

#[test]
fn embedded_tables_fulfil_every_example() {
    for table in TABLES {
        let catalogs = catalogs_of(table);
        for example in catalogs.iter().flat_map(|catalog| &catalog.examples) {
            assert_same_match(&catalogs, table, &example.input.text());
        }
    }
}

#[test]
fn every_danger_class_has_twenty_examples() {
    let (.., catalog) = WRITTEN.iter().find(|(_, file, _)| *file == "dangerous-patterns").unwrap();
    let mut examples: BTreeMap<&str, [u32; 2]> = danger_classes().map(|it| (it, [0, 0])).collect();
    for example in &catalog.examples {
        let command = example.input.text();
        let found: Vec<_> = dangers(&command).collect();
        if let Some(class) = &example.is {
            assert!(
                found.contains(&class.as_str()),
                "`{command}` must be of {class}, and is of {found:?}"
            );
            examples.get_mut(class.as_str()).unwrap()[0] += 1;
        }
        if let Some(class) = &example.is_not {
            assert!(!found.contains(&class.as_str()), "`{command}` must not be of {class}");
            examples.get_mut(class.as_str()).unwrap()[1] += 1;
        }
    }
    assert!((14..=16).contains(&examples.len()), "the attribute's cardinality limit is 16");
    for (class, [dangerous, harmless]) in examples {
        assert!(
            dangerous >= 10 && harmless >= 10,
            "{class}: {dangerous} dangerous, {harmless} harmless commands"
        );
    }
}

#[test]
fn the_schema_file_matches_the_catalog_type() {
    let generator = schemars::generate::SchemaSettings::draft07().for_deserialize();
    let schema = generator.into_generator().into_root_schema_for::<Catalog>();
    let schema = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/catalog.schema.json");
    if fs::read_to_string(&path).ok().as_deref() != Some(&schema) {
        fs::write(&path, &schema).unwrap();
        panic!("schema/catalog.schema.json was out of date. It is written anew; commit it.");
    }
}

#[test]
fn an_invalid_catalog_is_refused_with_its_reason() {
    let text = |patterns: &str, examples: &str| {
        format!(
            r#"{{"$schema":"../../schema/catalog.schema.json","version":1,
            "last_verified_against":{{"date":"2026-11-23","on":"a test"}},
            "patterns":[{patterns}],"examples":[{examples}]}}"#
        )
    };
    let good = r#"{"input":"a"}"#;
    for (label, patterns, examples, wrong) in [
        ("not JSON", "{", good, "line"),
        ("an unknown key", r#"{"exact":"a","role":"x"}"#, good, "unknown field"),
        ("two kinds of pattern", r#"{"exact":"a","prefix":"a"}"#, good, "exactly one of"),
        ("no kind of pattern", r#"{"is":"b"}"#, good, "exactly one of"),
        ("the same pattern twice", r#"{"exact":"a"},{"exact":"a"}"#, good, "listed twice"),
        ("an unknown meaning", r#"{"exact":"a","is":"c"}"#, good, "allowed are"),
        ("an invalid pattern", r#"{"regex":"(","needs":["a"]}"#, good, "not a regular expression"),
        ("no words", r#"{"regex":"a"}"#, good, "must list words"),
        ("wrong words", r#"{"regex":"a","needs":["b"]}"#, good, "matches without any"),
        ("no pattern", "", good, "needs patterns"),
        ("no example", r#"{"exact":"a"}"#, "", "needs examples"),
        ("an example that fails", r#"{"exact":"b"}"#, good, "does not have the expected match"),
        (
            "an example that must not match",
            r#"{"exact":"a"}"#,
            r#"{"input":"a","matches":false}"#,
            "must not match",
        ),
        (
            "another meaning",
            r#"{"exact":"a"}"#,
            r#"{"input":"a","is":"b"}"#,
            "does not have the expected match",
        ),
        (
            "another group",
            r#"{"regex":"(?P<g>a)","needs":["a"]}"#,
            r#"{"input":"a","groups":{"g":"b"}}"#,
            "does not have the expected match",
        ),
    ] {
        let read = Catalog::read(&text(patterns, examples), &["", "b"], Matching::First);
        let error = read.err().unwrap_or_else(|| panic!("{label}: not refused"));
        assert!(error.contains(wrong), "{label}: {error}");
    }
    let read = Catalog::read(&text(r#"{"exact":"a"}"#, good), &[""], Matching::First);
    assert!(read.is_ok());
}

proptest! {
    #[test]
    fn embedded_tables_match_like_the_catalogs(
        at in 0_usize..TABLES.len(),
        which in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        patch in "[a-z_ /.-]{0,3}",
    ) {
        let table = &TABLES[at];
        let catalogs = catalogs_of(table);
        let examples: Vec<_> = catalogs.iter().flat_map(|catalog| &catalog.examples).collect();
        let mut input = which.get(&examples).input.text();
        let at = input.floor_char_boundary(cut.index(input.len() + 1));
        input.insert_str(at, &patch);
        assert_same_match(&catalogs, table, &input);
    }
}

#[test]
fn models_belong_to_their_families() {
    assert_eq!(model_family("gpt-50"), None, "a longer number is a different model");
    assert_eq!(model_family("us.anthropic.claude-sonnet-4-6"), Some("claude-sonnet-4-6"));
}

#[test]
fn tools_of_all_three_agents_are_known() {
    for (name, expected) in [
        ("Bash", Some(ToolRole::Shell)),
        ("run_terminal_command", Some(ToolRole::Shell)),
        ("Skill", Some(ToolRole::Skill)),
        ("spawn_agent", Some(ToolRole::Agent)),
        ("ExitPlanMode", Some(ToolRole::LeavePlan)),
        ("Read", Some(ToolRole::Plain)),
        ("acme_deploy", None),
    ] {
        assert_eq!(tool_role(name), expected, "{name}");
    }
    assert_eq!(file_write("apply_patch"), Some(FileWrite::Patch));
    assert_eq!(file_write("search_replace"), Some(FileWrite::File));
    assert_eq!(file_write("Read"), None);
}

#[test]
fn a_patch_names_its_files_in_order() {
    let patch = "*** Begin Patch\n*** Add File: a b.rs\n+x\n *** Delete File: c\n*** End Patch";
    assert_eq!(patched_files(patch).collect::<Vec<_>>(), ["a b.rs", "c"]);
    let program = r#"tools.apply_patch("*** Begin Patch\n*** Update File: d.rs\n-x")"#;
    assert_eq!(patched_files(program).collect::<Vec<_>>(), ["d.rs"]);
}

/// Every matching pattern counts, so two patterns of one class would count a command twice.
#[test]
fn every_danger_class_has_one_pattern() {
    let mut classes: Vec<&str> = danger_classes().collect();
    let all = classes.len();
    classes.sort_unstable();
    classes.dedup();
    assert_eq!(classes.len(), all);
}

/// The expressions of all catalogs.
fn expressions() -> Vec<String> {
    let patterns = WRITTEN.iter().flat_map(|(.., catalog)| &catalog.patterns);
    patterns.filter_map(|pattern| pattern.regex.clone()).collect()
}

#[test]
fn every_expression_compiles() {
    for regex in expressions() {
        assert!(Matcher::new(&compile(&[&regex]).unwrap()).is_some(), "{regex}");
    }
    let searched_within = WRITTEN.iter().filter(|(table, ..)| table.is_searched_within);
    for pattern in searched_within.flat_map(|(.., catalog)| &catalog.patterns) {
        let inner = without_boundaries(pattern.regex.as_ref().unwrap());
        assert!(Matcher::new(&compile(&[&inner]).unwrap()).is_some(), "{inner}");
    }
}

#[test]
fn both_engines_agree_on_words_of_commands() {
    let expressions: Vec<_> = expressions()
        .iter()
        .map(|regex| {
            (Matcher::new(&compile(&[regex]).unwrap()).unwrap(), Regex::new(regex).unwrap())
        })
        .collect();
    let part = r#"(git |push |-f|--force|rm |-r|curl |\| |sh|sudo |cat |\.env|é|\n|\\n|"|'|;|[a-z-] ?|/dev/|@|=|docker |prune |npm |publish)"#;
    let text = format!("{part}{{0,12}}");
    proptest!(ProptestConfig::with_cases(500), |(text in text.as_str())| {
        for (ours, theirs) in &expressions {
            prop_assert_eq!(ours.is_match(&text), theirs.is_match(&text), "{}", theirs);
        }
    });
}
