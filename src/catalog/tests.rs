use super::data::{
    AGENT_TYPES, ANTHROPIC_WIRE, COMPACTIONS, DANGERS, ERROR_TYPES, FILE_WRITES, MCP,
    PERMISSION_MODES, PROVIDERS, RESPONSES_WIRE, SECRET_PREFIXES, SECRETS, SKILLS, STOP_REASONS,
    TOOLS,
};
use super::format::Catalog;
use super::matching::{Match, Matching};
use super::table::Table;
use super::table_spec::{TABLES, TableSpec};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

fn directory() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog")
}

/// A catalog with its file's name and the table that is made from it.
type Written = (&'static TableSpec, &'static str, Catalog);

/// Every catalog as it is written.
static WRITTEN: LazyLock<Vec<Written>> = LazyLock::new(|| {
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

/// What an embedded table says of `input`: what it is, the first match only.
fn embedded(constant: &str, input: &str) -> Option<(String, Option<String>)> {
    fn first<R: Copy + PartialEq + std::fmt::Debug>(
        table: &Table<R>,
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
        "COMPACTIONS" => first(&COMPACTIONS, input),
        "ANTHROPIC_WIRE" => first(&ANTHROPIC_WIRE, input),
        "RESPONSES_WIRE" => first(&RESPONSES_WIRE, input),
        "PROVIDERS" => first(&PROVIDERS, input),
        "DANGERS" => first(&DANGERS, input),
        "SECRETS" => first(&SECRETS, input),
        "SECRET_PREFIXES" => first(&SECRET_PREFIXES, input),
        "MODELS" => model_family(input).map(|family| ("()".to_owned(), Some(family.to_owned()))),
        _ => panic!("{constant} is not looked at here"),
    }
}

/// `enter_plan` and `EnterPlan` are the same, and so are the plain meaning and none.
fn plain(is: &str) -> String {
    let is = is.to_lowercase().replace(['_', '"'], "");
    if is == "plain" || is == "()" { String::new() } else { is }
}

/// Compares what is embedded with what is written, for one input.
fn agree(catalogs: &[&Catalog], table: &TableSpec, input: &str) {
    let TableSpec { constant, meaning, .. } = table;
    let mut all = Vec::new();
    for catalog in catalogs {
        all.extend(catalog.matches(input, table.matching).unwrap());
    }
    let told = embedded(constant, input);
    match told {
        None => assert!(all.is_empty(), "{constant}: `{input}` is {all:?}, and nothing embedded"),
        Some((is, name)) => {
            let fits = |it: &Match| plain(&it.is) == plain(&is) && it.name == name;
            assert!(
                all.iter().any(fits),
                "{constant}: `{input}` is {meaning} {is} {name:?}, and not {all:?}"
            );
        }
    }
}

#[test]
fn every_example_of_every_catalog_is_what_it_says_in_the_embedded_tables() {
    for table in TABLES {
        let catalogs = catalogs_of(table);
        for example in catalogs.iter().flat_map(|catalog| &catalog.examples) {
            agree(&catalogs, table, &example.input.text());
        }
    }
}

#[test]
fn every_dangerous_class_is_tried_on_ten_true_and_ten_innocent_commands() {
    let (.., catalog) = WRITTEN.iter().find(|(_, file, _)| *file == "dangerous-patterns").unwrap();
    let mut tried: BTreeMap<&str, [u32; 2]> = danger_classes().map(|it| (it, [0, 0])).collect();
    for example in &catalog.examples {
        let command = example.input.text();
        let found: Vec<_> = dangers(&command).collect();
        if let Some(class) = &example.is {
            assert!(found.contains(&class.as_str()), "`{command}` is {found:?}, not {class}");
            tried.get_mut(class.as_str()).unwrap()[0] += 1;
        }
        if let Some(class) = &example.is_not {
            assert!(!found.contains(&class.as_str()), "`{command}` is {class}");
            tried.get_mut(class.as_str()).unwrap()[1] += 1;
        }
    }
    assert!((14..=16).contains(&tried.len()), "the attribute's budget is 16");
    for (class, [guilty, innocent]) in tried {
        assert!(guilty >= 10 && innocent >= 10, "{class}: {guilty} true, {innocent} innocent");
    }
}

#[test]
fn the_schema_is_that_of_the_catalogs() {
    let generator = schemars::generate::SchemaSettings::draft07().for_deserialize();
    let schema = generator.into_generator().into_root_schema_for::<Catalog>();
    let schema = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/catalog.schema.json");
    if fs::read_to_string(&path).ok().as_deref() != Some(&schema) {
        fs::write(&path, &schema).unwrap();
        panic!(
            "schema/catalog.schema.json was not that of the catalogs; it is now, and wants to be committed"
        );
    }
}

#[test]
fn what_is_wrong_with_a_catalog_is_said() {
    let text = |patterns: &str, examples: &str| {
        format!(
            r#"{{"$schema":"../../schema/catalog.schema.json","version":1,
            "last_verified_against":{{"date":"2026-11-23","on":"a test"}},
            "patterns":[{patterns}],"examples":[{examples}]}}"#
        )
    };
    let good = r#"{"input":"a"}"#;
    for (label, patterns, examples, wrong) in [
        ("no JSON", "{", good, "line"),
        ("an unknown key", r#"{"exact":"a","role":"x"}"#, good, "unknown field"),
        ("two kinds at once", r#"{"exact":"a","prefix":"a"}"#, good, "exactly one of"),
        ("no kind", r#"{"is":"b"}"#, good, "exactly one of"),
        ("twice", r#"{"exact":"a"},{"exact":"a"}"#, good, "listed twice"),
        ("an unknown class", r#"{"exact":"a","is":"c"}"#, good, "none of"),
        ("a broken pattern", r#"{"regex":"(","needs":["a"]}"#, good, "no regular expression"),
        ("no words", r#"{"regex":"a"}"#, good, "needs words"),
        ("wrong words", r#"{"regex":"a","needs":["b"]}"#, good, "matches without any"),
        ("no pattern", "", good, "needs patterns"),
        ("no example", r#"{"exact":"a"}"#, "", "needs examples"),
        ("an example that fails", r#"{"exact":"b"}"#, good, "does not match"),
        (
            "an innocent one",
            r#"{"exact":"a"}"#,
            r#"{"input":"a","matches":false}"#,
            "must not match",
        ),
        ("another class", r#"{"exact":"a"}"#, r#"{"input":"a","is":"b"}"#, "does not match"),
        (
            "another group",
            r#"{"regex":"(?P<g>a)","needs":["a"]}"#,
            r#"{"input":"a","groups":{"g":"b"}}"#,
            "does not match",
        ),
    ] {
        let read = Catalog::read(&text(patterns, examples), &["", "b"], Matching::First);
        let error = read.err().unwrap_or_else(|| panic!("{label}: nothing is wrong"));
        assert!(error.contains(wrong), "{label}: {error}");
    }
    let read = Catalog::read(&text(r#"{"exact":"a"}"#, good), &[""], Matching::First);
    assert!(read.is_ok());
}

proptest! {
    #[test]
    fn the_embedded_tables_say_what_the_catalogs_say(
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
        agree(&catalogs, table, &input);
    }
}

#[test]
fn models_fall_into_their_families() {
    assert_eq!(model_family("gpt-50"), None, "a longer number is another model");
    assert_eq!(model_family("us.anthropic.claude-sonnet-4-6"), Some("claude-sonnet-4-6"));
}

#[test]
fn the_tools_of_all_three_agents_are_known() {
    for (name, expected) in [
        ("Bash", Some(Role::Shell)),
        ("run_terminal_command", Some(Role::Shell)),
        ("Skill", Some(Role::Skill)),
        ("spawn_agent", Some(Role::Agent)),
        ("ExitPlanMode", Some(Role::LeavePlan)),
        ("Read", Some(Role::Plain)),
        ("acme_deploy", None),
    ] {
        assert_eq!(tool(name), expected, "{name}");
    }
    assert_eq!(writes("apply_patch"), Some(Writes::Patch));
    assert_eq!(writes("search_replace"), Some(Writes::File));
    assert_eq!(writes("Read"), None);
}

#[test]
fn a_patch_names_its_files() {
    let patch = "*** Begin Patch\n*** Add File: a b.rs\n+x\n *** Delete File: c\n*** End Patch";
    assert_eq!(patched_files(patch).collect::<Vec<_>>(), ["a b.rs", "c"]);
    let program = r#"tools.apply_patch("*** Begin Patch\n*** Update File: d.rs\n-x")"#;
    assert_eq!(patched_files(program).collect::<Vec<_>>(), ["d.rs"]);
}

/// Every row that matches is one class, so two rows of one class would count a command twice.
#[test]
fn no_class_of_danger_has_two_patterns() {
    let mut classes: Vec<&str> = danger_classes().collect();
    let all = classes.len();
    classes.sort_unstable();
    classes.dedup();
    assert_eq!(classes.len(), all);
}
