//! The HTTP client: the only place that opens a socket.
//!
//! It is asynchronous: dropping the future of a request cancels the request. It follows no redirect,
//! keeps no cookie, reads no proxy variable, and adds no header of its own except those of OTLP.

use crate::config::{Compression, Config, Protocol};
use crate::export::failure::TransportError;
use crate::export::resolver::HostResolver;
use crate::export::tls;
use crate::otlp::retry::Verdict;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderValue, Request};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use prost::Message;
use std::error::Error;
use std::io;
use std::time::{Duration, SystemTime};

/// The limit of an answer: 4 MiB. An OTLP response has a few bytes.
const MAX_RESPONSE_BYTES: usize = 4 << 20;
/// Idle connections are closed after this time, because a load balancer would drop them without notice.
const MAX_IDLE: Duration = Duration::from_secs(90);
const PRODUCT: &str = concat!("ccxray-otel-native/", env!("CARGO_PKG_VERSION"));
/// How hyper-util describes a failed name look-up; the error has no public type.
const DNS_ERROR: &str = "dns error";

/// The answer of a backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HttpResponse {
    /// The HTTP status.
    pub(super) status: u16,
    /// What the status means.
    pub(super) verdict: Verdict,
    /// Data points that the backend rejected although its answer was 2xx.
    pub(super) rejected_points: u64,
}

/// An HTTP client with its connections.
#[derive(Clone, Debug)]
pub(super) struct HttpClient {
    client: Client<HttpsConnector<HttpConnector<HostResolver>>, Full<Bytes>>,
}

impl HttpClient {
    /// A client for the endpoint of `config`. Certificates are read only for https.
    ///
    /// # Errors
    /// [`TransportError`] if the certificates or the client's key cannot be used.
    pub(super) fn new(config: &Config) -> Result<Self, TransportError> {
        let is_https = config.endpoint.url().scheme() == "https";
        let mut http = HttpConnector::new_with_resolver(HostResolver::new());
        http.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls::client_config(config, is_https)?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(MAX_IDLE)
            .pool_max_idle_per_host(1)
            .build(connector);
        Ok(Self { client })
    }

    /// Posts one encoded body. A date in `Retry-After` is compared with `now`.
    ///
    /// Source: <https://opentelemetry.io/docs/specs/otlp/#otlphttp>
    ///
    /// # Errors
    /// [`TransportError`] if there is no usable answer. Any status is an answer.
    pub(super) async fn post(
        &self,
        config: &Config,
        body: Bytes,
        now: SystemTime,
    ) -> Result<HttpResponse, TransportError> {
        let request = request(config, body)?;
        let response = self.client.request(request).await.map_err(|error| classify(&error))?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let verdict = Verdict::of_status(status, retry_after, now);
        let body = Limited::new(response.into_body(), MAX_RESPONSE_BYTES).collect().await;
        let body = body.map_err(|error| {
            if error.is::<LengthLimitError>() {
                TransportError::ResponseTooLarge
            } else {
                TransportError::ResponseBroken
            }
        })?;
        let rejected_points = rejected_points(config.protocol, body.to_bytes());
        Ok(HttpResponse { status, verdict, rejected_points })
    }
}

fn request(config: &Config, body: Bytes) -> Result<Request<Full<Bytes>>, TransportError> {
    let mut request = Request::post(config.endpoint.url().as_str())
        .body(Full::new(body))
        .map_err(|_| TransportError::Endpoint)?;
    let headers = request.headers_mut();
    headers.extend(config.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
    let content_type = match config.protocol {
        Protocol::HttpProtobuf => "application/x-protobuf",
        Protocol::HttpJson => "application/json",
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if config.compression == Compression::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(USER_AGENT, HeaderValue::from_static(PRODUCT));
    Ok(request)
}

/// The rejected data points of a partial success. A body that is not an OTLP response has none.
///
/// Source: <https://opentelemetry.io/docs/specs/otlp/#partial-success-1>
fn rejected_points(protocol: Protocol, body: Bytes) -> u64 {
    let response = match protocol {
        Protocol::HttpProtobuf => ExportMetricsServiceResponse::decode(body).ok(),
        Protocol::HttpJson => serde_json::from_slice(&body).ok(),
    };
    let partial_success = response.and_then(|response| response.partial_success);
    let rejected = partial_success.map_or(0, |it| it.rejected_data_points);
    u64::try_from(rejected).unwrap_or(0)
}

/// Where the request failed. The error's own text is not used, because it contains the URL.
fn classify(error: &hyper_util::client::legacy::Error) -> TransportError {
    if causes(error).any(<dyn Error>::is::<rustls::Error>) {
        return TransportError::Tls;
    }
    if !error.is_connect() {
        return TransportError::Broken;
    }
    if causes(error).any(|cause| cause.to_string() == DNS_ERROR) {
        return TransportError::UnknownHost;
    }
    let os_error =
        |cause: &(dyn Error + 'static)| cause.downcast_ref::<io::Error>()?.raw_os_error();
    TransportError::NoConnection { os_error: causes(error).find_map(os_error) }
}

/// An error and all of its causes. An `io::Error` does not return the error that it wraps as its
/// source, so it is unwrapped here.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    })
}
