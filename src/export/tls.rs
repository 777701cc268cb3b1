//! TLS: the certificates of the system, or those that a config names.

use crate::config::{Config, PemFile, SystemCertificates};
use crate::export::observation::Observer;
use crate::export::observed_verifier::ObservedVerifier;
use crate::export::transport_error::TransportError;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::{CertificateResult, load_certs_from_paths};
use std::sync::Arc;

/// The TLS config of a client. For plain http it reads no file. `observer` takes down the certificate of the
/// backend.
///
/// # Errors
/// [`TransportError`] if the certificates of the system or a file of the config cannot be used.
pub(super) fn client_config(
    config: &Config,
    is_https: bool,
    observer: &Observer,
) -> Result<ClientConfig, TransportError> {
    let Config { tls, system_certificates, .. } = config;
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| TransportError::NoCertificates)?;
    if !is_https {
        return Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    let roots = match &tls.ca {
        None => system_roots(system_certificates)?,
        Some(file) => roots(file)?,
    };
    let builder = if observer.is_attentive() {
        let algorithms = provider.signature_verification_algorithms;
        let verifier = ObservedVerifier { roots, algorithms, observer: observer.clone() };
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
    } else {
        builder.with_root_certificates(roots)
    };
    match &tls.client {
        None => Ok(builder.with_no_client_auth()),
        Some((certificate, key)) => {
            let (chain, parsed) =
                certificate.with_key(key).map_err(TransportError::CertificateFile)?;
            let unusable = |_| TransportError::CertificateFile(certificate.without_certificate());
            builder.with_client_auth_cert(chain, parsed).map_err(unusable)
        }
    }
}

/// The certificates of the system. On Linux nothing here asks for an environment variable while Node
/// may change one: the places come from the config.
fn system_roots(places: &SystemCertificates) -> Result<RootCertStore, TransportError> {
    let found = if places.is_usual() { usual_certificates() } else { certificates_in(places) };
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found);
    // The config has warned about a file that cannot be read.
    let extra = places.extra.as_ref().and_then(|file| file.certificates().ok()).unwrap_or_default();
    let (more, _) = roots.add_parsable_certificates(extra);
    if added + more == 0 { Err(TransportError::NoCertificates) } else { Ok(roots) }
}

fn certificates_in(places: &SystemCertificates) -> Vec<CertificateDer<'static>> {
    let SystemCertificates { file, directories, .. } = places;
    let of_file = file.iter().map(|file| load_certs_from_paths(Some(file), None));
    let of_directories = directories.iter().map(|it| load_certs_from_paths(None, Some(it)));
    of_file.chain(of_directories).flat_map(|CertificateResult { certs, .. }| certs).collect()
}

/// The first file that exists, else the directories: a directory contains the same certificates, one
/// by one.
#[cfg(target_os = "linux")]
fn usual_certificates() -> Vec<CertificateDer<'static>> {
    let files = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/pki/tls/cacert.pem",
        "/etc/ssl/cert.pem",
        "/opt/etc/ssl/certs/ca-certificates.crt",
    ];
    let file = files.map(std::path::PathBuf::from).into_iter().find(|file| file.exists());
    let directories = ["/etc/ssl/certs", "/etc/pki/tls/certs"].map(std::path::PathBuf::from);
    let directories = if file.is_some() { Vec::new() } else { directories.into() };
    certificates_in(&SystemCertificates { file, directories, extra: None })
}

/// Elsewhere the system's own store has them. Its library looks at the two variables first.
#[cfg(not(target_os = "linux"))]
fn usual_certificates() -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_native_certs().certs
}

fn roots(file: &PemFile) -> Result<RootCertStore, TransportError> {
    let mut roots = RootCertStore::empty();
    let certificates = file.certificates().map_err(TransportError::CertificateFile)?;
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 {
        return Err(TransportError::CertificateFile(file.without_certificate()));
    }
    Ok(roots)
}
