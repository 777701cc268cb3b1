//! What counts in the end, and where each part of it was said.

use crate::config::environment::Surroundings;
use crate::config::error::ConfigError;
use crate::config::file::config_file::ConfigFile;
use crate::config::file::files::Files;
use crate::config::file::settings::ProjectSettings;
use crate::config::printable::printable;
use crate::config::resolve::config::{Config, Log, Queue};
use crate::config::resolve::destination::Way;
use crate::config::resolve::resource;
use crate::config::resolve::timing::{interval, temporality, timeout};
use crate::config::value::choice::{Compression, Names, Protocol};
use crate::config::value::endpoint::Endpoint;
use crate::config::value::source::{Setting, Source};
use crate::config::value::text::Text;
use crate::config::value::tier::Tier;
use crate::config::variables::Env;
use std::collections::BTreeMap;

/// The agents' own telemetry, by the variable that switches it on.
const AGENTS_OWN: [(&str, &str); 5] = [
    ("CLAUDE_CODE_ENABLE_TELEMETRY", "Claude Code"),
    ("GROK_EXTERNAL_OTEL", "Grok"),
    ("GEMINI_TELEMETRY_ENABLED", "Gemini CLI"),
    ("QWEN_TELEMETRY_ENABLED", "Qwen Code"),
    ("COPILOT_OTEL_ENABLED", "Copilot"),
];

/// A config with variables filled in, and the sources of its settings.
pub(crate) struct Effective {
    pub(crate) config: Config,
    /// Of the endpoint, and of what belongs to it.
    way: Source,
    identity: Option<Source>,
    interval: Source,
    timeout: Source,
    temporality: Source,
    /// Of everything that only a project can say.
    project: Source,
    attributes_of_project: Vec<String>,
    /// The variables that switch the agents' own telemetry on.
    agents_variables: Vec<&'static str>,
}

impl Effective {
    /// Of a project that may export to `endpoint`.
    pub(crate) fn of(
        files: &Files,
        (tier, identity): (Tier, Option<Source>),
        endpoint: Endpoint,
        way: Way,
        surroundings: &Surroundings,
        warnings: &mut Vec<String>,
    ) -> Result<Self, ConfigError> {
        let env = &surroundings.env;
        let default = ProjectSettings::default();
        let file = files.project.as_ref();
        let settings = file.map_or(&default, |file| &file.otel);
        let Filled { project, team, known_names, attributes } = Filled::of(file, env)?;
        let attributes_of_project = attributes.keys().cloned().collect();
        let (resource_attributes, told) = resource::attributes(attributes, env, &tier);
        warnings.extend(told);
        let (interval, interval_source) = interval(file, env)?;
        let (timeout, timeout_source) = timeout(file, env)?;
        let (temporality, temporality_source) = temporality(file, env)?;
        let agents = AGENTS_OWN.into_iter().filter(|(variable, _)| env.is_on(variable));
        let (agents_variables, agents_own) = agents.unzip();
        // Not collected: that sorts, and a sort of every kind of pair takes kilobytes of code.
        let mut budgets = BTreeMap::new();
        let overrides = settings.cardinality_overrides.iter();
        budgets.extend(
            overrides
                .map(|(key, most)| (key.clone(), usize::try_from(most.0).unwrap_or(usize::MAX))),
        );
        let Way { protocol, headers, compression, tls, source } = way;
        let config = Config {
            tier,
            names: settings.names.unwrap_or_default(),
            known_names,
            endpoint,
            protocol,
            headers,
            compression,
            temporality,
            tls,
            interval,
            timeout,
            project,
            team,
            resource_attributes,
            budgets,
            queue: Queue::of(&settings.queue),
            log: Log::of(&settings.log),
            agents_own,
            host_version: surroundings.host_version.clone(),
        };
        Ok(Self {
            config,
            way: source,
            identity,
            interval: interval_source,
            timeout: timeout_source,
            temporality: temporality_source,
            project: file.map_or(Source::Default, |file| Source::File(file.path.clone())),
            attributes_of_project,
            agents_variables,
        })
    }

    /// Each setting in words that hold no secret, and where it was said.
    pub(crate) fn settings(&self) -> Vec<Setting> {
        let mut settings = Vec::new();
        let mut tell = |name, value: &str, source: &Source| {
            settings.push(Setting { name, value: printable(value), source: source.clone() });
        };
        let Self { config, way, project, .. } = self;
        let unless_default =
            |is_default: bool, source| if is_default { &Source::Default } else { source };
        if let (Tier::Named { identity }, Some(source)) = (&config.tier, &self.identity) {
            tell("identity", &identity.to_string(), source);
        }
        tell("endpoint", &config.endpoint.to_string(), way);
        let Config { protocol, compression, names, .. } = config;
        let usual = *protocol == Protocol::default();
        tell("protocol", protocol.as_str(), unless_default(usual, way));
        for header in config.headers.shown() {
            tell("header", &header, way);
        }
        let usual = *compression == Compression::default();
        tell("compression", compression.as_str(), unless_default(usual, way));
        for (name, file) in config.tls.files() {
            tell(name, &file.to_string(), way);
        }
        tell("interval_seconds", &config.interval.as_secs_f64().to_string(), &self.interval);
        tell("timeout_seconds", &config.timeout.as_secs_f64().to_string(), &self.timeout);
        tell("temporality", config.temporality.as_str(), &self.temporality);
        for (name, value) in [("project", &config.project), ("team", &config.team)] {
            if let Some(value) = value {
                tell(name, &value.to_string(), project);
            }
        }
        tell("names", names.as_str(), unless_default(*names == Names::default(), project));
        for name in &config.known_names {
            tell("known_name", &name.to_string(), project);
        }
        let variable = Source::Environment(resource::VARIABLE);
        for (key, value) in &config.resource_attributes {
            let of_project = self.attributes_of_project.contains(key);
            let source = if of_project { project } else { &variable };
            tell("resource_attribute", &format!("{key}={value}"), source);
        }
        for (agent, variable) in config.agents_own.iter().zip(&self.agents_variables) {
            tell("cli_otel_active", agent, &Source::Environment(variable));
        }
        for (key, most) in &config.budgets {
            tell("cardinality_override", &format!("{key}={most}"), project);
        }
        let Queue { max_entries, max_bytes } = config.queue;
        let limits = [("queue.max_entries", max_entries), ("queue.max_bytes", max_bytes)];
        for (name, limit) in limits {
            if let Some(limit) = limit {
                tell(name, &limit.to_string(), project);
            }
        }
        let (Log { enabled, max_bytes, keep }, usual) = (config.log, Log::default());
        for (name, value, usual) in [
            ("log.enabled", enabled.to_string(), usual.enabled.to_string()),
            ("log.max_bytes", max_bytes.to_string(), usual.max_bytes.to_string()),
            ("log.keep", keep.to_string(), usual.keep.to_string()),
        ] {
            if value != usual {
                tell(name, &value, project);
            }
        }
        settings
    }
}

/// The strings of a project's file, with variables filled in.
#[derive(Default)]
struct Filled {
    project: Option<Text>,
    team: Option<Text>,
    known_names: Vec<Text>,
    attributes: BTreeMap<String, Text>,
}

impl Filled {
    fn of(file: Option<&ConfigFile<ProjectSettings>>, env: &Env) -> Result<Self, ConfigError> {
        let Some(file) = file else { return Ok(Self::default()) };
        let ProjectSettings { project, team, known_names, resource_attributes, .. } = &file.otel;
        let known_names = known_names
            .iter()
            .enumerate()
            .map(|(index, name)| file.fill_in(&["known_names", &index.to_string()], name, env));
        // As above.
        let mut attributes = BTreeMap::new();
        for (key, value) in resource_attributes {
            let value = file.fill_in(&["resource_attributes", key], value, env)?;
            attributes.insert(key.clone(), value);
        }
        let one = |field, template: &Option<_>| {
            template.as_ref().map(|template| file.fill_in(&[field], template, env)).transpose()
        };
        Ok(Self {
            project: one("project", project)?,
            team: one("team", team)?,
            known_names: known_names.collect::<Result<_, _>>()?,
            attributes,
        })
    }
}
