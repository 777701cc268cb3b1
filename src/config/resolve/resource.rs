//! Resource attributes that a project or the environment adds.

use crate::config::printable::printable;
use crate::config::value::text::Text;
use crate::config::value::tier::Tier;
use crate::config::variables::Variables;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// The variable of the specification.
/// Source: <https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable>
pub(crate) const VARIABLE: &str = "OTEL_RESOURCE_ATTRIBUTES";
/// More attributes are a mistake.
const MAX_ATTRIBUTES: usize = 64;
const MAX_KEY_LENGTH: usize = 128;

/// Whether an attribute may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handling {
    Send,
    /// This package sets it itself.
    Own,
    /// It can identify a person: tier 2 only.
    Personal,
    /// It can identify a person, a machine or a session, or contain a secret: never.
    Never,
}

/// The attributes that are sent, and a warning for each that is not. Those of the project override
/// those of the environment.
pub(crate) fn attributes(
    of_project: BTreeMap<String, Text>,
    env: &Variables,
    tier: &Tier,
) -> (BTreeMap<String, Text>, Vec<String>) {
    let (mut attributes, mut warnings) = (of_project, Vec::new());
    match env.get(VARIABLE).map(parse) {
        Some(Some(pairs)) => {
            for (key, value) in pairs {
                attributes.entry(key).or_insert_with(|| Text::literal(&value));
            }
        }
        Some(None) => {
            warnings.push(format!("{VARIABLE} is not used: write key=value,key=value."));
        }
        None => {}
    }
    attributes.retain(|key, value| {
        let why = match (decide(key), tier) {
            (Handling::Send, _) if is_address(value.reveal()) => "its value is an e-mail address.",
            (Handling::Send, _) | (Handling::Personal, Tier::Named { .. }) => return true,
            (Handling::Own, _) => "ccxray sets it itself.",
            (Handling::Personal, Tier::Anonymous) => {
                "it can identify a person (allowed only at tier 2)."
            }
            (Handling::Never, _) => {
                "it can identify a person, a machine or a session, or contain a secret."
            }
        };
        warnings.push(format!("{} is not sent: {why}", printable(key)));
        false
    });
    if attributes.len() > MAX_ATTRIBUTES {
        warnings.push(format!("Only {MAX_ATTRIBUTES} resource attributes are sent. Remove some."));
        while attributes.len() > MAX_ATTRIBUTES {
            attributes.pop_last();
        }
    }
    (attributes, warnings)
}

/// Percent-encoded `key=value` pairs, separated by commas. `None` if it is something else.
fn parse(text: &str) -> Option<Vec<(String, String)>> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    let decode = |text: &str| {
        let decoded = percent_decode_str(text.trim()).decode_utf8().ok()?;
        Some(decoded.into_owned())
    };
    pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=')?;
            Some((decode(key).filter(|key| !key.is_empty())?, decode(value)?))
        })
        .collect()
}

fn decide(key: &str) -> Handling {
    let key = key.to_ascii_lowercase();
    let root = key.split(['.', '_', '-']).next().unwrap_or_default();
    let has = |word: &str| key.split(['.', '_', '-']).any(|part| part == word);
    let own = ["service.name", "service.version", "service.instance.id", "project.name", "team"];
    if key.len() > MAX_KEY_LENGTH || key.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Handling::Never;
    }
    if own.contains(&key.as_str()) || ["ccxray", "telemetry"].contains(&root) || key == "enduser.id"
    {
        return Handling::Own;
    }
    let is_secret = ["api_key", "api-key", "api.key"].iter().any(|word| key.contains(word));
    let machines = ["host", "process", "device", "session", "client", "container"];
    let marks = [
        "apikey",
        "credential",
        "credentials",
        "passwd",
        "password",
        "pwd",
        "secret",
        "token",
        "account",
        "email",
        "hostname",
        "ip",
        "ipaddress",
        "login",
        "mac",
        "mail",
        "pid",
        "serial",
        "user",
        "userid",
        "username",
        "uuid",
    ];
    if is_secret || machines.contains(&root) || marks.iter().any(|word| has(word)) {
        return Handling::Never;
    }
    let people = ["author", "employee", "enduser", "engineer", "developer", "owner", "person"];
    if people.iter().any(|word| has(word)) {
        return Handling::Personal;
    }
    Handling::Send
}

/// Whether it looks like `name@domain.tld`.
pub fn is_address(text: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || "<>,;()".contains(c)).any(|word| {
        let Some((name, domain)) = word.split_once('@') else { return false };
        let top = domain.trim_end_matches('.').rsplit_once('.').map(|(_, top)| top);
        let is_domain =
            top.is_some_and(|top| top.len() > 1 && top.chars().all(char::is_alphabetic));
        !name.is_empty() && is_domain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &str, tier: &Tier) -> Vec<String> {
        let env: Variables = [(VARIABLE.to_owned(), pairs.to_owned())].into_iter().collect();
        attributes(BTreeMap::new(), &env, tier).0.into_keys().collect()
    }

    #[test]
    fn attributes_of_a_person_need_tier_2() {
        let named = Tier::Named { identity: Text::literal("me") };
        for (key, anonymous, at_two) in [
            ("deployment.environment.name", true, true),
            ("cloud.region", true, true),
            ("service.namespace", true, true),
            ("cost_center", true, true),
            ("enduser.role", false, true),
            ("code.owner", false, true),
            ("enduser.id", false, false),
            ("user.id", false, false),
            ("USER.NAME", false, false),
            ("user_email", false, false),
            ("host.name", false, false),
            ("host.id", false, false),
            ("process.command_args", false, false),
            ("process.pid", false, false),
            ("device.id", false, false),
            ("session.id", false, false),
            ("db.password", false, false),
            ("api_key", false, false),
            ("cloud.account.id", false, false),
            ("service.instance.id", false, false),
            ("service.name", false, false),
            ("ccxray.source", false, false),
            ("project.name", false, false),
        ] {
            let expected = |sent: bool| if sent { vec![key.to_owned()] } else { vec![] };
            let pair = format!("{key}=x");
            assert_eq!(sent(&pair, &Tier::Anonymous), expected(anonymous), "{key} at tier 1");
            assert_eq!(sent(&pair, &named), expected(at_two), "{key} at tier 2");
        }
    }

    #[test]
    fn an_address_is_not_sent_as_a_value() {
        let env: Variables = [(
            VARIABLE.to_owned(),
            "a=me%40corp.example,b=Me%20<me@corp.example>,c=@scope/package,d=x@y,host.name=h"
                .to_owned(),
        )]
        .into_iter()
        .collect();
        let (sent, warnings) = attributes(BTreeMap::new(), &env, &Tier::Anonymous);
        assert_eq!(sent.into_keys().collect::<Vec<_>>(), ["c", "d"]);
        assert_eq!(warnings.len(), 3, "{warnings:?}");
        assert!(!format!("{warnings:?}").contains("corp"), "{warnings:?}");
    }

    #[test]
    fn attributes_of_the_project_override_the_environment() {
        let env: Variables = [(VARIABLE.to_owned(), "a=1,b=2".to_owned())].into_iter().collect();
        let own = BTreeMap::from([("a".to_owned(), Text::literal("own"))]);
        let (sent, warnings) = attributes(own, &env, &Tier::Anonymous);
        let sent: Vec<_> = sent.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!((sent, warnings), (vec!["a=own".to_owned(), "b=2".to_owned()], vec![]));
        assert_eq!(
            attributes(
                BTreeMap::new(),
                &[(VARIABLE.to_owned(), "a".to_owned())].into_iter().collect(),
                &Tier::Anonymous
            )
            .1
            .len(),
            1
        );
    }
}
