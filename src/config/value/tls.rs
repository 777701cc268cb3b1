//! The certificate files of a connection.

use crate::config::value::text::Text;
use crate::config::variables::Variables;
use std::fmt;
use std::path::{Path, PathBuf};

/// The limit of a PEM file: 4 MiB. All certificates of a system together are smaller.
pub const MAX_PEM_BYTES: u64 = 4 << 20;

/// Certificate files in PEM. They are read before the first request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The certificate authority, instead of those of the system.
    pub ca: Option<PemFile>,
    /// The client certificate and its key.
    pub client: Option<(PemFile, PemFile)>,
}

impl Tls {
    /// Each file, with the name of its setting.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&'static str, &PemFile)> {
        let Self { ca, client } = self;
        let ca = ca.iter().map(|file| ("tls.ca_file", file));
        ca.chain(client.iter().flat_map(|(certificate, key)| {
            [("tls.certificate_file", certificate), ("tls.key_file", key)]
        }))
    }
}

/// Where the environment says that the system's certificates are, as OpenSSL reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemCertificates {
    /// `SSL_CERT_FILE`.
    pub file: Option<PathBuf>,
    /// `SSL_CERT_DIR`.
    pub directories: Vec<PathBuf>,
}

impl SystemCertificates {
    pub(crate) fn of(env: &Variables) -> Self {
        let directories = env.get("SSL_CERT_DIR").map(std::env::split_paths);
        Self {
            file: env.get("SSL_CERT_FILE").map(PathBuf::from),
            directories: directories.into_iter().flatten().collect(),
        }
    }

    /// Whether the environment names no place.
    pub fn is_usual(&self) -> bool {
        self.file.is_none() && self.directories.is_empty()
    }
}

/// A file that a config names, perhaps with variables.
#[derive(Clone, PartialEq, Eq)]
pub struct PemFile {
    path: PathBuf,
    written: Text,
}

impl PemFile {
    /// Relative paths start at `directory`.
    pub(crate) fn within(directory: &Path, written: Text) -> Self {
        Self { path: directory.join(written.reveal()), written }
    }

    /// The path to open. Never print it.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for PemFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written.fmt(f)
    }
}

impl fmt::Debug for PemFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
