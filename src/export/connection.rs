//! The connections to a backend: the only place that opens a socket.
//!
//! It is asynchronous: dropping the future of a request cancels the request. It follows no redirect,
//! keeps no cookie, and adds no header of its own.

use crate::config::{Config, Protocol};
use crate::export::observation::Observer;
use crate::export::route::{Route, SpeaksTls, is_forwarded};
use crate::export::tls;
use crate::export::tls_problem::TlsProblem;
use crate::export::transport_error::TransportError;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::error::Error;
use std::io;
use std::time::Duration;

/// The limit of an answer: 4 MiB. An OTLP response has a few bytes.
const MAX_RESPONSE_BYTES: usize = 4 << 20;
/// Idle connections are closed after this time, because a load balancer would drop them without notice.
const MAX_IDLE: Duration = Duration::from_secs(90);
/// How hyper-util describes a failed name look-up; the error has no public type.
const DNS_ERROR: &str = "dns error";
/// The same for a server that speaks first, as one for HTTP/2 alone does.
const UNEXPECTED_MESSAGE: &str = "received unexpected message from connection";
/// The same for what a proxy does not do.
const TUNNEL_ERROR: &str = "tunnel error: ";
const TUNNEL_AUTHORIZATION: &str = "proxy authorization required";
const TUNNEL_CONNECT: &str = "failed to create underlying connection";

/// A client with its connections to one backend.
#[derive(Clone, Debug)]
pub(super) struct BackendConnection {
    client: Client<HttpsConnector<Route>, Full<Bytes>>,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub(super) struct ReceivedResponse {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The headers after the body. gRPC has its status there.
    pub(super) trailers: HeaderMap,
}

impl BackendConnection {
    /// Connections to the endpoint of `config`. Certificates are read only for https. `observer` takes down
    /// how they are opened.
    ///
    /// # Errors
    /// [`TransportError`] if the certificates or the client's key cannot be used.
    pub(super) fn new(config: &Config, observer: &Observer) -> Result<Self, TransportError> {
        let is_https = config.endpoint.url().scheme() == "https";
        let is_grpc = config.protocol == Protocol::Grpc;
        let route = Route::new(config.proxy.as_ref(), is_forwarded(config), observer);
        let tls_config = tls::client_config(config, is_https, observer)?;
        let secured = HttpsConnectorBuilder::new().with_tls_config(tls_config).https_or_http();
        // The client offers the server only what it then speaks.
        let secured = if is_grpc {
            secured.enable_http2().wrap_connector(route)
        } else {
            secured.enable_http1().wrap_connector(route)
        };
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(MAX_IDLE)
            .pool_max_idle_per_host(1)
            .http2_only(is_grpc)
            .build(secured);
        Ok(Self { client })
    }

    /// Sends a request, and reads the whole answer.
    ///
    /// # Errors
    /// [`TransportError`] if there is no usable answer. Any status is an answer.
    pub(super) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<ReceivedResponse, TransportError> {
        let response = self.client.request(request).await.map_err(|error| classify(&error))?;
        read(response).await
    }
}

async fn read(response: Response<Incoming>) -> Result<ReceivedResponse, TransportError> {
    let (parts, body) = response.into_parts();
    let collected = Limited::new(body, MAX_RESPONSE_BYTES).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            TransportError::ResponseTooLarge
        } else {
            TransportError::ResponseBroken
        }
    })?;
    let trailers = collected.trailers().cloned().unwrap_or_default();
    Ok(ReceivedResponse {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: collected.to_bytes(),
        trailers,
    })
}

/// Where the request failed. The error's own text is not used, because it contains the URL.
fn classify(error: &hyper_util::client::legacy::Error) -> TransportError {
    if let Some(error) = causes(error).find_map(<dyn Error>::downcast_ref::<rustls::Error>) {
        let no_protocol = rustls::AlertDescription::NoApplicationProtocol;
        return match error {
            rustls::Error::AlertReceived(alert) if *alert == no_protocol => {
                TransportError::OtherProtocol
            }
            rustls::Error::NoApplicationProtocol => TransportError::OtherProtocol,
            _ => TransportError::Tls(TlsProblem::of(error)),
        };
    }
    // h2 keeps the text of an error alone.
    if causes(error).any(|cause| cause.to_string() == SpeaksTls.to_string()) {
        return TransportError::NeedsTls;
    }
    if error.is_connect() {
        let tunnel_error = causes(error)
            .find_map(|cause| cause.to_string().strip_prefix(TUNNEL_ERROR).map(str::to_owned));
        match tunnel_error.as_deref() {
            Some(TUNNEL_AUTHORIZATION) => return TransportError::ProxyAuthorization,
            // The reason is a cause of this one.
            None | Some(TUNNEL_CONNECT) => {}
            Some(_) => return TransportError::ProxyRefused,
        }
        if causes(error).any(|cause| cause.to_string() == DNS_ERROR) {
            return TransportError::UnknownHost;
        }
        let os_error =
            |cause: &(dyn Error + 'static)| cause.downcast_ref::<io::Error>()?.raw_os_error();
        return TransportError::NoConnection { os_error: causes(error).find_map(os_error) };
    }
    if causes(error).any(is_other_protocol) {
        TransportError::OtherProtocol
    } else {
        TransportError::Broken
    }
}

/// Whether the other side does not speak the version of HTTP that the request needs.
fn is_other_protocol(cause: &(dyn Error + 'static)) -> bool {
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        return error.is_parse() || error.to_string() == UNEXPECTED_MESSAGE;
    }
    let Some(error) = cause.downcast_ref::<h2::Error>() else { return false };
    match error.reason() {
        Some(h2::Reason::HTTP_1_1_REQUIRED) => true,
        // Found here, and not reported by the other side: its bytes are no frames.
        Some(h2::Reason::FRAME_SIZE_ERROR | h2::Reason::PROTOCOL_ERROR) => error.is_library(),
        _ => false,
    }
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
