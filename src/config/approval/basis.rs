//! Whether the engineer has agreed to what a project asks for, and why that stands.

use crate::config::approval::record::{Store, Verdict};
use crate::config::approval::request::Request;
use crate::config::approval::terms::Terms;
use crate::config::environment::Surroundings;
use crate::config::file::files::Files;
use crate::config::printable::{printable, shell_word};
use std::path::PathBuf;

/// Why the engineer's agreement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Nothing but their own word is in it.
    OwnWord,
    /// Nothing leaves the machine.
    Loopback,
    /// A team manages the machine: `CCXRAY_OTEL_TRUST`.
    Managed,
    /// They have allowed this very config.
    Allowed,
}

impl Trust {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OwnWord => "your own word",
            Self::Loopback => "nothing leaves this machine",
            Self::Managed => "CCXRAY_OTEL_TRUST",
            Self::Allowed => "allowed by you",
        }
    }
}

/// What a project asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asks {
    /// The directory of the project's config.
    pub directory: PathBuf,
    /// What has to be agreed to.
    pub terms: Terms,
    /// What is different from what had been agreed to before.
    pub changes: Vec<String>,
}

/// Why nothing happens before the engineer has agreed.
pub(crate) struct Untrusted {
    pub(crate) reason: String,
    pub(crate) asks: Box<Asks>,
}

/// Whether the engineer has agreed, and how; else the reason why nothing happens.
pub(crate) fn basis(
    request: &Request<'_>,
    files: &Files,
    surroundings: &Surroundings,
) -> Result<Trust, Untrusted> {
    let Some(terms) = &request.terms else { return Ok(Trust::OwnWord) };
    if request.stays_here() {
        return Ok(Trust::Loopback);
    }
    if surroundings.env.is_on("CCXRAY_OTEL_TRUST") {
        return Ok(Trust::Managed);
    }
    let directory = files.directory();
    let file = printable(&files.asking().to_string_lossy());
    let cure = format!("allow it with: npx @ccxray/otel-native trust {}", shell_word(directory));
    let asked = format!("{file} asks for {terms}");
    let mut changes = Vec::new();
    let store = surroundings.own_directory().map(|it| Store::within(&it));
    let reason = match store.map(|store| store.verdict(directory, terms)) {
        Some(Ok(Verdict::Allowed)) => return Ok(Trust::Allowed),
        Some(Ok(Verdict::Unknown)) => format!("{asked}; {cure}"),
        Some(Ok(Verdict::Changed(agreed))) => {
            changes = terms.changes_since(&agreed);
            let changes = changes.join(", ");
            format!("{file} has changed since you allowed it: {changes}; {cure}")
        }
        Some(Err(error)) => error.to_string(),
        None => format!("{asked}, and there is no home directory to note an answer in"),
    };
    let (directory, terms) = (directory.to_owned(), terms.clone());
    Err(Untrusted { reason, asks: Box::new(Asks { directory, terms, changes }) })
}
