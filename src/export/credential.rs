//! What looks wrong in the credentials of a config. Nothing here repeats a value.

use crate::config::Config;
use http::header::AUTHORIZATION;

/// The schemes of `authorization` that receivers use.
const SCHEMES: &[&str] = &["basic", "bearer", "api-token", "apikey", "token", "splunk"];

/// What looks wrong in the header `authorization`, as a sentence; `None` if nothing does.
pub(super) fn flaw(config: &Config) -> Option<&'static str> {
    let (_, value) = config.headers.iter().find(|(name, _)| *name == AUTHORIZATION)?;
    of_value(value.to_str().ok()?)
}

fn of_value(value: &str) -> Option<&'static str> {
    if value.contains("%20") || value.to_ascii_lowercase().contains("%3d") {
        return Some("It is percent-encoded twice, or in a file, where it must not be.");
    }
    if value.starts_with(['"', '\'']) {
        return Some("It begins with a quote.");
    }
    let Some((scheme, secret)) = value.split_once(' ') else {
        return Some("It has no scheme such as \"Bearer\" or \"Basic\" before it.");
    };
    if !SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
        return Some("Its scheme is not one of the usual ones, such as \"Bearer\" or \"Basic\".");
    }
    let secret = secret.trim();
    if SCHEMES.iter().any(|known| {
        secret.split_once(' ').is_some_and(|(word, _)| known.eq_ignore_ascii_case(word))
    }) {
        return Some("Its scheme occurs twice.");
    }
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
    let is_basic = scheme.eq_ignore_ascii_case("basic");
    (is_basic && !secret.bytes().all(is_base64))
        .then_some("\"Basic\" needs user:password in base64 after it.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flaw_of_a_credential_is_named_without_its_value() {
        for (value, word) in [
            ("Bearer a.b.c=", None),
            ("Basic dXNlcjpwdw==", None),
            ("Api-Token dt0c01.x", None),
            ("Basic%20dXNlcjpwdw==", Some("percent-encoded")),
            ("Basic dXNlcjpwdw%3D%3D", Some("percent-encoded")),
            ("\"Bearer s3cret\"", Some("quote")),
            ("s3cret", Some("no scheme")),
            ("Berer s3cret", Some("not one of the usual ones")),
            ("Bearer Bearer s3cret", Some("twice")),
            ("Basic user:s3cret", Some("base64")),
        ] {
            let flaw = of_value(value);
            assert_eq!(flaw.is_some(), word.is_some(), "{value}");
            if let (Some(flaw), Some(word)) = (flaw, word) {
                assert!(flaw.contains(word) && !flaw.contains("s3cret"), "{value}: {flaw}");
            }
        }
    }
}
