//! The HTTP client: the only place that opens a socket.
//!
//! Asynchronous, so that a request is cancelled by dropping it. It follows no redirect, keeps no
//! cookie, reads no proxy variable, and sends the headers it is given and no others.

use crate::config::{Compression, Config, Protocol};
use crate::export::failure::TransportError;
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
use std::time::{Duration, SystemTime};

/// An answer is a few bytes; a server that sends more is none of ours.
const MAX_RESPONSE_BYTES: usize = 4 << 20;
/// Idle connections are closed by then; collectors behind balancers drop them sooner or later.
const IDLE: Duration = Duration::from_secs(90);
const PRODUCT: &str = concat!("ccxray-otel-native/", env!("CARGO_PKG_VERSION"));

/// What a backend answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// What it means.
    pub verdict: Verdict,
    /// Data points that it did not take, though it said yes.
    pub rejected_points: u64,
}

/// A client with its connections.
#[derive(Clone, Debug)]
pub struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl HttpClient {
    /// A client for the endpoint of `config`. Certificates are only read for https.
    pub fn new(config: &Config) -> Result<Self, TransportError> {
        let https = config.endpoint.url().scheme() == "https";
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls::client_config(&config.tls, https)?)
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(1)
            .build(connector);
        Ok(Self { client })
    }

    /// Posts one encoded body. `now` is for dates in the answer.
    pub async fn post(
        &self,
        config: &Config,
        body: Bytes,
        now: SystemTime,
    ) -> Result<HttpResponse, TransportError> {
        let mut request = Request::post(config.endpoint.url().as_str())
            .body(Full::new(body))
            .map_err(|_| TransportError::Endpoint)?;
        let sent = request.headers_mut();
        sent.extend(config.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        let content_type = match config.protocol {
            Protocol::HttpProtobuf => "application/x-protobuf",
            Protocol::HttpJson => "application/json",
        };
        sent.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if config.compression == Compression::Gzip {
            sent.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        sent.insert(USER_AGENT, HeaderValue::from_static(PRODUCT));

        let response = self.client.request(request).await.map_err(|error| class_of(&error))?;
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
        // A body that is no OTLP answer says nothing about rejected points; the status rules.
        let body = body.to_bytes();
        let answer = match config.protocol {
            Protocol::HttpProtobuf => ExportMetricsServiceResponse::decode(body).ok(),
            Protocol::HttpJson => serde_json::from_slice(&body).ok(),
        };
        let answer = answer.unwrap_or_default();
        let rejected = answer.partial_success.map_or(0, |partial| partial.rejected_data_points);
        Ok(HttpResponse { status, verdict, rejected_points: u64::try_from(rejected).unwrap_or(0) })
    }
}

/// At which step it failed, in words that do not repeat the error's own: those name hosts.
fn class_of(error: &hyper_util::client::legacy::Error) -> TransportError {
    match (is_tls(error), error.is_connect()) {
        (true, _) => TransportError::Tls,
        (false, true) => TransportError::NoConnection,
        (false, false) => TransportError::Broken,
    }
}

/// Whether a TLS error is at the bottom of it. An `io::Error` does not show what it wraps as its
/// source, so it is opened.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>()
        || wrapped.is_some_and(|wrapped| is_tls(wrapped))
        || error.source().is_some_and(is_tls)
}
