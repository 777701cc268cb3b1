//! The resource of a project: the attributes that describe the sender.
//!
//! Source: <https://opentelemetry.io/docs/specs/otel/resource/>

use crate::config::{Config, Text, Tier};
use crate::metrics::scrub::{chosen_name, own_text};
use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;

/// The version of the names, attributes and meanings that dashboards rely on. Raise it when a
/// dashboard could notice a change.
const SCHEMA_VERSION: &str = "1";

/// `service.name`, unless the user has chosen another.
const SERVICE_NAME: &str = "ccxray";

/// The resource of the project with this config. `instance` is the random id of this launch.
///
/// It starts empty, because the SDK's own detectors would read the environment.
pub(super) fn resource(config: &Config, instance: &str) -> Resource {
    let constant = |key: &'static str, value: &str| KeyValue::new(key, value.to_owned());
    let scrubbed = |key: String, value: &str| {
        own_text(value).map(|value| KeyValue::new(key, value.as_str().to_owned()))
    };
    let setting = |key: &str, value: Option<&Text>| scrubbed(key.to_owned(), value?.reveal());
    let identity = match &config.tier {
        Tier::Anonymous => None,
        Tier::Named { identity } => chosen_name(identity.reveal()),
    };
    let custom = config.resource_attributes.iter();
    let custom = custom.filter_map(|(key, value)| scrubbed(key.clone(), value.reveal()));
    let is_agent_telemetry_on = !config.agents_own.is_empty();
    let attributes = [
        setting("service.name", config.service_name.as_ref())
            .or_else(|| Some(constant("service.name", SERVICE_NAME))),
        config.host_version.as_ref().and_then(|it| scrubbed("service.version".to_owned(), it)),
        Some(constant("service.instance.id", instance)),
        Some(constant("ccxray.source", "ccxray-proxy")),
        Some(constant("ccxray.schema.version", SCHEMA_VERSION)),
        is_agent_telemetry_on.then(|| KeyValue::new("ccxray.cli_otel_active", true)),
        setting("project.name", config.project.as_ref()),
        setting("team", config.team.as_ref()),
        identity.map(|name| constant("enduser.id", name.as_str())),
    ];
    Resource::builder_empty()
        .with_attributes(custom.chain(attributes.into_iter().flatten()))
        .build()
}
