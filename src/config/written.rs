//! From the files as written, and the environment, to what a project does.

use crate::config::file::{ConfigFile, PersonalSettings, ProjectSettings};
use crate::config::tier::{self, Sides};
use crate::config::trust::Word;
use crate::config::{
    Config, ConfigError, Endpoint, Env, Headers, InvalidEndpoint, Level, Outcome, Resolution,
    Setting, Source, Surroundings, Tier,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// The interval where nobody sets one.
const DEFAULT_INTERVAL: Duration = Duration::from_mins(1);
/// An export, with everything it takes, must be over by then.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// The files as written.
#[derive(Default)]
pub(super) struct Written {
    pub(super) project: Option<ConfigFile<ProjectSettings>>,
    /// The engineer's file in their home.
    pub(super) at_home: Option<ConfigFile<PersonalSettings>>,
    /// The engineer's file beside the project's. It may have been cloned with it, so it can lower
    /// the tier and cannot say where numbers go.
    pub(super) beside: Option<ConfigFile<PersonalSettings>>,
}

/// Where to send, and what along, from one and the same source.
struct Target {
    endpoint: Result<Endpoint, InvalidEndpoint>,
    headers: Headers,
    source: Source,
}

impl Written {
    pub(super) fn resolution(
        self,
        surroundings: &Surroundings,
        launch: Option<Level>,
    ) -> Result<Resolution, ConfigError> {
        let project = self.project.as_ref().map(|file| &file.otel);
        let said = |file: &Option<ConfigFile<PersonalSettings>>| {
            file.as_ref().and_then(|file| file.otel.tier)
        };
        let decision = tier::decide(Sides {
            project: project.and_then(ProjectSettings::level),
            home: said(&self.at_home),
            beside: said(&self.beside),
            launch,
            switched_off: surroundings.env.is_on("OTEL_SDK_DISABLED")
                || surroundings.env.is_on("DO_NOT_TRACK"),
        });
        let mut resolution = Resolution {
            outcome: Outcome::Off { reason: "no side switched telemetry on".to_owned() },
            decided_by: decision.decided_by,
            settings: Vec::new(),
            warnings: decision.note.into_iter().map(str::to_owned).collect(),
        };
        if decision.level == Level::Disabled {
            if decision.decided_by != "default" {
                resolution.outcome =
                    Outcome::Off { reason: format!("switched off by {}", decision.decided_by) };
            }
            return Ok(resolution);
        }
        let target = self.target(&surroundings.env)?;
        let endpoint = match target.endpoint {
            Ok(endpoint) => endpoint,
            Err(invalid) => {
                resolution.outcome = Outcome::Degraded {
                    tier: decision.level.number(),
                    reason: format!("{invalid} ({})", target.source),
                };
                return Ok(resolution);
            }
        };
        if !self.word(&surroundings.env, launch).allows(&endpoint) {
            resolution.warnings.clear();
            resolution.outcome = Outcome::Off {
                reason: format!(
                    "untrusted: you have not agreed to send to {endpoint}; do so by naming it in \
                     the .ccxray.user.json of your home, or with CCXRAY_OTEL_TIER and \
                     OTEL_EXPORTER_OTLP_ENDPOINT"
                ),
            };
            return Ok(resolution);
        }
        if self.beside.as_ref().is_some_and(|file| file.otel.endpoint.is_some()) {
            resolution.warnings.push(
                "the endpoint in the project's .ccxray.user.json is not used; name it in the one \
                 of your home"
                    .to_owned(),
            );
        }
        let tier = self.tier(decision.level, &surroundings.env, &mut resolution.warnings);
        let (interval, interval_source) = self.interval(&surroundings.env)?;
        let mut setting = |name, value: String, source: &Source| {
            resolution.settings.push(Setting { name, value, source: source.clone() });
        };
        setting("endpoint", endpoint.to_string(), &target.source);
        for (name, _) in target.headers.iter() {
            setting("header", format!("{name}: ***"), &target.source);
        }
        setting("interval_seconds", interval.as_secs_f64().to_string(), &interval_source);
        let file = self.project.as_ref().map(|file| Source::File(file.path.clone()));
        let file = file.unwrap_or(Source::Default);
        let project_name = project.and_then(|project| project.project.clone());
        let team = project.and_then(|project| project.team.clone());
        if let Some(name) = &project_name {
            setting("project", name.clone(), &file);
        }
        if let Some(team) = &team {
            setting("team", team.clone(), &file);
        }
        resolution.outcome = Outcome::On(Box::new(Config {
            tier,
            endpoint,
            headers: target.headers,
            interval,
            timeout: EXPORT_TIMEOUT,
            project: project_name,
            team,
            host_version: surroundings.host_version.clone(),
        }));
        Ok(resolution)
    }

    /// What the engineer has said outside of the project.
    fn word(&self, env: &Env, launch: Option<Level>) -> Word {
        let home = self.at_home.as_ref().map(|file| &file.otel);
        let at_home = home.and_then(|otel| Endpoint::from_base(otel.endpoint.as_deref()?).ok());
        Word {
            at_home,
            in_environment: endpoint_in(env).and_then(|(endpoint, _)| endpoint.ok()),
            said_tier: launch.is_some() || home.is_some_and(|otel| otel.tier.is_some()),
            managed: env.is_on("CCXRAY_OTEL_TRUST"),
        }
    }

    /// The endpoint and the headers that belong to it. Headers never go to another source's
    /// endpoint: a variable may be set for another program, and a file may be a stranger's.
    fn target(&self, env: &Env) -> Result<Target, ConfigError> {
        let project = self.project.as_ref().and_then(|file| {
            Some(Named::of(file, file.otel.endpoint.as_deref()?, &file.otel.headers))
        });
        let own = self.at_home.as_ref().and_then(|file| {
            Some(Named::of(file, file.otel.endpoint.as_deref()?, &file.otel.headers))
        });
        if let Some(named) = project.or(own) {
            return named.target();
        }
        let Some((endpoint, source)) = endpoint_in(env) else { return Err(self.no_endpoint()) };
        let variables = ["OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"];
        let written = variables.iter().find_map(|name| env.get(name).map(|text| (*name, text)));
        let headers =
            written.map(|(name, text)| Headers::from_environment(name, text)).transpose()?;
        let headers = headers.unwrap_or_default();
        Ok(Target { endpoint, headers, source: Source::Environment(source) })
    }

    fn no_endpoint(&self) -> ConfigError {
        let asked = self.project.as_ref().map(|file| (&file.path, file.place("tier")));
        let own = [&self.at_home, &self.beside].into_iter().flatten().next();
        let asked = asked.or(own.map(|file| (&file.path, file.place("tier"))));
        let (field, problem, cure) = (
            "otel.endpoint",
            "telemetry is switched on, but no endpoint is named",
            "add \"endpoint\": \"http://127.0.0.1:4318\" to .ccxray.json, or set \
             OTEL_EXPORTER_OTLP_ENDPOINT",
        );
        match asked {
            Some((path, place)) => ConfigError::at(path, place, field, problem, cure),
            None => ConfigError::missing(field, problem, cure),
        }
    }

    fn tier(&self, level: Level, env: &Env, warnings: &mut Vec<String>) -> Tier {
        let mut files = [&self.at_home, &self.beside].into_iter().flatten();
        let file = files.find_map(|file| file.otel.identity.as_deref());
        let identity = env.get("CCXRAY_OTEL_IDENTITY").or(file).map(str::trim);
        match (level, identity.filter(|identity| !identity.is_empty())) {
            (Level::Named, Some(identity)) => Tier::Named { identity: identity.to_owned() },
            (Level::Named, None) => {
                warnings.push(
                    "tier 2 needs an identity (\"identity\" in .ccxray.user.json or \
                     CCXRAY_OTEL_IDENTITY); tier 1 is used"
                        .to_owned(),
                );
                Tier::Anonymous
            }
            (Level::Disabled | Level::Anonymous, _) => Tier::Anonymous,
        }
    }

    fn interval(&self, env: &Env) -> Result<(Duration, Source), ConfigError> {
        let variable = "OTEL_METRIC_EXPORT_INTERVAL";
        let project = self.project.as_ref();
        let file = project.and_then(|file| Some((file.otel.interval_seconds?, &file.path)));
        if let Some((seconds, path)) = file {
            return Ok((Duration::from_secs_f64(seconds.0), Source::File(path.clone())));
        }
        let Some(text) = env.get(variable) else { return Ok((DEFAULT_INTERVAL, Source::Default)) };
        match text.trim().parse() {
            Ok(milliseconds @ 1_000..=3_600_000) => {
                Ok((Duration::from_millis(milliseconds), Source::Environment(variable)))
            }
            _ => Err(ConfigError::in_environment(
                variable,
                "it is no interval",
                "set it to milliseconds, 1000 to 3600000",
            )),
        }
    }
}

/// The endpoint in the environment, and the variable that names it.
fn endpoint_in(env: &Env) -> Option<(Result<Endpoint, InvalidEndpoint>, &'static str)> {
    let (exact, base) = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT");
    let exact_url = env.get(exact).map(|url| (Endpoint::from_exact(url), exact));
    exact_url.or_else(|| env.get(base).map(|url| (Endpoint::from_base(url), base)))
}

/// An endpoint and its headers as a file names them.
struct Named<'a> {
    path: &'a Path,
    endpoint: &'a str,
    headers: &'a BTreeMap<String, String>,
    endpoint_place: (usize, usize),
    headers_place: (usize, usize),
}

impl<'a> Named<'a> {
    fn of<T>(
        file: &'a ConfigFile<T>,
        endpoint: &'a str,
        headers: &'a BTreeMap<String, String>,
    ) -> Self {
        let (endpoint_place, headers_place) = (file.place("endpoint"), file.place("headers"));
        Self { path: &file.path, endpoint, headers, endpoint_place, headers_place }
    }

    fn target(self) -> Result<Target, ConfigError> {
        let Self { path, endpoint, headers, endpoint_place, headers_place } = self;
        let refused = |place, field| {
            ConfigError::at(
                path,
                place,
                field,
                "${…} is not supported here yet, and is not sent as it stands",
                "name the endpoint and its headers in OTEL_EXPORTER_OTLP_ENDPOINT and \
                 OTEL_EXPORTER_OTLP_HEADERS instead",
            )
        };
        if endpoint.contains("${") {
            return Err(refused(endpoint_place, "otel.endpoint"));
        }
        if headers.values().any(|value| value.contains("${")) {
            return Err(refused(headers_place, "otel.headers"));
        }
        Ok(Target {
            endpoint: Endpoint::from_base(endpoint),
            headers: Headers::from_file(path, headers_place, headers)?,
            source: Source::File(path.to_owned()),
        })
    }
}

impl ProjectSettings {
    fn level(&self) -> Option<Level> {
        if self.enabled == Some(false) { Some(Level::Disabled) } else { self.tier }
    }
}
