//! What certificate files contain, or why they cannot be used.

use crate::config::value::tls::{MAX_PEM_BYTES, PemFile};
use crate::util::bounded_file::{self, Refusal};
use crate::util::certificate::CertificateFacts;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use std::fmt;

/// A file that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusablePem {
    /// The setting or the variable that names the file.
    named_by: String,
    problem: PemProblem,
}

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PemProblem {
    Missing,
    TooLarge,
    Unreadable,
    NoCertificate,
    BrokenCertificate,
    NoKey,
    EncryptedKey,
    BrokenKey,
    /// It is not the key of the certificate that this setting or variable names.
    KeyOfOther(String),
}

/// A client certificate with the others of its chain, and its key.
pub type ClientCertificate = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl PemFile {
    /// The certificates in the file: at least one.
    ///
    /// # Errors
    /// Why there are none.
    pub fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, UnusablePem> {
        let pem = self.read()?;
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        match certificates {
            Ok(certificates) if certificates.is_empty() => {
                Err(self.unusable(PemProblem::NoCertificate))
            }
            Ok(certificates)
                if certificates.iter().any(|it| CertificateFacts::read(it).is_some()) =>
            {
                Ok(certificates)
            }
            Ok(_) | Err(_) => Err(self.unusable(PemProblem::BrokenCertificate)),
        }
    }

    /// The certificates in the file, and their key in the file `key`.
    ///
    /// # Errors
    /// Why they cannot be used.
    pub fn with_key(&self, key: &Self) -> Result<ClientCertificate, UnusablePem> {
        let chain = self.certificates()?;
        let pem = key.read()?;
        let parsed = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
            let has = |words: &[u8]| pem.windows(words.len()).any(|window| window == words);
            key.unusable(if has(b"BEGIN ENCRYPTED PRIVATE KEY") || has(b"Proc-Type: 4,ENCRYPTED") {
                PemProblem::EncryptedKey
            } else if has(b"PRIVATE KEY") {
                PemProblem::BrokenKey
            } else {
                PemProblem::NoKey
            })
        })?;
        let signing =
            any_supported_type(&parsed).map_err(|_| key.unusable(PemProblem::BrokenKey))?;
        match CertifiedKey::new(chain.clone(), signing).keys_match() {
            Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(Error::InconsistentKeys(_)) => {
                let of_other = PemProblem::KeyOfOther(self.named_by().to_owned());
                return Err(key.unusable(of_other));
            }
            Err(_) => return Err(self.unusable(PemProblem::BrokenCertificate)),
        }
        Ok((chain, parsed))
    }

    /// That the file cannot be used for this reason.
    pub(crate) fn unusable(&self, problem: PemProblem) -> UnusablePem {
        UnusablePem { named_by: self.named_by().to_owned(), problem }
    }

    /// That none of the certificates in the file can be read.
    pub fn without_certificate(&self) -> UnusablePem {
        self.unusable(PemProblem::BrokenCertificate)
    }

    /// Reads the file, without waiting and up to the limit.
    fn read(&self) -> Result<Vec<u8>, UnusablePem> {
        bounded_file::read(self.path(), MAX_PEM_BYTES).map_err(|refusal| {
            self.unusable(match refusal {
                Refusal::Missing => PemProblem::Missing,
                Refusal::TooLarge => PemProblem::TooLarge,
                Refusal::NotAFile | Refusal::Failed(_) => PemProblem::Unreadable,
            })
        })
    }
}

impl UnusablePem {
    /// The problem, as the end of a sentence.
    pub(crate) fn problem(&self) -> &PemProblem {
        &self.problem
    }
}

impl fmt::Display for UnusablePem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { named_by, problem } = self;
        write!(f, "the file of {named_by} {problem}")
    }
}

impl fmt::Display for PemProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "does not exist",
            Self::TooLarge => "is larger than 4 MiB",
            Self::Unreadable => "cannot be read",
            Self::NoCertificate => "contains no certificate in PEM",
            Self::BrokenCertificate => "contains a certificate that cannot be read",
            Self::NoKey => "contains no private key in PEM",
            Self::EncryptedKey => {
                "contains an encrypted key. Write the key without its passphrase into the file: \
                 openssl pkey -in OLD -out NEW"
            }
            Self::BrokenKey => "contains a key that cannot be read. Use ECDSA, Ed25519 or RSA",
            Self::KeyOfOther(certificate) => {
                return write!(f, "is not the key of the certificate in {certificate}");
            }
        })
    }
}
