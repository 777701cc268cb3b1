//! Why telemetry is off, and how to turn it on.

use crate::config::environment::{Environment, TIER};
use crate::config::file::config_file::ConfigFile;
use crate::config::file::files::{Files, Slip};
use crate::config::printable::printable_path;
use crate::config::value::tier::Level;

/// The reason for a project whose tier is 0. `decided_by` is the side that decides it.
pub(crate) fn off_reason(files: &Files, decided_by: &str, environment: &Environment) -> String {
    let not_turned_on = || {
        let init = environment.hint("init");
        format!("Telemetry is off: no config file turns it on. To start: {init}")
    };
    match decided_by {
        TIER => Environment::tier_is_zero(),
        "project file" => files.project.as_ref().map_or_else(not_turned_on, |file| {
            let (field, setting) = match file.otel.enabled {
                Some(false) => ("enabled", "\"enabled\": false"),
                _ => ("tier", "\"tier\": 0"),
            };
            turned_off(file, field, setting)
        }),
        "personal file" => {
            let personal = [&files.personal_at_home, &files.personal_in_project];
            let mut personal = personal.into_iter().flatten();
            let file = personal.find(|file| file.otel.tier == Some(Level::Disabled));
            file.map_or_else(not_turned_on, |file| turned_off(file, "tier", "\"tier\": 0"))
        }
        _ => incomplete(files, environment).unwrap_or_else(not_turned_on),
    }
}

fn turned_off<T>(file: &ConfigFile<T>, field: &str, setting: &str) -> String {
    let (line, column) = file.position(&[field]);
    let path = printable_path(&file.path);
    format!("Telemetry is off: {path}:{line}:{column} has {setting}.")
}

/// What is missing in a file that seems to turn telemetry on.
fn incomplete(files: &Files, environment: &Environment) -> Option<String> {
    match &files.slip {
        Some(Slip::Misspelled { path, section }) => {
            let path = printable_path(path);
            return Some(format!(
                "{path} has no \"otel\" section. Did you mean \"otel\" instead of \"{section}\"?"
            ));
        }
        Some(Slip::Outside { path, setting }) => {
            let path = printable_path(path);
            return Some(format!(
                "{path} has \"{setting}\" outside of an \"otel\" section. Write {{ \"otel\": {{ \
                 \"{setting}\": … }} }}."
            ));
        }
        None => {}
    }
    if let Some(path) = &files.above {
        let (path, top) = (printable_path(path), printable_path(files.search_path.top()));
        return Some(format!(
            "Telemetry is off: {path} is above the project in {top}, so it is not used. To start: {}",
            environment.hint("init")
        ));
    }
    let file = files.project.as_ref()?;
    let path = printable_path(&file.path);
    let but = if file.otel.enabled == Some(true) { "\"enabled\": true but no" } else { "no" };
    Some(format!("{path} has {but} tier. Add \"tier\": 1 (anonymous) or 2 (named)."))
}
