//! Resource attributes that a project or the environment adds.

use crate::config::printable::printable;
use crate::config::value::text::Text;
use crate::config::value::tier::Tier;
use crate::config::variables::Env;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// The variable of the specification.
/// Source: <https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable>
pub(crate) const VARIABLE: &str = "OTEL_RESOURCE_ATTRIBUTES";
/// More attributes are a mistake.
const MAX_ATTRIBUTES: usize = 64;
const MAX_KEY_LENGTH: usize = 128;

/// What becomes of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Send,
    /// This package says it itself.
    Own,
    /// It tells who somebody is, and only a name that they chose may.
    Personal,
    /// It tells which machine, account or session, and nothing may.
    Never,
}

/// The attributes that may be sent, a project's before those of the environment, and a warning for
/// each that may not.
pub(crate) fn attributes(
    of_project: BTreeMap<String, Text>,
    env: &Env,
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
            warnings.push(format!("{VARIABLE} is no list of key=value pairs, and is not used"));
        }
        None => {}
    }
    attributes.retain(|key, value| {
        let why = match (decide(key), tier) {
            (Decision::Send, _) if is_address(value.reveal()) => "its value is an e-mail address",
            (Decision::Send, _) | (Decision::Personal, Tier::Named { .. }) => return true,
            (Decision::Own, _) => "this package sets it itself",
            (Decision::Personal, Tier::Anonymous) => "it tells who somebody is",
            (Decision::Never, _) => "it tells which machine, account or session, or is a secret",
        };
        warnings.push(format!("the resource attribute {} is not sent: {why}", printable(key)));
        false
    });
    if attributes.len() > MAX_ATTRIBUTES {
        warnings.push(format!("only {MAX_ATTRIBUTES} resource attributes are sent"));
        while attributes.len() > MAX_ATTRIBUTES {
            attributes.pop_last();
        }
    }
    (attributes, warnings)
}

/// `key=value` pairs with commas between, percent-encoded. `None` if it is something else.
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

fn decide(key: &str) -> Decision {
    let key = key.to_ascii_lowercase();
    let root = key.split(['.', '_', '-']).next().unwrap_or_default();
    let has = |word: &str| key.split(['.', '_', '-']).any(|part| part == word);
    let own = ["service.name", "service.version", "service.instance.id", "project.name", "team"];
    if key.len() > MAX_KEY_LENGTH || key.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Decision::Never;
    }
    if own.contains(&key.as_str()) || ["ccxray", "telemetry"].contains(&root) || key == "enduser.id"
    {
        return Decision::Own;
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
        return Decision::Never;
    }
    let people = ["author", "employee", "enduser", "engineer", "developer", "owner", "person"];
    if people.iter().any(|word| has(word)) {
        return Decision::Personal;
    }
    Decision::Send
}

/// Whether it looks like `somebody@somewhere.tld`.
pub fn is_address(text: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || "<>,;()".contains(c)).any(|word| {
        let Some((somebody, somewhere)) = word.split_once('@') else { return false };
        let top = somewhere.trim_end_matches('.').rsplit_once('.').map(|(_, top)| top);
        let is_domain =
            top.is_some_and(|top| top.len() > 1 && top.chars().all(char::is_alphabetic));
        !somebody.is_empty() && is_domain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &str, tier: &Tier) -> Vec<String> {
        let env: Env = [(VARIABLE.to_owned(), pairs.to_owned())].into_iter().collect();
        attributes(BTreeMap::new(), &env, tier).0.into_keys().collect()
    }

    #[test]
    fn who_somebody_is_leaves_only_with_their_name_and_which_machine_never() {
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
    fn an_address_does_not_leave_as_a_value_and_each_refusal_is_told() {
        let env: Env = [(
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
    fn a_projects_attribute_wins_over_the_environments() {
        let env: Env = [(VARIABLE.to_owned(), "a=1,b=2".to_owned())].into_iter().collect();
        let own = BTreeMap::from([("a".to_owned(), Text::literal("own"))]);
        let (sent, warnings) = attributes(own, &env, &Tier::Anonymous);
        let told: Vec<_> = sent.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!((told, warnings), (vec!["a=own".to_owned(), "b=2".to_owned()], vec![]));
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
