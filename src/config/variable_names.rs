//! The variables of the OTLP exporter, each first in the form for metrics alone. `opentelemetry-otlp` is the
//! authority for their names and values.
//!
//! Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>

use opentelemetry_otlp::{
    OTEL_EXPORTER_OTLP_COMPRESSION, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS,
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,
    OTEL_EXPORTER_OTLP_METRICS_HEADERS, OTEL_EXPORTER_OTLP_METRICS_PROTOCOL,
    OTEL_EXPORTER_OTLP_METRICS_TIMEOUT, OTEL_EXPORTER_OTLP_PROTOCOL, OTEL_EXPORTER_OTLP_TIMEOUT,
};
pub(crate) use opentelemetry_otlp::{
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE as TEMPORALITY,
    OTEL_EXPORTER_OTLP_PROTOCOL_GRPC as GRPC, OTEL_EXPORTER_OTLP_PROTOCOL_HTTP_JSON as HTTP_JSON,
    OTEL_EXPORTER_OTLP_PROTOCOL_HTTP_PROTOBUF as HTTP_PROTOBUF,
    OTEL_EXPORTER_OTLP_TIMEOUT_DEFAULT as DEFAULT_TIMEOUT,
};

pub(crate) const ENDPOINT: [&str; 2] =
    [OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT];
pub(crate) const PROTOCOL: [&str; 2] =
    [OTEL_EXPORTER_OTLP_METRICS_PROTOCOL, OTEL_EXPORTER_OTLP_PROTOCOL];
pub(crate) const HEADERS: [&str; 2] =
    [OTEL_EXPORTER_OTLP_METRICS_HEADERS, OTEL_EXPORTER_OTLP_HEADERS];
pub(crate) const COMPRESSION: [&str; 2] =
    [OTEL_EXPORTER_OTLP_METRICS_COMPRESSION, OTEL_EXPORTER_OTLP_COMPRESSION];
pub(crate) const TIMEOUT: [&str; 2] =
    [OTEL_EXPORTER_OTLP_METRICS_TIMEOUT, OTEL_EXPORTER_OTLP_TIMEOUT];
// The crate does not know the three of certificates.
pub(crate) const CERTIFICATE: [&str; 2] =
    ["OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"];
pub(crate) const CLIENT_CERTIFICATE: [&str; 2] =
    ["OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"];
pub(crate) const CLIENT_KEY: [&str; 2] =
    ["OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_KEY"];
/// The limit of an export as a whole.
pub(crate) const EXPORT_TIMEOUT: &str = "OTEL_METRIC_EXPORT_TIMEOUT";
/// The variable that selects exporters of metrics.
/// Source: <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#exporter-selection>
pub(crate) const EXPORTERS: &str = "OTEL_METRICS_EXPORTER";
pub(crate) const HISTOGRAMS: &str = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
pub(crate) const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
