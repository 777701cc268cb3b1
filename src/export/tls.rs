//! TLS: the certificates of the system, or those that a config names.

use crate::config::{PemFile, Tls};
use crate::export::failure::TransportError;
use crate::util::bounded_file;
use hyper_rustls::ConfigBuilderExt;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// The limit of a PEM file: 4 MiB. All certificates of a system together are smaller.
const MAX_BYTES: u64 = 4 << 20;

/// The TLS config of a client. For plain http it reads no file.
///
/// # Errors
/// [`TransportError`] if the certificates of the system or a file of the config cannot be used.
pub(super) fn client_config(tls: &Tls, is_https: bool) -> Result<ClientConfig, TransportError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| TransportError::NoCertificates)?;
    if !is_https {
        return Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    let builder = match &tls.ca {
        None => builder.with_native_roots().map_err(|_| TransportError::NoCertificates)?,
        Some(file) => builder.with_root_certificates(roots(file)?),
    };
    match &tls.client {
        None => Ok(builder.with_no_client_auth()),
        Some((certificate, key)) => {
            let chain = certificates(certificate, "tls.certificate_file")?;
            let key = PrivateKeyDer::from_pem_slice(&read(key, "tls.key_file")?)
                .map_err(|_| TransportError::CertificateFile("tls.key_file"))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|_| TransportError::CertificateFile("tls.key_file"))
        }
    }
}

fn roots(file: &PemFile) -> Result<RootCertStore, TransportError> {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates(file, "tls.ca_file")?);
    if added == 0 { Err(TransportError::CertificateFile("tls.ca_file")) } else { Ok(roots) }
}

fn certificates(
    file: &PemFile,
    setting: &'static str,
) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    CertificateDer::pem_slice_iter(&read(file, setting)?)
        .collect::<Result<Vec<_>, _>>()
        .ok()
        .filter(|certificates| !certificates.is_empty())
        .ok_or(TransportError::CertificateFile(setting))
}

/// Reads a file, without waiting and up to the limit.
fn read(file: &PemFile, setting: &'static str) -> Result<Vec<u8>, TransportError> {
    bounded_file::read(file.path(), MAX_BYTES).map_err(|_| TransportError::CertificateFile(setting))
}
