//! The module graph is a test, and the diagram.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, str};

/// (module, which other modules of the crate it may use). Listed bottom up.
#[rustfmt::skip]
const MAY_USE: &[(&str, &[&str])] = &[
    ("atomic",     &[]),
    ("catalog",    &[]),
    ("clock",      &[]),
    ("failpoint",  &[]),
    ("files",      &[]),
    ("instance",   &[]),
    ("payload",    &[]),
    ("reply",      &[]),
    ("ending",     &["reply"]),
    ("recent",     &["clock"]),
    ("config",     &["catalog", "files"]),
    ("entry",      &["catalog", "payload"]),
    ("ingest",     &["atomic", "metrics", "payload"]), // metrics: its test compares the two lists of reasons
    ("tally",      &["clock", "ingest", "recent"]),
    ("journal",    &["clock", "config", "drift", "files"]),
    ("privacy",    &["catalog", "config", "entry", "metrics"]),
    ("metrics",    &["catalog", "entry", "privacy"]),
    ("drift",      &["entry", "privacy"]),
    ("export",     &["clock", "config", "entry", "failpoint", "ingest", "journal", "metrics", "privacy", "recent", "reply", "tally", "worker"]),
    ("introspect", &["clock", "config", "drift", "export", "ingest", "journal", "metrics", "recent"]),
    ("projects",   &["clock", "config", "export", "instance", "introspect", "metrics", "privacy"]),
    ("worker",     &["clock", "drift", "entry", "export", "failpoint", "ingest", "journal", "metrics", "payload", "projects"]),
    ("pipeline",   &["clock", "config", "ending", "export", "ingest", "introspect", "journal", "projects", "reply", "tally", "worker"]),
    ("binding",    &["config", "drift", "entry", "export", "ingest", "introspect", "journal", "metrics", "payload", "pipeline", "reply"]),
    ("lib",        &[]),
];

/// (what only some files may mention, those files, why).
#[rustfmt::skip]
const ONLY_IN: &[(&str, &[&str], &str)] = &[
    ("napi::", &["binding/"], "only the binding knows Node"),
    ("napi_derive", &["binding/"], "only the binding knows Node"),
    ("env::var", &["config/variables.rs"], "the environment is read in one place"),
    ("fs::", &["files.rs", "config/approval/approvals_file.rs", "config/file/read.rs", "config/file/schema.rs", "export/tls.rs", "journal/", "catalog/tests.rs"], "only config files, the trust record, certificates, the log and the status file are files of ours; catalogs are read in their tests"),
    ("Command::new", &["config/file/git.rs"], "only git is asked anything"),
    ("stderr", &["config/file/git.rs", "introspect/notice.rs"], "one line is printed, in one place; git's is closed"),
    ("reveal()", &["config/", "export/provider.rs", "privacy.rs"], "what came out of a variable goes to the wire and nowhere else"),
    ("SystemTime::now", &["binding/consent.rs", "clock.rs"], "clocks are read in one place, and the moment of the engineer's word is noted"),
    ("Moment::now", &["export/courier.rs", "export/exporter.rs", "export/lane.rs", "export/schedule.rs", "introspect/status.rs", "journal/scribe.rs", "pipeline.rs", "worker.rs", "export/health.rs", "journal/limiter.rs", "journal/log.rs", "recent.rs"], "what is pure is told the time; the last four are in their tests"),
    ("Instant::now", &["clock.rs", "export/courier.rs", "export/exporter.rs", "export/schedule.rs"], "only the loops read the clock they wait by"),
    ("hyper", &["export/transport.rs", "export/tls.rs"], "one place opens sockets; tls.rs has the system's certificates from hyper's companion"),
    ("TcpStream", &[], "one place opens sockets, and not by hand"),
    ("serde_json", &["binding/", "catalog/", "config/", "entry/", "export/request.rs", "export/transport.rs", "export/lane.rs", "drift/line.rs", "introspect/snapshot.rs", "journal/log.rs", "payload.rs"], "JSON is read at the borders; catalog/, lane.rs and payload.rs in their tests"),
    ("Label(", &["privacy.rs"], "only the privacy gate makes labels from a turn's strings"),
    ("unsafe", &["binding/"], "only the calls into Node-API need it"),
];

fn sources() -> BTreeMap<String, String> {
    fn read(directory: &Path, root: &Path, sources: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, root, sources);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                sources.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = BTreeMap::new();
    read(&root, &root, &mut sources);
    sources
}

/// The lines that are code: no comments, so that documents may name what code may not.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.starts_with("//"))
}

fn module_of(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}

#[test]
fn modules_use_only_what_the_graph_allows() {
    for (file, text) in sources() {
        let module = module_of(&file);
        let (_, allowed) = MAY_USE
            .iter()
            .find(|(name, _)| *name == module)
            .unwrap_or_else(|| panic!("{file}: add the module `{module}` to the graph"));
        for line in code(&text) {
            for used in line.split("crate::").skip(1) {
                let used =
                    used.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap();
                let known = MAY_USE.iter().any(|(name, _)| *name == used);
                assert!(
                    !known || used == module || allowed.contains(&used),
                    "{file}: `{module}` may not use `{used}`: {line}"
                );
            }
        }
    }
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
                    // `Label(` is not `known_label(`, and `fs::` is not `refs::`.
                    !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                });
                found && !line.contains("unsafe_code")
            });
            assert_eq!(line, None, "{file} mentions `{needle}`, but {why}");
        }
    }
}

#[test]
fn no_room_is_crowded() {
    for (file, text) in sources() {
        let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
        assert!(lines <= 600, "{file} has {lines} lines; give a part of it a file of its own");
    }
}

/// (a name that a catalog has, the file that may say it all the same, what it is there).
#[rustfmt::skip]
const OTHER_MEANINGS: &[(&str, &str, &str)] = &[
    ("completed", "entry/responses.rs", "an event's name"),
    ("function_call", "entry/responses.rs", "the type of an item"),
    ("grok", "entry/assembly.rs", "the host's name of a program"),
    ("incomplete", "entry/responses.rs", "the status of an item"),
    ("plan", "metrics/sessions.rs", "the label of a mode"),
    ("tool_use", "entry/anthropic.rs", "the type of a block"),
];

#[test]
fn names_of_tools_agents_and_stop_reasons_stand_in_catalogs_only() {
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
    // The host's word for an agent that it cannot tell is everybody's word for what nobody tells.
    names.retain(|name| name != "unknown");
    let readers = ["entry/", "metrics/", "drift/", "privacy.rs"];
    for (file, text) in sources() {
        if !readers.iter().any(|reader| file.starts_with(reader)) {
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
