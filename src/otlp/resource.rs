//! The resource of a project: the attributes that describe the sender.
//!
//! Source: <https://opentelemetry.io/docs/specs/otel/resource/>

use crate::config::{Config, Text, Tier};
use crate::metrics::scrub::{chosen_name, own_text};
use opentelemetry::KeyValue;
use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value};
use opentelemetry_proto::tonic::resource::v1::Resource as EncodedResource;
use opentelemetry_sdk::Resource;

/// The version of the names, attributes and meanings that dashboards rely on. Raise it when a
/// dashboard could notice a change.
const SCHEMA_VERSION: &str = "1";

/// `service.name`, unless the user has chosen another.
const SERVICE_NAME: &str = "ccxray";

/// The attribute that tells streams of the same series apart.
const INSTANCE_ID: &str = "service.instance.id";

/// Gives a resource another instance.
pub(super) fn set_instance(resource: &mut EncodedResource, instance: &str) {
    let attributes = resource.attributes.iter_mut();
    for attribute in attributes.filter(|attribute| attribute.key == INSTANCE_ID) {
        let value = Some(any_value::Value::StringValue(instance.to_owned()));
        attribute.value = Some(AnyValue { value });
    }
}

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
        Some(constant(INSTANCE_ID, instance)),
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
