//! OTLP over HTTP.
//!
//! Source: <https://opentelemetry.io/docs/specs/otlp/#otlphttp>

use crate::config::{Compression, Config, Protocol, printable};
use crate::export::answer::{Answer, PartialSuccess};
use crate::export::connection::{BackendConnection, ReceivedResponse};
use crate::export::failure::Failure;
use crate::export::route::is_forwarded;
use crate::export::transport_error::TransportError;
use crate::otlp::retry::Verdict;
use bytes::Bytes;
use http::header::{
    CONTENT_ENCODING, CONTENT_TYPE, LOCATION, PROXY_AUTHORIZATION, RETRY_AFTER, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::Full;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use prost::Message;
use std::time::SystemTime;
use url::Position;

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
    if is_about_tls(&reason) {
        return Err(TransportError::NeedsTls);
    }
    let response = match config.protocol {
        Protocol::HttpJson => serde_json::from_slice(&body).ok(),
        Protocol::HttpProtobuf | Protocol::Grpc => {
            ExportMetricsServiceResponse::decode(body.clone()).ok()
        }
    };
    if response.is_none() && (200..300).contains(&status) && is_page(&headers, &body) {
        return Err(TransportError::Page);
    }
    let failure = if (300..400).contains(&status) {
        Failure::Redirect { status, target: target(&headers, config) }
    } else {
        Failure::Status(status)
    };
    Ok(Answer {
        verdict: verdict(status, &headers, now).with_reason(&reason),
        failure,
        partial_success: PartialSuccess::of(response),
    })
}

/// Whether an answer is a page for a browser. A success has an OTLP response as its body, or, for backends
/// that are not strict, none or anything else that no program shows to people.
///
/// Source: <https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>
fn is_page(headers: &HeaderMap, body: &[u8]) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let is_html = ["text/html", "application/xhtml+xml"].iter().any(|html| {
        content_type.get(..html.len()).is_some_and(|it| it.eq_ignore_ascii_case(html.as_bytes()))
    });
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    !body.is_empty() && (is_html || body.starts_with(b"<"))
}

/// Whether a server for HTTPS says that the request was not encrypted, as those in Go, nginx and Apache do.
fn is_about_tls(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    let phrases = ["to an https server", "sent to https port", "speaking plain http to an ssl"];
    phrases.iter().any(|phrase| reason.contains(phrase))
}

/// The scheme, host and port that a redirect leads to. Its path is a text of the backend's choice, so it is not shown.
/// `None` if that is not a URL, or repeats a credential.
fn target(headers: &HeaderMap, config: &Config) -> Option<String> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let url = config.endpoint.url().join(location).ok()?;
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let shown = printable(&format!("{}://{host}", url.scheme()));
    (!config.headers.are_repeated_in(&shown)).then_some(shown)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_for_a_browser_is_not_an_answer() {
        for (content_type, body, expected) in [
            ("text/html; charset=utf-8", "Please log in", true),
            ("Text/HTML", "<html>", true),
            ("application/xhtml+xml", "<html/>", true),
            ("text/plain", "\u{feff}\r\n <!doctype html>", true),
            ("", "<?xml version=\"1.0\"?>", true),
            ("text/html", "", false),
            ("text/html", " \n", false),
            ("text/plain", "ok", false),
            ("application/json", "{}", false),
            ("application/x-protobuf", "\u{1}<html>", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            assert_eq!(is_page(&headers, body.as_bytes()), expected, "{content_type} {body}");
        }
    }

    #[test]
    fn a_server_that_wants_tls_is_recognised() {
        for (reason, expected) in [
            ("Client sent an HTTP request to an HTTPS server.\n", true),
            ("<title>400 The plain HTTP request was sent to HTTPS port</title>", true),
            ("You're speaking plain HTTP to an SSL-enabled server port.", true),
            ("the body is not OTLP", false),
            ("", false),
        ] {
            assert_eq!(is_about_tls(reason), expected, "{reason}");
        }
    }
}
