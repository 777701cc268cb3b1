//! The config of a project, with the source of each setting.

use crate::config::approval::approval::Approval;
use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::file::config_file::ConfigFile;
use crate::config::file::files::Files;
use crate::config::file::settings::{PersonalSettings, ProjectSettings};
use crate::config::printable::printable;
use crate::config::resolve::config::{Config, Log, Queue};
use crate::config::resolve::connection::Connection;
use crate::config::resolve::duration::{DEFAULT_INTERVAL, INTERVALS, milliseconds};
use crate::config::resolve::resource;
use crate::config::resolve::tls_warnings::tls_warnings;
use crate::config::resolve::warnings::of_config;
use crate::config::value::choice::{Names, TimeResolution};
use crate::config::value::endpoint::Endpoint;
use crate::config::value::proxy::Proxy;
use crate::config::value::secret::quotable;
use crate::config::value::source::{Setting, Source, Sourced};
use crate::config::value::text::Text;
use crate::config::value::tier::Tier;
use crate::config::value::tls::SystemCertificates;
use crate::config::variables::Variables;
use crate::util::clock::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// The variable that sets the time between exports, in milliseconds.
const INTERVAL: &str = "OTEL_METRIC_EXPORT_INTERVAL";

/// The variable that makes the resolution of this launch coarser.
const RESOLUTION: &str = "CCXRAY_OTEL_RESOLUTION";

/// The agents whose own telemetry can be on, and the variable that turns it on.
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
    connection: Connection,
    identity: Option<Source>,
    interval: Source,
    resolution: Source,
    /// Of all settings that only a project can have.
    project: Source,
    attributes_of_project: Vec<String>,
    /// The variables that turn the agents' own telemetry on.
    agents_variables: Vec<&'static str>,
}

impl Effective {
    /// Of a project that may export to `endpoint`.
    pub(crate) fn of(
        files: &Files,
        (tier, identity): (Tier, Option<Source>),
        endpoint: Endpoint,
        connection: Connection,
        (approval, environment): (Approval, &Environment),
        warnings: &mut Vec<String>,
    ) -> Result<Self, ConfigError> {
        let env = &environment.variables;
        let default = ProjectSettings::default();
        let file = files.project.as_ref();
        let settings = file.map_or(&default, |file| &file.otel);
        let Filled { project, team, known_names, attributes } = Filled::of(file, env)?;
        let attributes_of_project = attributes.keys().cloned().collect();
        // What listens at an endpoint that nobody has approved may forward what the user says of himself.
        let is_of_project =
            file.is_some_and(|file| connection.source == Source::File(file.path.clone()));
        let may_have_own = approval != Approval::Loopback || !is_of_project;
        let (resource_attributes, not_sent) =
            resource::attributes(attributes, env, &tier, may_have_own);
        warnings.extend(not_sent);
        let interval = interval(file, env, warnings)?;
        let resolution = resolution(files, &tier, env, warnings)?;
        let agents = AGENTS_OWN.into_iter().filter(|(variable, _)| env.is_on(variable));
        let (agents_variables, agents_own) = agents.unzip();
        // `collect` would sort the pairs, which adds kilobytes of code.
        let mut cardinality_limits = BTreeMap::new();
        let overrides = settings.cardinality_overrides.iter();
        cardinality_limits.extend(
            overrides
                .map(|(key, most)| (key.clone(), usize::try_from(most.0).unwrap_or(usize::MAX))),
        );
        let is_https = endpoint.url().scheme() == "https";
        let system_certificates = system_certificates(environment, is_https, &connection, warnings);
        let config = Config {
            tier,
            names: settings.names.unwrap_or_default(),
            known_names,
            proxy: Proxy::of(&endpoint, env)?,
            endpoint,
            protocol: connection.protocol.value,
            headers: connection.headers.value.clone(),
            compression: connection.compression.value,
            max_request_bytes: connection.max_request_bytes.value,
            temporality: connection.temporality.value,
            histograms: connection.histograms.value,
            service_name: connection.service_name.as_ref().map(|name| name.value.clone()),
            tls: connection.tls.clone(),
            system_certificates,
            interval: interval.value,
            resolution: resolution.value,
            timeout: connection.timeout.value,
            project,
            team,
            project_labels: settings.project_labels.unwrap_or_default(),
            resource_attributes,
            cardinality_limits,
            queue: Queue::of(&settings.queue),
            log: Log::of(&settings.log),
            agents_own,
            host_version: environment.host_version.clone(),
        };
        let project = file.map_or(Source::Default, |file| Source::File(file.path.clone()));
        warnings.extend(of_config(&config, &interval.source, &project));
        if is_https {
            warnings.extend(tls_warnings(&config.tls, Timestamp::now().wall()));
        }
        Ok(Self {
            config,
            connection,
            identity,
            interval: interval.source,
            resolution: resolution.source,
            project,
            attributes_of_project,
            agents_variables,
        })
    }

    /// Each setting without secrets, and its source.
    pub(crate) fn settings(&self) -> Vec<Setting> {
        let mut settings = Vec::new();
        let mut add = |name, value: &str, source: &Source| {
            settings.push(Setting { name, value: printable(value), source: source.clone() });
        };
        let Self { config, connection, project, .. } = self;
        let unless_default =
            |is_default: bool, source| if is_default { &Source::Default } else { source };
        if let (Tier::Named { identity }, Some(source)) = (&config.tier, &self.identity) {
            add("identity", &identity.to_string(), source);
        }
        let Config { names, interval, resolution, .. } = config;
        add("endpoint", &config.endpoint.to_string(), &connection.source);
        if let Some(proxy) = &config.proxy {
            add("proxy", &proxy.to_string(), &Source::Environment(proxy.variable()));
        }
        let Connection { protocol, headers, compression, temporality, timeout, .. } = connection;
        add("protocol", protocol.value.as_str(), &protocol.source);
        for header in headers.value.shown() {
            add("header", &header, &headers.source);
        }
        add("compression", compression.value.as_str(), &compression.source);
        let max_request = &connection.max_request_bytes;
        if max_request.source != Source::Default {
            add("max_request_bytes", &max_request.value.to_string(), &max_request.source);
        }
        for (name, file) in config.tls.files() {
            add(name, &file.to_string(), file.source());
        }
        if let Some(file) = &config.system_certificates.extra {
            add("tls.extra_ca_file", &file.to_string(), file.source());
        }
        add("interval_seconds", &interval.as_secs_f64().to_string(), &self.interval);
        add("resolution", resolution.as_str(), &self.resolution);
        add("timeout_seconds", &timeout.value.as_secs_f64().to_string(), &timeout.source);
        add("temporality", temporality.value.as_str(), &temporality.source);
        let Connection { histograms, service_name, .. } = connection;
        if histograms.source != Source::Default {
            add("histograms", histograms.value.as_str(), &histograms.source);
        }
        if let Some(Sourced { value, source }) = service_name {
            add("service_name", &value.to_string(), source);
        }
        for (name, value) in [("project", &config.project), ("team", &config.team)] {
            if let Some(value) = value {
                add(name, &value.to_string(), project);
            }
        }
        if config.project_labels {
            add("project_labels", "true", project);
        }
        add("names", names.as_str(), unless_default(*names == Names::default(), project));
        for name in &config.known_names {
            add("known_name", &name.to_string(), project);
        }
        let variable = Source::Environment(resource::VARIABLE);
        for (key, value) in &config.resource_attributes {
            let of_project = self.attributes_of_project.contains(key);
            let source = if of_project { project } else { &variable };
            add("resource_attribute", &format!("{key}={value}"), source);
        }
        for (agent, variable) in config.agents_own.iter().zip(&self.agents_variables) {
            add("cli_otel_active", agent, &Source::Environment(variable));
        }
        for (key, most) in &config.cardinality_limits {
            add("cardinality_override", &format!("{key}={most}"), project);
        }
        let Queue { max_entries, max_bytes } = config.queue;
        let limits = [("queue.max_entries", max_entries), ("queue.max_bytes", max_bytes)];
        for (name, limit) in limits {
            if let Some(limit) = limit {
                add(name, &limit.to_string(), project);
            }
        }
        let (Log { enabled, max_bytes, keep }, default) = (config.log, Log::default());
        for (name, value, default) in [
            ("log.enabled", enabled.to_string(), default.enabled.to_string()),
            ("log.max_bytes", max_bytes.to_string(), default.max_bytes.to_string()),
            ("log.keep", keep.to_string(), default.keep.to_string()),
        ] {
            if value != default {
                add(name, &value, project);
            }
        }
        settings
    }
}

/// The time between exports. It belongs to no endpoint, so the user's variable counts before the project's
/// file.
fn interval(
    file: Option<&ConfigFile<ProjectSettings>>,
    env: &Variables,
    warnings: &mut Vec<String>,
) -> Result<Sourced<Duration>, ConfigError> {
    if let Some(text) = env.get(INTERVAL).map(str::trim).filter(|text| !text.is_empty()) {
        return milliseconds((INTERVAL, text), &INTERVALS, warnings);
    }
    let written = file.and_then(|file| Some((file, file.otel.interval_seconds?.0)));
    Ok(written.map_or(Sourced::default_of(DEFAULT_INTERVAL), |(file, seconds)| {
        Sourced::of_file(Duration::from_secs_f64(seconds), &file.path)
    }))
}

/// The resolution: what the project sets, or the user without a project's file, or else the tier. Every other side of
/// the user can only make it coarser.
fn resolution(
    files: &Files,
    tier: &Tier,
    env: &Variables,
    warnings: &mut Vec<String>,
) -> Result<Sourced<TimeResolution>, ConfigError> {
    let variable = match env.get(RESOLUTION).map(str::trim).filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => {
            let value = TimeResolution::from_name(text).ok_or_else(|| {
                let problem = format!("{} is not a resolution.", quotable(text));
                let cure = format!("Use {}.", TimeResolution::names());
                ConfigError::in_environment(RESOLUTION, &problem, &cure)
            })?;
            Some(Sourced::of_variable(value, RESOLUTION))
        }
    };
    let of_personal = |file: &Option<ConfigFile<PersonalSettings>>| {
        let file = file.as_ref()?;
        Some(Sourced::of_file(file.otel.resolution?, &file.path))
    };
    let at_home = of_personal(&files.personal_at_home);
    let in_project = of_personal(&files.personal_in_project);
    let first = match &files.project {
        Some(file) => file.otel.resolution.map(|it| Sourced::of_file(it, &file.path)),
        None => variable.clone().or_else(|| at_home.clone()),
    };
    let first = first.unwrap_or(Sourced::default_of(TimeResolution::default_of(tier)));
    let others: Vec<_> = [variable, in_project, at_home].into_iter().flatten().collect();
    let coarsest = others.iter().fold(first.clone(), |coarsest, it| {
        if it.value > coarsest.value { it.clone() } else { coarsest }
    });
    // What counts is coarser because of the project or the tier.
    for finer in others.iter().filter(|it| it.value < first.value) {
        warnings.push(format!(
            "The resolution \"{}\" ({}) is not used: you can only make it coarser than \"{}\" ({}). The \
             project can set it.",
            finer.value.as_str(),
            printable(&finer.source.to_string()),
            first.value.as_str(),
            printable(&first.source.to_string()),
        ));
    }
    Ok(coarsest)
}

/// The certificates of the system. As in Node, the additional file counts only beside them, and one that
/// cannot be used is left out with a message.
fn system_certificates(
    environment: &Environment,
    is_https: bool,
    connection: &Connection,
    warnings: &mut Vec<String>,
) -> SystemCertificates {
    let mut certificates = SystemCertificates::of(&environment.variables, environment.home());
    let is_used = is_https && connection.tls.ca.is_none();
    certificates.extra = certificates.extra.filter(|file| {
        let unusable = if is_used { file.certificates().err() } else { None };
        if let Some(unusable) = &unusable {
            let (file, problem) = (file.named_by(), unusable.problem());
            warnings.push(format!("{file} {problem}, so its certificates are not used."));
        }
        is_used && unusable.is_none()
    });
    certificates
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
    fn of(
        file: Option<&ConfigFile<ProjectSettings>>,
        env: &Variables,
    ) -> Result<Self, ConfigError> {
        let Some(file) = file else { return Ok(Self::default()) };
        let ProjectSettings { project, team, known_names, resource_attributes, .. } = &file.otel;
        let known_names = known_names
            .iter()
            .enumerate()
            .map(|(index, name)| file.fill_in(&["known_names", &index.to_string()], name, env));
        // For the same reason as above.
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
