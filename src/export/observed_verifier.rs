//! Shows a probe the certificate of a backend. Whether it is trusted is decided as always.

use crate::export::observation::{Observation, Observer};
use crate::util::certificate::CertificateFacts;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use std::sync::Arc;

/// A verifier of certificates, with somebody who looks on.
#[derive(Debug)]
pub(super) struct ObservedVerifier {
    pub(super) verifier: Arc<dyn ServerCertVerifier>,
    pub(super) observer: Observer,
}

impl ServerCertVerifier for ObservedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.observer.note(|| Observation::Certificate(CertificateFacts::read(end_entity)));
        self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let valid = self.verifier.verify_tls12_signature(message, certificate, signature)?;
        self.observer.note(|| Observation::Secured("TLS 1.2"));
        Ok(valid)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let valid = self.verifier.verify_tls13_signature(message, certificate, signature)?;
        self.observer.note(|| Observation::Secured("TLS 1.3"));
        Ok(valid)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
