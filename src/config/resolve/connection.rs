//! The settings that belong to an endpoint.

use crate::config::file::config_file::ConfigFile;
use crate::config::file::settings::ProjectSettings;
use crate::config::value::choice::{Compression, HistogramAggregation, Protocol, Temporality};
use crate::config::value::headers::Headers;
use crate::config::value::source::{Source, Sourced};
use crate::config::value::text::Text;
use crate::config::value::tls::Tls;
use crate::config::variable_names::DEFAULT_TIMEOUT;
use std::time::Duration;

/// The most that one request may have before compression, if nothing is set: 4 MiB, the limit of gRPC
/// servers that set none.
pub(crate) const MAX_REQUEST_BYTES: usize = 4 << 20;

/// The settings that belong to the endpoint, each with its source.
pub(crate) struct Connection {
    /// Of the endpoint itself.
    pub(crate) source: Source,
    pub(crate) protocol: Sourced<Protocol>,
    pub(crate) headers: Sourced<Headers>,
    pub(crate) compression: Sourced<Compression>,
    /// The most that one request may have before compression.
    pub(crate) max_request_bytes: Sourced<usize>,
    pub(crate) temporality: Sourced<Temporality>,
    pub(crate) timeout: Sourced<Duration>,
    pub(crate) histograms: Sourced<HistogramAggregation>,
    /// The name of the service, if the user has chosen one.
    pub(crate) service_name: Option<Sourced<Text>>,
    pub(crate) tls: Tls,
}

/// What a project's file may set for any endpoint.
pub(crate) struct OfProject {
    pub(crate) temporality: Sourced<Temporality>,
    pub(crate) timeout: Sourced<Duration>,
}

impl OfProject {
    pub(crate) fn of(project: Option<&ConfigFile<ProjectSettings>>) -> Self {
        let settings = project.map(|file| (&file.otel, file.path.as_path()));
        let temporality =
            settings.and_then(|(otel, path)| Some(Sourced::of_file(otel.temporality?, path)));
        let timeout = settings.and_then(|(otel, path)| {
            Some(Sourced::of_file(Duration::from_secs_f64(otel.timeout_seconds?.0), path))
        });
        Self {
            temporality: temporality.unwrap_or(Sourced::default_of(Temporality::default())),
            timeout: timeout.unwrap_or(Sourced::default_of(DEFAULT_TIMEOUT)),
        }
    }
}
