//! What certificate files contain, or why they cannot be used.

use crate::config::value::tls::{MAX_PEM_BYTES, PemFile};
use crate::util::bounded_file::{self, Refusal};
use crate::util::certificate::CertificateFacts;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::{self, SectionKind};
use rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer,
};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use std::fmt;

/// A word in each form of a key with a passphrase.
const ENCRYPTED: &[u8] = b"ENCRYPTED";

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
        let mut certificates = Vec::new();
        for (kind, der) in self.sections(PemProblem::BrokenCertificate)? {
            if kind == SectionKind::Certificate {
                certificates.push(CertificateDer::from(der));
            }
        }
        let problem = if certificates.is_empty() {
            PemProblem::NoCertificate
        } else if certificates.iter().all(|it| CertificateFacts::read(it).is_none()) {
            PemProblem::BrokenCertificate
        } else {
            return Ok(certificates);
        };
        Err(self.unusable(problem))
    }

    /// The certificates in the file, and their key in the file `key`.
    ///
    /// # Errors
    /// Why they cannot be used.
    pub fn with_key(&self, key: &Self) -> Result<ClientCertificate, UnusablePem> {
        let chain = self.certificates()?;
        let is_encrypted = key.read()?.windows(ENCRYPTED.len()).any(|it| it == ENCRYPTED);
        if is_encrypted {
            return Err(key.unusable(PemProblem::EncryptedKey));
        }
        let parsed = key.sections(PemProblem::BrokenKey)?.into_iter().find_map(of_key);
        let parsed = parsed.ok_or_else(|| key.unusable(PemProblem::NoKey))?;
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

    /// The sections of the file. If it is not PEM, that is the problem.
    fn sections(&self, problem: PemProblem) -> Result<Vec<(SectionKind, Vec<u8>)>, UnusablePem> {
        let pem = self.read()?;
        let mut rest = pem.as_slice();
        let mut sections = Vec::new();
        loop {
            match pem::from_buf(&mut rest) {
                Ok(Some(section)) => sections.push(section),
                Ok(None) => return Ok(sections),
                Err(_) => return Err(self.unusable(problem)),
            }
        }
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

fn of_key((kind, der): (SectionKind, Vec<u8>)) -> Option<PrivateKeyDer<'static>> {
    match kind {
        SectionKind::PrivateKey => Some(PrivatePkcs8KeyDer::from(der).into()),
        SectionKind::RsaPrivateKey => Some(PrivatePkcs1KeyDer::from(der).into()),
        SectionKind::EcPrivateKey => Some(PrivateSec1KeyDer::from(der).into()),
        _ => None,
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
