//! Literal secrets in config files are refused, in any setting; harmless values are not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use otel_native::config::{Environment, resolve};
use serde::Deserialize;
use std::{env, fs, process};

#[derive(Deserialize)]
struct Corpus {
    secrets: Vec<Value>,
    harmless: Vec<Value>,
}

/// A value in pieces, so that scanners for secrets do not report this repository.
#[derive(Deserialize)]
struct Value {
    what: String,
    pieces: Vec<String>,
}

fn corpus() -> Corpus {
    serde_json::from_str(include_str!("corpus/literal-values.json")).unwrap()
}

/// The errors about a project's file with one of these values in one of its settings.
fn refusals(values: &[Value], settings: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let place = values.as_ptr() as usize;
    let directory = env::temp_dir().join(format!("ccxray-secrets-{}-{place:x}", process::id()));
    fs::create_dir_all(&directory).unwrap();
    let mut refused = Vec::new();
    for Value { what, pieces } in values {
        let value = serde_json::to_string(&pieces.concat()).unwrap();
        let text = format!(r#"{{"otel":{}}}"#, settings(&value));
        fs::write(directory.join(".ccxray.json"), text).unwrap();
        if let Err(error) = resolve(&directory, &Environment::default()) {
            refused.push((what.clone(), error.to_string()));
        }
    }
    fs::remove_dir_all(&directory).unwrap();
    refused
}

#[test]
fn every_literal_secret_is_refused() {
    let Corpus { secrets, .. } = corpus();
    assert!(secrets.len() >= 60);
    for settings in [
        (|value: &str| format!(r#"{{"team":{value}}}"#)) as fn(&str) -> String,
        |value| format!(r#"{{"known_names":["a",{value}]}}"#),
        |value| format!(r#"{{"resource_attributes":{{"zone":{value}}}}}"#),
        |value| format!(r#"{{"interval_seconds":{value}}}"#),
        |value| format!("{{{value}:1}}"),
    ] {
        let refused = refusals(&secrets, settings);
        let missed: Vec<_> =
            secrets.iter().filter(|it| !refused.iter().any(|(what, _)| *what == it.what)).collect();
        let missed: Vec<_> = missed.iter().map(|it| (&it.what, it.pieces.concat())).collect();
        assert!(missed.is_empty(), "{missed:#?}");
        for (what, told) in &refused {
            assert!(told.contains("looks like a real"), "{what}: {told}");
            assert!(told.contains("environment variable"), "{what}: {told}");
            let Value { pieces, .. } = secrets.iter().find(|it| it.what == *what).unwrap();
            let longest = pieces.iter().max_by_key(|piece| piece.len()).unwrap();
            assert!(!told.contains(longest.as_str()), "{what}: {told}");
        }
    }
}

#[test]
fn a_token_instead_of_a_variable_name_is_refused() {
    let token = ["gh", "p_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].map(str::to_owned);
    let value = [Value { what: "in a template".to_owned(), pieces: token.into() }];
    let refused = refusals(&value, |value| {
        let token = value.trim_matches('"');
        format!(r#"{{"headers":{{"authorization":"Bearer ${{{token}}}"}}}}"#)
    });
    assert_eq!(refused.len(), 1);
    assert!(!refused[0].1.contains("a1B2c3"), "{}", refused[0].1);
}

#[test]
fn harmless_values_are_accepted() {
    let Corpus { harmless, .. } = corpus();
    assert!(harmless.len() >= 40);
    for settings in [
        (|value: &str| format!(r#"{{"team":{value}}}"#)) as fn(&str) -> String,
        |value| format!(r#"{{"endpoint":{value}}}"#),
        |value| format!(r#"{{"resource_attributes":{{"zone":{value}}}}}"#),
        |value| format!(r#"{{"headers":{{"x-tenant":{value}}}}}"#),
    ] {
        let refused = refusals(&harmless, settings);
        assert!(refused.is_empty(), "{refused:#?}");
    }
}
