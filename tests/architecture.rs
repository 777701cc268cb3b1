//! The structure of the crate is a test, and ARCHITECTURE.md is compared with it.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/source_graph.rs"]
mod source_graph;

use proc_macro2::TokenTree;
use source_graph::SourceGraph;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The folders of `src` in the order of the data flow. Each uses only folders that come after it.
const FOLDERS: [&str; 13] = [
    "binding",
    "pipeline",
    "export",
    "record",
    "project",
    "otlp",
    "diagnostics",
    "pending",
    "metrics",
    "entry",
    "config",
    "catalog",
    "util",
];

/// (what only some files may mention, those files, why).
#[rustfmt::skip]
const ONLY_IN: &[(&str, &[&str], &str)] = &[
    ("napi::", &["binding/"], "only the binding knows Node"),
    ("napi_derive", &["binding/"], "only the binding knows Node"),
    ("env::var", &[], "the environment comes from JavaScript: Node may change it while the C library reads it"),
    ("fs::", &["util/private_file.rs", "util/bounded_file.rs", "util/ownership.rs", "config/approval/approvals_file.rs", "config/approval/certificates.rs", "config/file/schema.rs", "config/resolve/warnings.rs", "export/endpoint_description.rs", "diagnostics/", "pending/", "export/schedules.rs", "export/working_days.rs", "catalog/tests.rs"], "the addon reads config files, approvals and certificates, and writes logs, the status file and what is not delivered; certificates.rs, schema.rs, warnings.rs, endpoint_description.rs, schedules.rs, working_days.rs and catalog/ in their tests"),
    ("Command::new", &[], "no program is run"),
    ("stderr", &["diagnostics/notice.rs"], "one line is printed, in one place"),
    ("reveal()", &["config/", "otlp/resource.rs", "metrics/privacy.rs", "pending/origin.rs"], "the value of a variable is sent, or becomes a part of a hash, and goes nowhere else"),
    ("SystemTime::now", &["util/clock.rs"], "clocks are read in one place"),
    ("Timestamp::now", &["binding/trust.rs", "util/clock.rs", "record/resolvers.rs", "record/waiting_entries.rs", "config/resolve/effective.rs", "export/client.rs", "export/probe.rs", "export/scheduler.rs", "export/project_exporter.rs", "export/results.rs", "export/periodic_reader.rs", "export/keep.rs", "export/resume.rs", "export/schedules.rs", "export/period_reader.rs", "export/working_days.rs", "pending/directory", "pipeline/current.rs", "pipeline/pipeline.rs", "pipeline/status.rs", "diagnostics/file_writer.rs", "record/worker.rs", "diagnostics/log_event.rs", "diagnostics/rate_limit.rs", "otlp/circuit_breaker.rs", "project/health.rs", "util/recent.rs"], "pure code gets the time as an argument; an approval has its time from the binding, and certificates are compared with that of the resolution; clock.rs, record/resolvers.rs, record/waiting_entries.rs and the last five in their tests"),
    ("Instant::now", &["export/flushes.rs", "export/schedules.rs", "export/period_reader.rs", "export/resume.rs", "export/working_days.rs", "export/observation.rs", "export/probe.rs", "export/probe_steps", "export/project_exporter.rs", "util/clock.rs", "export/client.rs", "export/scheduler.rs", "export/periodic_reader.rs"], "only the loops read the clock by which they wait, and a probe measures its steps; probe_steps.rs in its tests"),
    ("hyper", &["export/connection.rs", "export/route.rs", "export/resolver.rs", "config/value/proxy.rs"], "one file opens connections and one uses them; resolver.rs looks up names for them, and proxy.rs finds out which proxy is meant"),
    ("TcpStream", &["export/route.rs"], "one file opens connections, with hyper"),
    ("serde_json", &["binding/", "catalog/", "config/", "entry/", "otlp/json.rs", "otlp/request.rs", "export/http.rs", "diagnostics/drift/line.rs", "diagnostics/log_event.rs", "pipeline/dry_run_summary.rs", "pipeline/probe.rs", "pipeline/status.rs", "pipeline/status_file.rs", "pipeline/report.rs", "pending/content.rs", "export/project_exporter.rs", "export/schedules.rs", "export/working_days.rs"], "JSON is read and written at the borders; project_exporter.rs, schedules.rs and working_days.rs in tests"),
    ("checked(", &["metrics/attribute_value.rs", "metrics/privacy.rs", "metrics/scrub.rs"], "only the privacy gate and its scrubber make attribute values from strings of a turn"),
    ("State::", &["project/", "pipeline/status.rs"], "a state is decided in the project's folder; before `init` the status says disabled"),
    ("unsafe", &["binding/"], "only calls into Node-API need it"),
];

/// The text of every file below `src`.
fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let graph = SourceGraph::read();
    graph
        .files()
        .map(|file| (file.to_owned(), fs::read_to_string(root.join(file)).unwrap()))
        .collect()
}

/// The lines that are code: no comments, so that documents may name what code may not.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.starts_with("//"))
}

fn folder_of(file: &str) -> Option<&str> {
    file.split_once('/').map(|(folder, _)| folder)
}

fn position(folder: &str) -> usize {
    let found = FOLDERS.iter().position(|it| *it == folder);
    found.unwrap_or_else(|| panic!("add the folder `{folder}` to the order of the data flow"))
}

#[test]
fn every_file_is_in_a_listed_folder() {
    for file in SourceGraph::read().files() {
        match folder_of(file) {
            Some(folder) => assert!(FOLDERS.contains(&folder), "{file}: what is `{folder}`?"),
            None => assert_eq!(file, "lib.rs", "a loose file beside the folders"),
        }
    }
}

#[test]
fn folders_use_only_folders_after_them() {
    let graph = SourceGraph::read();
    for file in graph.files() {
        let Some(folder) = folder_of(file) else { continue };
        for used in graph.uses(file).into_iter().filter_map(folder_of) {
            assert!(
                position(used) >= position(folder),
                "{file}: `{folder}` may not use `{used}`, which comes before it"
            );
        }
    }
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let circle = SourceGraph::read().circle().map(|files| files.join(" → "));
    assert_eq!(circle, None);
}

#[test]
fn a_mod_file_only_declares_and_re_exports() {
    let graph = SourceGraph::read();
    for file in graph.files().filter(|file| file.ends_with("/mod.rs")) {
        let defines = ["fn", "struct", "enum", "trait", "impl", "static"];
        let found = graph.tokens(file).iter().find_map(|token| match token {
            TokenTree::Ident(ident) => defines.into_iter().find(|it| ident == it),
            _ => None,
        });
        assert_eq!(found, None, "{file} defines something; give it a file of its own");
    }
}

#[test]
fn a_type_name_means_one_thing() {
    let graph = SourceGraph::read();
    let mut defined: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for file in graph.files() {
        for pair in graph.tokens(file).windows(2) {
            let [TokenTree::Ident(keyword), TokenTree::Ident(name)] = pair else { continue };
            if ["struct", "enum", "trait", "type", "union"].iter().any(|it| keyword == it) {
                defined.entry(name.to_string()).or_default().insert(file);
            }
        }
    }
    assert!(defined.len() > 150, "the types were found");
    for (name, files) in defined {
        assert!(files.len() == 1, "`{name}` is defined in {files:?}");
    }
}

/// The rows of the table of folders in ARCHITECTURE.md: the folder, and the folders it uses.
fn rows_of_the_page() -> Vec<(String, Vec<String>)> {
    let page = include_str!("../ARCHITECTURE.md");
    let rows = page.lines().filter_map(|line| {
        let cells: Vec<_> = line.strip_prefix("| `")?.split(" | ").collect();
        let folder = cells[0].strip_suffix("/`")?;
        let uses = cells.last()?.trim_end_matches(" |");
        let uses = uses.split(' ').filter(|it| !it.is_empty() && *it != "–");
        Some((folder.to_owned(), uses.map(|it| it.trim_matches('`').to_owned()).collect()))
    });
    rows.collect()
}

#[test]
fn the_architecture_page_shows_what_each_folder_uses() {
    let graph = SourceGraph::read();
    let expected: Vec<(String, Vec<String>)> = FOLDERS
        .iter()
        .map(|folder| {
            let files = graph.files().filter(|file| folder_of(file) == Some(folder));
            let used: BTreeSet<_> = files
                .flat_map(|file| graph.uses(file))
                .filter_map(folder_of)
                .map(position)
                .collect();
            let used = used.into_iter().filter(|at| FOLDERS[*at] != *folder);
            ((*folder).to_owned(), used.map(|at| FOLDERS[at].to_owned()).collect())
        })
        .collect();
    assert_eq!(rows_of_the_page(), expected, "the table of folders in ARCHITECTURE.md is stale");
}

#[test]
fn some_things_are_done_in_one_place_only() {
    for (needle, files, why) in ONLY_IN {
        for (file, text) in sources() {
            if files.iter().any(|allowed| file.starts_with(allowed)) {
                continue;
            }
            let line = code(&text).find(|line| {
                let found = line.match_indices(needle).any(|(at, _)| {
                    // `State::` is not `RandomState::`, and `fs::` is not `refs::`.
                    !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                });
                found && !line.contains("unsafe_code")
            });
            assert_eq!(line, None, "{file} mentions `{needle}`, but {why}");
        }
    }
}

#[test]
fn no_file_exceeds_600_lines() {
    for (file, text) in sources() {
        let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
        assert!(lines <= 600, "{file} has {lines} lines; give a part of it a file of its own");
    }
}

/// (a name that a catalog has, the file that may contain it anyway, what it is there).
#[rustfmt::skip]
const OTHER_MEANINGS: &[(&str, &str, &str)] = &[
    ("completed", "entry/responses.rs", "an event's name"),
    ("function_call", "entry/responses.rs", "the type of an item"),
    ("grok", "entry/assembly.rs", "the host's name of a program"),
    ("incomplete", "entry/responses.rs", "the status of an item"),
    ("plan", "metrics/sessions.rs", "the value of a mode"),
    ("tool_use", "entry/anthropic.rs", "the type of a block"),
];

#[test]
fn known_names_are_only_in_catalogs() {
    let catalogs = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog");
    let files = [
        "anthropic-tools",
        "codex-tools",
        "grok-tools",
        "anthropic-agent-types",
        "codex-agent-types",
        "stop-reasons",
    ];
    let mut names = Vec::new();
    for file in files {
        let text = fs::read_to_string(catalogs.join(format!("{file}.json"))).unwrap();
        let catalog: serde_json::Value = serde_json::from_str(&text).unwrap();
        let exact =
            catalog["patterns"].as_array().unwrap().iter().filter_map(|it| it["exact"].as_str());
        names.extend(exact.map(str::to_owned));
    }
    assert!(names.len() > 200, "the catalogs were read");
    // The host calls an agent `unknown` if it cannot detect it; the same text means "not reported" elsewhere.
    names.retain(|name| name != "unknown");
    let readers = ["entry/", "metrics/", "diagnostics/drift/"];
    for (file, text) in sources() {
        if !readers.iter().any(|reader| file.starts_with(reader)) || file.ends_with("/tests.rs") {
            continue;
        }
        let own = text.split("#[cfg(test)]\nmod").next().unwrap();
        for line in code(own) {
            let name = names.iter().find(|name| line.contains(&format!("\"{name}\"")));
            let Some(name) = name else { continue };
            // A field of the host's is no name of a tool.
            let is_field = line.starts_with("#[serde(") || line.contains("=> \"");
            let is_other = OTHER_MEANINGS.iter().any(|(it, place, _)| it == name && *place == file);
            assert!(
                is_field || is_other,
                "{file} compares with `{name}`, which a catalog has: {line}"
            );
        }
    }
}
