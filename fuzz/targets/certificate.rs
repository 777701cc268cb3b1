//! Fuzzes what is read of a certificate: a server can send any bytes as one.

use otel_native::util::certificate::CertificateFacts;

pub(crate) fn check(text: &str) {
    // Any bytes, and not only those of UTF-8.
    let bytes: Vec<u8> = text.chars().map(|c| u32::from(c).to_le_bytes()[0]).collect();
    let Some(facts) = CertificateFacts::read(&bytes) else { return };
    let CertificateFacts { subject, issuer, not_before, not_after } = facts;
    for name in [subject, issuer].into_iter().flatten() {
        assert!((1..=64).contains(&name.len()), "a name is short: {name:?}");
    }
    for day in [not_before.day(), not_after.day()] {
        assert!(day.len() == 10 && day.is_ascii(), "{day:?} is a day");
    }
}
