//! Warnings about certificate files that cannot be used or are not valid now.

use crate::config::value::tls::{PemFile, Tls};
use crate::util::certificate::{CertificateFacts, CertificateTime};
use rustls::pki_types::CertificateDer;
use std::time::SystemTime;

/// A warning for each file that cannot be used at `now`.
pub(crate) fn tls_warnings(tls: &Tls, now: SystemTime) -> Vec<String> {
    let now = CertificateTime::of(now);
    let mut warnings = Vec::new();
    if let Some(file) = &tls.ca {
        match file.certificates() {
            Err(unusable) => warnings.push(nothing_is_sent(&unusable.to_string())),
            Ok(authorities) => {
                // One authority of several is enough.
                let outdated: Option<Vec<_>> =
                    authorities.iter().map(|it| outdated(it, file, &now)).collect();
                warnings.extend(outdated.and_then(|all| all.into_iter().next()));
            }
        }
    }
    if let Some((certificate, key)) = &tls.client {
        match certificate.with_key(key) {
            Err(unusable) => warnings.push(nothing_is_sent(&unusable.to_string())),
            Ok((chain, _)) => {
                let own = chain.first();
                warnings.extend(own.and_then(|it| outdated(it, certificate, &now)));
            }
        }
    }
    warnings
}

fn nothing_is_sent(problem: &str) -> String {
    let problem = problem.replacen("the file", "The file", 1);
    format!("{problem}. Nothing can be sent until that is corrected.")
}

/// The warning about a certificate that is not valid at `now`.
fn outdated(der: &CertificateDer<'_>, file: &PemFile, now: &CertificateTime) -> Option<String> {
    let CertificateFacts { not_before, not_after, .. } = CertificateFacts::read(der)?;
    let name = file.named_by();
    if not_after < *now {
        return Some(format!(
            "The certificate in {name} has expired on {}. Replace it.",
            not_after.day()
        ));
    }
    (not_before > *now).then(|| {
        format!(
            "The certificate in {name} is not valid before {}. Check the clock of this machine.",
            not_before.day()
        )
    })
}
