//! Whether a project may export: on which basis, or what the user still has to approve.

use crate::config::approval::approval::Approval;
use crate::config::approval::approvals_file::{ApprovalsFile, Recorded};
use crate::config::approval::proposal::Proposal;
use crate::config::approval::terms::ConsentTerms;
use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::file::files::Files;
use crate::config::printable::{printable_path, shell_argument};
use std::path::PathBuf;

/// How many bytes of terms a line for the terminal has. `status` shows all of them.
const MAX_TERMS: usize = 1024;

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

/// What the user has approved, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedApproval {
    /// RFC 3339, UTC.
    pub at: String,
    /// What was approved.
    pub terms: ConsentTerms,
}

/// A project that may not export yet.
pub(crate) struct NotApproved {
    pub(crate) reason: String,
    pub(crate) pending: Box<PendingApproval>,
}

/// Why a project may export, and what the user has approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Basis {
    pub(crate) approval: Approval,
    /// How the user has approved what the personal file in the project adds; `None` if not at all.
    pub(crate) of_personal: Option<Approval>,
    /// The record of the user's approval, if there is one.
    pub(crate) recorded: Option<RecordedApproval>,
}

/// Why a project may export; otherwise why it may not.
pub(crate) fn basis(
    proposal: &Proposal<'_>,
    files: &Files,
    environment: &Environment,
) -> Result<Basis, NotApproved> {
    let free = proposal.free;
    let of_personal = |approval| Basis { approval, of_personal: None, recorded: None };
    let Some(terms) = &proposal.terms else { return Ok(of_personal(Approval::OwnSettings)) };
    let is_own = free == Some(Approval::OwnSettings);
    if is_own && terms.personal.is_empty() {
        return Ok(of_personal(Approval::OwnSettings));
    }
    let recorded = recorded(terms, files, environment);
    let record = match &recorded {
        Some(Ok(Recorded::Approved { at, terms })) => {
            Some(RecordedApproval { at: at.clone(), terms: terms.clone() })
        }
        _ => None,
    };
    let is_managed = || environment.variables.is_on("CCXRAY_OTEL_TRUST");
    let consent = match record {
        Some(_) => Some(Approval::Approved),
        None => is_managed().then_some(Approval::Managed),
    };
    // To agree says more than that the receiver is on this machine.
    let approval = if is_own { free } else { consent.or(free) };
    if let Some(approval) = approval {
        return Ok(Basis { approval, of_personal: consent, recorded: record });
    }
    let directory = files.directory();
    let file = printable_path(files.asking());
    let cure = format!("{} trust {}", environment.program(), shell_argument(directory));
    let asks = format!("You have not approved this project yet. {file} asks to {}", brief(terms));
    let mut changes = Vec::new();
    let reason = match recorded {
        Some(Ok(Recorded::Changed(approved))) => {
            changes = terms.changes_since(&approved);
            let changes = shortened(&changes);
            format!("{file} has changed since you approved it: {changes}. To approve: {cure}")
        }
        Some(Ok(Recorded::Nothing | Recorded::Approved { .. })) => {
            format!("{asks}. To approve: {cure}")
        }
        Some(Err(error)) => error.to_string(),
        None => format!("{asks}. There is no home directory to record approvals in. Set HOME."),
    };
    let (directory, terms) = (directory.to_owned(), terms.clone());
    Err(NotApproved { reason, pending: Box::new(PendingApproval { directory, terms, changes }) })
}

/// What is recorded for the project; `None` if there is no directory for records.
fn recorded(
    terms: &ConsentTerms,
    files: &Files,
    environment: &Environment,
) -> Option<Result<Recorded, ConfigError>> {
    let approvals = environment.own_directory().map(|it| ApprovalsFile::within(&it));
    approvals.map(|approvals| approvals.recorded(files.directory(), terms))
}

/// Terms in one line that a terminal can show.
fn brief(terms: &ConsentTerms) -> String {
    let text = terms.to_string();
    if text.len() <= MAX_TERMS { text } else { terms.shortest() }
}

/// The first changes.
fn shortened(changes: &[String]) -> String {
    let mut text = String::new();
    for (at, change) in changes.iter().enumerate() {
        if text.len() + change.len() > MAX_TERMS {
            let rest = changes.len() - at;
            return format!("{text}{}{rest} more", if at == 0 { "" } else { ", and " });
        }
        text.push_str(if at == 0 { "" } else { ", " });
        text.push_str(change);
    }
    text
}
