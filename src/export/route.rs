//! The way to a backend: directly, or through the user's HTTP proxy.

use crate::config::{Config, Protocol, Proxy};
use crate::export::observation::{Observation, Observer};
use crate::export::resolver::HostResolver;
use http::Uri;
use http::uri::Scheme;
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::future::Future;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::net::TcpStream;
use tower_service::Service;

/// Whether a proxy gets the requests themselves, and makes them in place of this process: those without TLS
/// in HTTP/1.1. All others need a connection to the backend itself.
pub(super) fn is_forwarded(config: &Config) -> bool {
    let is_plain = config.endpoint.url().scheme() == "http";
    config.proxy.is_some() && is_plain && config.protocol != Protocol::Grpc
}

/// Opens connections, through a proxy if there is one.
#[derive(Clone, Debug)]
pub(super) struct Route {
    direct: Dialer,
    proxy: Option<ProxyRoute>,
    observer: Observer,
}

#[derive(Clone, Debug)]
struct ProxyRoute {
    url: Uri,
    /// Makes the proxy relay a connection to any host.
    tunnel: Tunnel<Dialer>,
    /// See `is_forwarded`.
    is_forwarding: bool,
}

impl Route {
    /// The way through `proxy`, or directly.
    pub(super) fn new(proxy: Option<&Proxy>, is_forwarding: bool, observer: &Observer) -> Self {
        let mut connector = HttpConnector::new_with_resolver(HostResolver::new(observer.clone()));
        connector.enforce_http(false);
        let direct = Dialer { connector, observer: observer.clone() };
        let proxy = proxy.map(|proxy| {
            let url = proxy.url().clone();
            let tunnel = Tunnel::new(url.clone(), direct.clone());
            let tunnel = match proxy.authorization() {
                Some(authorization) => tunnel.with_auth(authorization.clone()),
                None => tunnel,
            };
            ProxyRoute { url, tunnel, is_forwarding }
        });
        Self { direct, proxy, observer: observer.clone() }
    }
}

/// Opens connections to one host.
#[derive(Clone, Debug)]
struct Dialer {
    connector: HttpConnector<HostResolver>,
    observer: Observer,
}

impl Service<Uri> for Dialer {
    type Response = TokioIo<TcpStream>;
    type Error = <HttpConnector<HostResolver> as Service<Uri>>::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let connecting = self.connector.call(target);
        let observer = self.observer.clone();
        Box::pin(async move {
            let stream = connecting.await?;
            observer.note(|| Observation::Connected(stream.inner().peer_addr().ok()));
            Ok(stream)
        })
    }
}

impl Service<Uri> for Route {
    type Response = RoutedStream;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<RoutedStream, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.direct.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let Self { direct, proxy, observer } = self;
        let is_plain = target.scheme() == Some(&Scheme::HTTP);
        match proxy {
            None => {
                let connecting = direct.call(target);
                Box::pin(async move { Ok(RoutedStream::new(connecting.await?, is_plain)) })
            }
            Some(ProxyRoute { url, is_forwarding: true, .. }) => {
                let connecting = direct.call(url.clone());
                Box::pin(async move { Ok(RoutedStream::forwarded(connecting.await?)) })
            }
            Some(ProxyRoute { tunnel, .. }) => {
                let (connecting, observer) = (tunnel.call(with_port(target)), observer.clone());
                Box::pin(async move {
                    let stream = connecting.await?;
                    observer.note(|| Observation::Relayed);
                    Ok(RoutedStream::new(stream, is_plain))
                })
            }
        }
    }
}

/// The tunnel takes 443 for the port of each URL without one.
fn with_port(url: Uri) -> Uri {
    if url.port().is_some() || url.scheme() != Some(&Scheme::HTTP) {
        return url;
    }
    let authority = format!("{}:80", url.host().unwrap_or_default());
    let with_port = Uri::builder().scheme("http").authority(authority).path_and_query("/").build();
    with_port.unwrap_or(url)
}

/// A connection that knows whether a proxy reads its requests.
#[derive(Debug)]
pub(super) struct RoutedStream {
    stream: TokioIo<TcpStream>,
    is_forwarding: bool,
    /// Whether the next bytes are the first ones of a backend that should not speak TLS.
    is_plain_and_unread: bool,
}

impl RoutedStream {
    /// To the backend itself.
    fn new(stream: TokioIo<TcpStream>, is_plain: bool) -> Self {
        Self { stream, is_forwarding: false, is_plain_and_unread: is_plain }
    }

    /// To a proxy that reads the requests.
    fn forwarded(stream: TokioIo<TcpStream>) -> Self {
        Self { stream, is_forwarding: true, is_plain_and_unread: false }
    }

    /// Reads the first bytes of a backend that should not speak TLS.
    fn poll_first_read(
        &mut self,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut first = [0; FIRST_BYTES];
        let room = buffer.remaining().min(FIRST_BYTES);
        let mut own = ReadBuf::new(&mut first[..room]);
        ready!(Pin::new(&mut self.stream).poll_read(context, own.unfilled()))?;
        self.is_plain_and_unread = false;
        if own.filled().starts_with(TLS_ALERT) {
            return Poll::Ready(Err(io::Error::new(ErrorKind::InvalidData, SpeaksTls)));
        }
        buffer.put_slice(own.filled());
        Poll::Ready(Ok(()))
    }
}

/// How many bytes are enough to recognise TLS.
const FIRST_BYTES: usize = 64;
/// How a server for TLS answers to anything else: with an alert of TLS 1.0 to 1.3.
/// Source: <https://www.rfc-editor.org/rfc/rfc8446#section-5.1>
const TLS_ALERT: &[u8] = &[0x15, 0x03];

/// The error about a backend that speaks TLS although its endpoint is http.
#[derive(Debug, thiserror::Error)]
#[error("the other side speaks TLS")]
pub(super) struct SpeaksTls;

impl Connection for RoutedStream {
    fn connected(&self) -> Connected {
        // A request for a forwarding proxy contains the whole URL.
        self.stream.connected().proxy(self.is_forwarding)
    }
}

impl Read for RoutedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_plain_and_unread {
            return self.poll_first_read(context, buffer);
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for RoutedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tunnel_leads_to_the_port_of_the_scheme() {
        for (url, expected) in [
            ("http://otlp.example/v1", "http://otlp.example:80/"),
            ("http://[fd00::1]/", "http://[fd00::1]:80/"),
            ("http://otlp.example:4318/v1", "http://otlp.example:4318/v1"),
            ("https://otlp.example/", "https://otlp.example/"),
        ] {
            assert_eq!(with_port(url.parse().unwrap()), expected);
        }
    }
}
