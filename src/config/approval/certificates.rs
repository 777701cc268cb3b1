//! The certificate files of a project, as its terms describe them.

use crate::config::file::config_file::ConfigFile;
use crate::config::file::settings::{ProjectSettings, TlsFiles};
use crate::config::value::template::Template;
use crate::config::value::tls::MAX_PEM_BYTES;
use crate::util::bounded_file;
use ring::digest::{SHA256, digest};
use std::fmt::Write;
use std::path::{Component, Path, PathBuf};

/// As many bytes of a digest as nobody can find another file for.
const DIGEST_BYTES: usize = 16;

/// Each certificate file as written. One that is a part of the project has the digest of its content too:
/// the next change of the repository can replace it, and the owner of another authority could read
/// what is sent.
pub(crate) fn described(file: &ConfigFile<ProjectSettings>) -> Vec<String> {
    let TlsFiles { ca_file, certificate_file, key_file } = &file.otel.tls;
    let directory = file.path.parent().unwrap_or(Path::new(""));
    let files =
        [("ca_file", ca_file), ("certificate_file", certificate_file), ("key_file", key_file)];
    let files = files.into_iter().filter_map(|(name, file)| Some((name, file.as_ref()?)));
    let described = files.map(|(name, file)| {
        let written = format!("{name}={}", file.written());
        match within(directory, file) {
            Some(path) => format!("{written} ({})", content(&path)),
            None => written,
        }
    });
    described.collect()
}

/// The path of a file in `directory`. `None` if it is elsewhere, or depends on a variable.
fn within(directory: &Path, file: &Template) -> Option<PathBuf> {
    let path = directory.join(file.is_literal().then(|| file.literal_part())?);
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    // A link can lead into the project, or out of it.
    let target = path.canonicalize().ok();
    let root = directory.canonicalize().ok();
    let is_within = plain.starts_with(directory)
        || target.zip(root).is_some_and(|(target, root)| target.starts_with(root));
    is_within.then_some(path)
}

fn content(path: &Path) -> String {
    match bounded_file::read(path, MAX_PEM_BYTES) {
        Ok(bytes) => {
            let mut text = "SHA-256 ".to_owned();
            for byte in digest(&SHA256, &bytes).as_ref().iter().take(DIGEST_BYTES) {
                // Writing to a string cannot fail.
                let _ = write!(text, "{byte:02x}");
            }
            text
        }
        Err(_) => "cannot be read".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_of_the_project_is_described_with_its_content() {
        let root = std::env::temp_dir().join(format!("ccxray-certificates-{}", std::process::id()));
        let project = root.join("project");
        fs::create_dir_all(&project).unwrap();
        let describe = |file: &str| {
            let text = format!(r#"{{"otel":{{"tls":{{"ca_file":"{file}"}}}}}}"#);
            let config = ConfigFile::parse(project.join(".ccxray.json"), text).unwrap().unwrap();
            described(&config).remove(0)
        };
        for directory in [&project, &root] {
            fs::write(directory.join("ca.pem"), "one").unwrap();
        }
        let (before, absolute) = (describe("ca.pem"), project.join("ca.pem"));
        assert!(before.starts_with("ca_file=ca.pem (SHA-256 "), "{before}");
        assert!(describe(absolute.to_str().unwrap()).contains("SHA-256"));
        assert_eq!(describe("../ca.pem"), "ca_file=../ca.pem");
        assert_eq!(describe("${CA}/ca.pem"), "ca_file=${CA}/ca.pem");
        fs::write(project.join("ca.pem"), "two").unwrap();
        assert_ne!(describe("ca.pem"), before);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&project, root.join("link")).unwrap();
            assert!(describe("../link/ca.pem").contains("SHA-256"), "a way back into the project");
        }
        fs::remove_file(project.join("ca.pem")).unwrap();
        assert_eq!(describe("ca.pem"), "ca_file=ca.pem (cannot be read)");
        fs::remove_dir_all(&root).unwrap();
    }
}
