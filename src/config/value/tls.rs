//! The certificate files of a connection.

use crate::config::value::text::Text;
use std::fmt;
use std::path::{Path, PathBuf};

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
