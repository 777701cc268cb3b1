//! `schema/*.json` for editors, generated from the types that read the files.

use crate::config::file::settings::{PersonalSettings, ProjectSettings};
use schemars::{JsonSchema, generate::SchemaSettings};
use std::path::Path;

/// `.ccxray.json` of a project. All keys except `otel` belong to ccxray itself.
#[derive(JsonSchema)]
#[schemars(title = "ccxray project config")]
#[expect(dead_code, reason = "only its schema is used")]
struct ProjectFile {
    /// OpenTelemetry metrics of `@ccxray/otel-native`.
    #[serde(default)]
    otel: ProjectSettings,
}

/// `.ccxray.user.json` of a user, in the home directory or in a project. Do not add it to git.
#[derive(JsonSchema)]
#[schemars(title = "ccxray personal config")]
#[expect(dead_code, reason = "only its schema is used")]
struct PersonalFile {
    /// OpenTelemetry metrics of `@ccxray/otel-native`.
    #[serde(default)]
    otel: PersonalSettings,
}

fn schema_of<T: JsonSchema>() -> String {
    let generator = SchemaSettings::draft07().for_deserialize().into_generator();
    let schema = generator.into_root_schema_for::<T>();
    serde_json::to_string_pretty(&schema).unwrap() + "\n"
}

#[test]
fn published_schemas_match_the_types() {
    for (file, schema) in [
        ("ccxray.schema.json", schema_of::<ProjectFile>()),
        ("ccxray.user.schema.json", schema_of::<PersonalFile>()),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(file);
        if std::fs::read_to_string(&path).ok().as_deref() != Some(&schema) {
            std::fs::write(&path, &schema).unwrap();
            panic!("schema/{file} did not match the types. It is updated now: commit it.");
        }
    }
}
