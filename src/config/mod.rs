//! From options, files and environment to one resolved [`Config`], or to the reason why not.
//!
//! Nothing else in the crate reads the environment or a config file.

mod endpoint;
mod env;
mod error;
mod file;
mod tier;

pub use endpoint::{Endpoint, Headers, InvalidEndpoint};
pub use env::Env;
pub use error::ConfigError;
pub use tier::{Level, Tier};

use file::{ConfigFile, PersonalSettings, ProjectSettings};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tier::Sides;

/// The interval where nobody sets one.
const DEFAULT_INTERVAL: Duration = Duration::from_mins(1);
/// An export, with everything it takes, must be over by then.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// The URL of the metrics signal itself.
const EXACT_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
/// The URL to which each signal's path is added.
const BASE_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// Where settings are looked for: the same for every project of a process.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The engineer's home directory.
    pub home: Option<PathBuf>,
    /// The environment of this launch.
    pub env: Env,
    /// The version of the host, for `service.version`.
    pub host_version: Option<String>,
}

impl Surroundings {
    /// Whether the environment says no for every project.
    pub fn is_switched_off(&self) -> bool {
        self.env.is_on("OTEL_SDK_DISABLED")
            || self.env.is_on("DO_NOT_TRACK")
            || self.env.get("CCXRAY_OTEL_TIER").is_some_and(|tier| tier.trim() == "0")
    }
}

/// Everything that is known of one project's telemetry. No option left, nothing left to parse.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What may leave; never less strict than any side said.
    pub tier: Tier,
    /// Where it goes.
    pub endpoint: Endpoint,
    /// What is sent along.
    pub headers: Headers,
    /// Time between exports. Default: 60 s.
    pub interval: Duration,
    /// The longest that one export may take.
    pub timeout: Duration,
    /// `project.name`.
    pub project: Option<String>,
    /// `team`.
    pub team: Option<String>,
    /// `service.version`.
    pub host_version: Option<String>,
}

/// Whether a project exports, and why.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It does.
    On(Box<Config>),
    /// It does not, because somebody did not agree. The normal case.
    Off {
        /// One line for `status`.
        reason: String,
    },
    /// It should, and cannot.
    Degraded {
        /// The tier that was agreed to.
        tier: u8,
        /// One line for `status`.
        reason: String,
    },
}

/// An [`Outcome`] with its history, so that `status` can answer "why?".
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// Whether the project exports.
    pub outcome: Outcome,
    /// Whose word the tier is.
    pub decided_by: &'static str,
    /// Each setting that was made, in words that hold no secret.
    pub settings: Vec<Setting>,
    /// What the engineer should know.
    pub warnings: Vec<String>,
}

/// One setting and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The setting's name.
    pub name: &'static str,
    /// Its value, without secrets.
    pub value: String,
    /// Where it was made.
    pub source: Source,
}

/// Where a setting was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nowhere: the default.
    Default,
    /// An environment variable.
    Environment(&'static str),
    /// A config file.
    File(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Environment(variable) => f.write_str(variable),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Finds out whether the project in `cwd` exports, and how.
///
/// # Errors
/// [`ConfigError`] if a file is malformed, a variable is unusable, or tier 1 or 2 is agreed to but
/// no endpoint is named.
pub fn resolve(cwd: &Path, surroundings: &Surroundings) -> Result<Resolution, ConfigError> {
    let Surroundings { home, env, .. } = surroundings;
    let launch = env.get("CCXRAY_OTEL_TIER").map(launch_tier).transpose();
    if !cwd.is_absolute() {
        let reason = "the project's directory is not an absolute path".to_owned();
        return Ok(Resolution {
            outcome: Outcome::Off { reason },
            decided_by: "default",
            settings: Vec::new(),
            warnings: Vec::new(),
        });
    }
    if surroundings.is_switched_off() {
        // Not even a broken file is worth an error then.
        return Written::default().resolution(surroundings, launch.ok().flatten());
    }
    let project = file::find_project(cwd)?;
    let directory = project.as_ref().and_then(|file| file.path.parent()).unwrap_or(cwd);
    let at_home = home.as_deref().map(file::read_personal).transpose()?.flatten();
    let beside = match home.as_deref() {
        Some(home) if home == directory => None,
        _ => file::read_personal(directory)?,
    };
    Written { project, at_home, beside }.resolution(surroundings, launch?)
}

fn launch_tier(text: &str) -> Result<Level, ConfigError> {
    text.trim().parse().ok().and_then(|number: u64| Level::try_from(number).ok()).ok_or_else(|| {
        ConfigError::in_environment("CCXRAY_OTEL_TIER", "it is no tier", "set it to 0, 1 or 2")
    })
}

/// The files as written.
#[derive(Default)]
struct Written {
    project: Option<ConfigFile<ProjectSettings>>,
    /// The engineer's file in their home.
    at_home: Option<ConfigFile<PersonalSettings>>,
    /// The engineer's file beside the project's. It may have been cloned with it, so it can lower
    /// the tier and cannot say where numbers go.
    beside: Option<ConfigFile<PersonalSettings>>,
}

/// Where to send, and what along, from one and the same source.
struct Target {
    endpoint: Result<Endpoint, InvalidEndpoint>,
    headers: Headers,
    source: Source,
}

impl Written {
    fn resolution(
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
        if !endpoint.is_loopback() && !self.is_trusted(&endpoint, &target.source, &surroundings.env)
        {
            resolution.warnings.clear();
            resolution.outcome = Outcome::Off {
                reason: format!(
                    "untrusted: the project asks to send to {endpoint}; allow it by naming the \
                     same endpoint in the .ccxray.user.json of your home, or in \
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

    /// Whether the engineer agreed to this endpoint in particular: they named it themselves, or
    /// the machine is one that a team manages.
    fn is_trusted(&self, endpoint: &Endpoint, source: &Source, env: &Env) -> bool {
        let project = self.project.as_ref().map(|file| Source::File(file.path.clone()));
        if project.as_ref() != Some(source) || env.is_on("CCXRAY_OTEL_TRUST") {
            return true;
        }
        let home = self.at_home.as_ref().and_then(|file| file.otel.endpoint.as_deref());
        let named = [
            home.map(Endpoint::from_base),
            env.get(BASE_ENDPOINT).map(Endpoint::from_base),
            env.get(EXACT_ENDPOINT).map(Endpoint::from_exact),
        ];
        named.into_iter().flatten().any(|named| named.as_ref() == Ok(endpoint))
    }

    /// The endpoint and the headers that belong to it. Headers never go to another source's
    /// endpoint: a variable may be set for another program, and a file may be a stranger's.
    fn target(&self, env: &Env) -> Result<Target, ConfigError> {
        let project = self.project.as_ref().and_then(|file| {
            let (endpoint, headers) = (file.otel.endpoint.as_ref()?, &file.otel.headers);
            Some((&file.path, endpoint, headers, file.place("endpoint"), file.place("headers")))
        });
        let own = self.at_home.as_ref().and_then(|file| {
            let (endpoint, headers) = (file.otel.endpoint.as_ref()?, &file.otel.headers);
            Some((&file.path, endpoint, headers, file.place("endpoint"), file.place("headers")))
        });
        if let Some((path, endpoint, headers, endpoint_place, headers_place)) = project.or(own) {
            let in_headers = headers.values().any(|value| value.contains("${"));
            if in_headers || endpoint.contains("${") {
                return Err(ConfigError::at(
                    path,
                    if in_headers { headers_place } else { endpoint_place },
                    if in_headers { "otel.headers" } else { "otel.endpoint" },
                    "${…} is not supported here yet, and is not sent as it stands",
                    "name the endpoint and its headers in OTEL_EXPORTER_OTLP_ENDPOINT and \
                     OTEL_EXPORTER_OTLP_HEADERS instead",
                ));
            }
            return Ok(Target {
                endpoint: Endpoint::from_base(endpoint),
                headers: Headers::from_file(path, headers_place, headers)?,
                source: Source::File(path.clone()),
            });
        }
        let (endpoint, source) = match (env.get(EXACT_ENDPOINT), env.get(BASE_ENDPOINT)) {
            (Some(url), _) => (Endpoint::from_exact(url), EXACT_ENDPOINT),
            (None, Some(url)) => (Endpoint::from_base(url), BASE_ENDPOINT),
            (None, None) => {
                let asked = self.project.as_ref().map(|file| (&file.path, file.place("tier")));
                let own = [&self.at_home, &self.beside].into_iter().flatten().next();
                let asked = asked.or(own.map(|file| (&file.path, file.place("tier"))));
                let (field, problem, cure) = (
                    "otel.endpoint",
                    "telemetry is switched on, but no endpoint is named",
                    "add \"endpoint\": \"http://127.0.0.1:4318\" to .ccxray.json, or set \
                     OTEL_EXPORTER_OTLP_ENDPOINT",
                );
                return Err(match asked {
                    Some((path, place)) => ConfigError::at(path, place, field, problem, cure),
                    None => ConfigError::missing(field, problem, cure),
                });
            }
        };
        let variables = ["OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"];
        let written = variables.iter().find_map(|name| env.get(name).map(|text| (*name, text)));
        let headers =
            written.map(|(name, text)| Headers::from_environment(name, text)).transpose()?;
        let headers = headers.unwrap_or_default();
        Ok(Target { endpoint, headers, source: Source::Environment(source) })
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

impl ProjectSettings {
    fn level(&self) -> Option<Level> {
        if self.enabled == Some(false) { Some(Level::Disabled) } else { self.tier }
    }
}
