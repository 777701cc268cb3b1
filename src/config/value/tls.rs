//! The certificate files of a connection.

use crate::catalog;
use crate::config::printable::printable;
use crate::config::value::source::Source;
use crate::config::value::text::Text;
use crate::config::variables::Variables;
use std::fmt;
use std::path::{Path, PathBuf};

/// The limit of a PEM file: 4 MiB. All certificates of a system together are smaller.
pub(crate) const MAX_PEM_BYTES: u64 = 4 << 20;
/// A longer word in a path may be a token.
const MAX_WORD_BYTES: usize = 15;
/// The file with all certificates.
const FILE: &str = "SSL_CERT_FILE";
/// Directories with one certificate in each file.
const DIRECTORIES: &str = "SSL_CERT_DIR";
/// With this variable, Node and this package trust more certificates than those of the system.
/// Source: <https://nodejs.org/api/cli.html#node_extra_ca_certsfile>
const EXTRA: &str = "NODE_EXTRA_CA_CERTS";

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
    /// `NODE_EXTRA_CA_CERTS`: trusted in addition.
    pub extra: Option<PemFile>,
}

impl SystemCertificates {
    /// The variables that name them.
    pub const VARIABLES: [&str; 3] = [FILE, DIRECTORIES, EXTRA];

    pub(crate) fn of(env: &Variables, home: Option<&Path>) -> Self {
        let directories = env.get(DIRECTORIES).map(std::env::split_paths);
        Self {
            file: env.get(FILE).map(PathBuf::from),
            directories: directories.into_iter().flatten().collect(),
            extra: env.get(EXTRA).map(|path| PemFile::of_variable(EXTRA, path, home)),
        }
    }

    /// Whether the environment names no place.
    pub fn is_usual(&self) -> bool {
        self.file.is_none() && self.directories.is_empty()
    }
}

/// A file that a config or a variable names.
#[derive(Clone)]
pub struct PemFile {
    path: PathBuf,
    /// The path as it is shown.
    shown: String,
    /// The setting or the variable that names it, for messages.
    named_by: String,
    source: Source,
}

/// Two connections are the same if they use the same file, whoever names it.
impl PartialEq for PemFile {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl Eq for PemFile {}

impl PemFile {
    /// The file of a setting in the config file at `config`. A relative path starts at its directory.
    /// `home` stands for `~`, if the config file may use it.
    pub(crate) fn of_setting(
        setting: &str,
        written: &Text,
        config: &Path,
        home: Option<&Path>,
    ) -> Self {
        let directory = config.parent().unwrap_or(config);
        let value = Path::new(written.reveal());
        let path = in_home(written.reveal(), home).unwrap_or_else(|| directory.join(value));
        let source = Source::File(config.to_owned());
        Self { path, shown: written.to_string(), named_by: format!("tls.{setting}"), source }
    }

    /// The file of a variable. `home` stands for `~`.
    pub(crate) fn of_variable(variable: &'static str, value: &str, home: Option<&Path>) -> Self {
        let value = value.trim();
        let shown = without_tokens(value);
        Self {
            path: in_home(value, home).unwrap_or_else(|| PathBuf::from(value)),
            named_by: format!("{variable} ({shown})"),
            shown,
            source: Source::Environment(variable),
        }
    }

    /// The path to open. Never print it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The setting that names it, or the variable with the path, for messages.
    pub fn named_by(&self) -> &str {
        &self.named_by
    }

    /// Where it is named.
    pub(crate) fn source(&self) -> &Source {
        &self.source
    }
}

impl fmt::Display for PemFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for PemFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether a path starts with `~`, which a shell replaces by the user's home directory.
pub(crate) fn is_in_home(path: &str) -> bool {
    path.strip_prefix('~').is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '\\']))
}

/// The path with the home directory in place of `~`; `None` if it does not start with `~`.
fn in_home(path: &str, home: Option<&Path>) -> Option<PathBuf> {
    let rest = path.strip_prefix('~').filter(|_| is_in_home(path))?;
    Some(home?.join(rest.trim_start_matches(['/', '\\'])))
}

/// A path of a variable. Somebody may have put a token there, so a part that may be one is not shown.
fn without_tokens(path: &str) -> String {
    let is_path = path.starts_with(['/', '~', '.']);
    let parts = path.split('/').map(|part| if may_be_token(part) { "***" } else { part });
    if is_path { printable(&parts.collect::<Vec<_>>().join("/")) } else { "***".to_owned() }
}

fn may_be_token(part: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let is_odd = |word: &str| {
        let is_mixed = word.bytes().any(is_digit) && !word.bytes().all(is_digit);
        is_mixed || word.len() > MAX_WORD_BYTES
    };
    part.split(['-', '_', '.']).any(is_odd) || catalog::secret(part).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "/home/me";

    #[test]
    fn a_tilde_is_the_home_directory_of_the_user() {
        for (value, expected) in [
            ("~/.certs/c.crt", "/home/me/.certs/c.crt"),
            ("~", "/home/me"),
            ("~other/c.crt", "~other/c.crt"),
            ("/etc/~/c.crt", "/etc/~/c.crt"),
            ("c.crt", "c.crt"),
        ] {
            let file = PemFile::of_variable(EXTRA, value, Some(Path::new(HOME)));
            assert_eq!(file.path(), Path::new(expected), "{value}");
            let config = Path::new("/project/.ccxray.user.json");
            let text = Text::literal(value);
            let file = PemFile::of_setting("ca_file", &text, config, Some(Path::new(HOME)));
            assert_eq!(file.path(), Path::new("/project").join(expected), "{value}");
            let file = PemFile::of_setting("ca_file", &text, config, None);
            assert_eq!(file.path(), Path::new("/project").join(value), "{value}");
        }
    }

    #[test]
    fn a_path_of_a_variable_is_shown_without_what_may_be_a_token() {
        for (value, shown) in [
            ("/home/me/.certs/client-ca.pem", "/home/me/.certs/client-ca.pem"),
            ("~/.certs/c.crt", "~/.certs/c.crt"),
            ("/nowhere/hunter2.pem", "/nowhere/***"),
            ("/nowhere/correcthorsebatterystaple", "/nowhere/***"),
            ("a word", "***"),
        ] {
            let file = PemFile::of_variable(EXTRA, value, None);
            assert_eq!(file.to_string(), shown);
            assert_eq!(file.named_by(), format!("NODE_EXTRA_CA_CERTS ({shown})"));
        }
    }
}
