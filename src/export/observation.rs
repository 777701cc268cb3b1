//! What happens on the way to a backend, step by step. Only a probe looks.

use crate::util::certificate::CertificateFacts;
use parking_lot::Mutex;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::time::Instant;

/// A step that has succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Observation {
    /// The name of a host has these addresses.
    Resolved { host: String, addresses: Vec<IpAddr> },
    /// A connection is open, to this address if the system knows it.
    Connected(Option<SocketAddr>),
    /// The proxy relays a connection to the backend.
    Relayed,
    /// The backend has shown its certificate, which may be wrong. `None` if it cannot be read.
    Certificate(Option<CertificateFacts>),
    /// The certificate is right, and TLS has this version.
    Secured(&'static str),
}

/// Records the steps of a connection for a probe. The default one records nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Observer(Option<Arc<Mutex<Observations>>>);

/// Steps, and when each ended.
pub(super) type Observations = Vec<(Instant, Observation)>;

impl Observer {
    /// One that takes down all steps.
    pub(super) fn attentive() -> Self {
        Self(Some(Arc::default()))
    }

    /// Whether anybody wants the steps.
    pub(super) fn is_attentive(&self) -> bool {
        self.0.is_some()
    }

    /// Takes down a step.
    pub(super) fn note(&self, observation: impl FnOnce() -> Observation) {
        if let Some(observations) = &self.0 {
            observations.lock().push((Instant::now(), observation()));
        }
    }

    /// The steps so far.
    pub(super) fn observations(&self) -> Observations {
        self.0.as_ref().map(|it| it.lock().clone()).unwrap_or_default()
    }
}
