//! Whether a project may export: on which basis, or what the user still has to approve.

use crate::config::approval::approvals_file::{ApprovalsFile, Recorded};
use crate::config::approval::proposal::Proposal;
use crate::config::approval::terms::ConsentTerms;
use crate::config::environment::Environment;
use crate::config::file::files::Files;
use crate::config::printable::{printable_path, shell_argument};
use std::path::PathBuf;

/// Why a project may export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// All settings are the user's own.
    OwnSettings,
    /// The receiver is on this machine.
    Loopback,
    /// An administrator manages the machine: `CCXRAY_OTEL_TRUST`.
    Managed,
    /// The user has approved exactly this config.
    Approved,
}

impl Approval {
    /// As text for the user.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OwnSettings => "your own settings",
            Self::Loopback => "the receiver is on this machine",
            Self::Managed => "CCXRAY_OTEL_TRUST",
            Self::Approved => "approved by you",
        }
    }
}

/// What a project asks for and the user has not approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingApproval {
    /// The directory of the project's config.
    pub directory: PathBuf,
    /// What needs approval.
    pub terms: ConsentTerms,
    /// What is different from the approval before.
    pub changes: Vec<String>,
}

/// A project that may not export yet.
pub(crate) struct NotApproved {
    pub(crate) reason: String,
    pub(crate) pending: Box<PendingApproval>,
}

/// Why a project may export; otherwise why it may not.
pub(crate) fn basis(
    proposal: &Proposal<'_>,
    files: &Files,
    environment: &Environment,
) -> Result<Approval, NotApproved> {
    let Some(terms) = &proposal.terms else { return Ok(Approval::OwnSettings) };
    if proposal.is_local() {
        return Ok(Approval::Loopback);
    }
    if environment.variables.is_on("CCXRAY_OTEL_TRUST") {
        return Ok(Approval::Managed);
    }
    let directory = files.directory();
    let file = printable_path(files.asking());
    let cure = format!("npx @ccxray/otel-native trust {}", shell_argument(directory));
    let asks = format!("You have not approved this project yet. {file} asks to {terms}");
    let mut changes = Vec::new();
    let approvals = environment.own_directory().map(|it| ApprovalsFile::within(&it));
    let reason = match approvals.map(|approvals| approvals.recorded(directory, terms)) {
        Some(Ok(Recorded::Approved)) => return Ok(Approval::Approved),
        Some(Ok(Recorded::Nothing)) => format!("{asks}. To approve: {cure}"),
        Some(Ok(Recorded::Changed(approved))) => {
            changes = terms.changes_since(&approved);
            let changes = changes.join(", ");
            format!("{file} has changed since you approved it: {changes}. To approve: {cure}")
        }
        Some(Err(error)) => error.to_string(),
        None => format!("{asks}. There is no home directory to record approvals in. Set HOME."),
    };
    let (directory, terms) = (directory.to_owned(), terms.clone());
    Err(NotApproved { reason, pending: Box::new(PendingApproval { directory, terms, changes }) })
}
