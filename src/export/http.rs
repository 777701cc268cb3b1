//! OTLP over HTTP.
//!
//! Source: <https://opentelemetry.io/docs/specs/otlp/#otlphttp>

use crate::config::{Compression, Config, Protocol};
use crate::export::answer::{Answer, PartialSuccess};
use crate::export::connection::{BackendConnection, ReceivedResponse};
use crate::export::failure::Failure;
use crate::export::route::is_forwarded;
use crate::export::transport_error::TransportError;
use crate::otlp::retry::Verdict;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, PROXY_AUTHORIZATION, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::Full;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use prost::Message;
use std::time::SystemTime;

/// The name of this package in requests.
pub(super) const PRODUCT: &str = concat!("ccxray-otel-native/", env!("CARGO_PKG_VERSION"));

/// The status with which a proxy asks for user and password.
const PROXY_AUTHORIZATION_REQUIRED: u16 = 407;

/// A reason that is longer is not read further.
const MAX_REASON_BYTES: usize = 1024;

/// Posts one encoded body. A date in `Retry-After` is compared with `now`.
///
/// # Errors
/// [`TransportError`] if there is no usable answer. Any status is an answer.
pub(super) async fn post(
    connection: &BackendConnection,
    config: &Config,
    body: Bytes,
    now: SystemTime,
) -> Result<Answer, TransportError> {
    let response = connection.send(request(config, body)?).await?;
    let ReceivedResponse { status, headers, body, .. } = response;
    if status == PROXY_AUTHORIZATION_REQUIRED && config.proxy.is_some() {
        return Err(TransportError::ProxyAuthorization);
    }
    // Another status is not about the request.
    let reason = if status == 400 { reason(&body) } else { String::new() };
    let response = match config.protocol {
        Protocol::HttpJson => serde_json::from_slice(&body).ok(),
        Protocol::HttpProtobuf | Protocol::Grpc => ExportMetricsServiceResponse::decode(body).ok(),
    };
    Ok(Answer {
        verdict: verdict(status, &headers, now).with_reason(&reason),
        failure: Failure::Status(status),
        partial_success: PartialSuccess::of(response),
    })
}

/// The beginning of what a backend says about a request.
fn reason(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(MAX_REASON_BYTES)]).into_owned()
}

/// What an HTTP status means.
pub(super) fn verdict(status: u16, headers: &HeaderMap, now: SystemTime) -> Verdict {
    let retry_after = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    Verdict::of_status(status, retry_after, now)
}

fn request(config: &Config, body: Bytes) -> Result<Request<Full<Bytes>>, TransportError> {
    let mut request = Request::post(config.endpoint.url().as_str())
        .body(Full::new(body))
        .map_err(|_| TransportError::Endpoint)?;
    let headers = request.headers_mut();
    headers.extend(config.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
    let content_type = match config.protocol {
        Protocol::HttpJson => "application/json",
        Protocol::HttpProtobuf | Protocol::Grpc => "application/x-protobuf",
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if config.compression == Compression::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let proxy = config.proxy.as_ref().filter(|_| is_forwarded(config));
    if let Some(authorization) = proxy.and_then(|proxy| proxy.authorization()) {
        headers.insert(PROXY_AUTHORIZATION, authorization.clone());
    }
    headers.insert(USER_AGENT, HeaderValue::from_static(PRODUCT));
    Ok(request)
}
