//! Looks up the names of hosts.

use crate::export::observation::{Observation, Observer};
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;
use tower_service::Service;

/// The system's resolver, but `localhost` is this machine without asking: a project may send anonymous
/// numbers there without an approval, and a name server can say that it is another machine.
/// Source: <https://www.rfc-editor.org/rfc/rfc6761#section-6.3>
#[derive(Clone, Debug)]
pub(super) struct HostResolver {
    system: GaiResolver,
    observer: Observer,
}

impl HostResolver {
    pub(super) fn new(observer: Observer) -> Self {
        Self { system: GaiResolver::new(), observer }
    }
}

/// The addresses of `localhost`. Their port is set by the caller.
fn this_machine() -> vec::IntoIter<SocketAddr> {
    let addresses = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    addresses.map(|address| SocketAddr::new(address, 0)).to_vec().into_iter()
}

impl Service<Name> for HostResolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.system.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let host = name.as_str().to_owned();
        let observer = self.observer.clone();
        let note = move |addresses: vec::IntoIter<SocketAddr>| {
            observer.note(|| {
                let addresses = addresses.as_slice().iter().map(SocketAddr::ip).collect();
                Observation::Resolved { host, addresses }
            });
            Ok(addresses)
        };
        if name.as_str().eq_ignore_ascii_case("localhost") {
            return Box::pin(async { note(this_machine()) });
        }
        let addresses = self.system.call(name);
        Box::pin(async { note(addresses.await?.collect::<Vec<_>>().into_iter()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_is_this_machine_whatever_a_name_server_says() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for name in ["localhost", "LOCALHOST"] {
            let addresses = HostResolver::new(Observer::default()).call(name.parse().unwrap());
            let addresses: Vec<_> = runtime.block_on(addresses).unwrap().collect();
            assert_eq!(addresses.len(), 2);
            assert!(addresses.iter().all(|address| address.ip().is_loopback()), "{name}");
        }
    }
}
