//! Sets the addon's linker options, and turns the catalogs in `src/catalog/*.json` into sorted Rust
//! tables.
//!
//! The build stops if a catalog does not parse, repeats a name, has an invalid pattern, or if one
//! of its examples has another result than expected.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a build script reports an error by stopping the build"
)]

#[path = "src/catalog/automaton.rs"]
mod automaton;
#[path = "src/catalog/check.rs"]
mod check;
#[path = "src/catalog/compile.rs"]
mod compile;
#[path = "src/catalog/family.rs"]
mod family;
#[path = "src/catalog/format.rs"]
mod format;
#[path = "src/catalog/matching.rs"]
mod matching;
#[path = "src/catalog/table_spec.rs"]
mod table_spec;

use format::{Catalog, Pattern};
use matching::Matching;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};
use table_spec::{TABLES, TableSpec};

/// With fewer regular expressions, it is no gain to search the words of all of them at once.
const MIN_ROWS: usize = 12;

fn main() {
    napi_build::setup();
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/catalog");

    let embedded: Vec<&str> = TABLES.iter().flat_map(|table| table.files).copied().collect();
    for file in fs::read_dir("src/catalog").expect("src/catalog is readable").flatten() {
        let name = file.file_name().into_string().expect("file names are UTF-8");
        if let Some(stem) = name.strip_suffix(".json") {
            assert!(
                embedded.contains(&stem),
                "{name}: add this catalog to a table in src/catalog/table_spec.rs"
            );
        }
    }
    let code: String = TABLES.iter().map(table).collect();
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("catalog.rs"), code).expect("OUT_DIR is writable");
}

fn read(file: &str, table: &TableSpec) -> Catalog {
    let path = format!("src/catalog/{file}.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    Catalog::read(&text, table.classes, table.matching)
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The Rust code of one table.
fn table(table: &TableSpec) -> String {
    let catalogs: Vec<Catalog> = table.files.iter().map(|file| read(file, table)).collect();
    let patterns = || catalogs.iter().flat_map(|catalog| &catalog.patterns);
    let meaning = |is: &str| match table.meaning {
        "" => "()".to_owned(),
        "&str" => format!("{is:?}"),
        meaning => format!("{meaning}::{}", variant(is)),
    };
    let mut exact = BTreeMap::new();
    for pattern in patterns() {
        // The look-up cuts the rest of a model's name off and then searches the whole family name.
        let is_family = table.matching == Matching::Family;
        let name = pattern.exact.as_ref().or(pattern.prefix.as_ref().filter(|_| is_family));
        if let Some(name) = name {
            let previous = exact.insert(name, meaning(pattern.is()));
            let is_same = previous.is_none_or(|previous| previous == meaning(pattern.is()));
            assert!(is_same, "`{name}` has two meanings in {:?}", table.files);
        }
    }
    let mut code = String::new();
    let meaning_type = match table.meaning {
        "" => "()",
        "&str" => "&'static str",
        meaning => meaning,
    };
    writeln!(
        code,
        "pub(super) static {}: CatalogTable<{meaning_type}> = CatalogTable::new(&[",
        table.constant
    )
    .unwrap();
    for (name, meaning) in exact {
        writeln!(code, "    ({name:?}, {meaning}),").unwrap();
    }
    code.push_str("], &[\n");
    for pattern in patterns().filter(|_| table.matching != Matching::Family) {
        if let Some(prefix) = &pattern.prefix {
            let name = pattern.name.as_deref().unwrap_or_default();
            writeln!(code, "    ({prefix:?}, {}, {name:?}),", meaning(pattern.is())).unwrap();
        }
    }
    code.push_str("], &[\n");
    for pattern in patterns() {
        if let Some(regex) = &pattern.regex {
            let (needs, meaning) = (&pattern.needs, meaning(pattern.is()));
            let name = pattern.name.as_deref().unwrap_or_default();
            let automaton = states(&[regex]);
            let inner = compile::without_boundaries(regex);
            let inner =
                if table.is_searched_within { states(&[inner]) } else { "b\"\"".to_owned() };
            writeln!(
                code,
                "    RegexRow {{ regex: {regex:?}, automaton: {automaton}, inner: {inner}, \
                 needs: &{needs:?}, meaning: {meaning}, name: {name:?} }},"
            )
            .unwrap();
        }
    }
    let words: Vec<String> = patterns().filter(|it| it.regex.is_some()).map(words).collect();
    let words = if words.len() < MIN_ROWS { "b\"\"".to_owned() } else { states(&words) };
    writeln!(code, "], {words});").unwrap();
    code
}

/// A regular expression for the words that a pattern needs.
fn words(pattern: &Pattern) -> String {
    pattern.needs.iter().map(|word| regex_lite::escape(word)).collect::<Vec<_>>().join("|")
}

/// The states of regular expressions, as a literal.
fn states(regexes: &[impl AsRef<str>]) -> String {
    let states = compile::compile(regexes).unwrap_or_else(|error| panic!("{error}"));
    format!("b\"{}\"", states.escape_ascii())
}

/// The variant's name of a meaning: `EnterPlan` for `enter_plan`.
fn variant(is: &str) -> String {
    if is.is_empty() {
        return "Plain".to_owned();
    }
    let parts = is.split('_').map(|part| {
        let (first, rest) = part.split_at(1);
        first.to_ascii_uppercase() + rest
    });
    parts.collect()
}
