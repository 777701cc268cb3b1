//! Resource attributes that a project or the environment adds.

use crate::catalog;
use crate::config::value::text::Text;
use crate::config::value::tier::Tier;
use crate::config::variables::{Variables, WITHHELD};
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// The variable of the specification.
/// Source: <https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable>
pub(crate) const VARIABLE: &str = "OTEL_RESOURCE_ATTRIBUTES";
/// The attributes that are sent. Any other can identify a person, a machine or a session.
const ALLOWED: [&str; 7] = [
    "cloud.provider",
    "cloud.region",
    "deployment.environment.name",
    "project.name",
    "service.namespace",
    "service.version",
    "team",
];
/// What these begin with is about a person: tier 2 only.
const PERSONAL: &str = "enduser.";
/// This package sets it itself.
const OWN: &str = "enduser.id";
/// A longer key is not printed.
const MAX_KEY_LENGTH: usize = 64;
/// More attributes are not named one by one.
const MAX_WARNINGS: usize = 16;
/// More attributes of a person are a mistake.
const MAX_PERSONAL: usize = 16;

/// The attributes that are sent, and a warning for each that is not. Those of the project override
/// those of the environment, which are the user's own: they are added only if `may_have_own`. The privacy
/// gate decides later about the values.
pub(crate) fn attributes(
    of_project: BTreeMap<String, Text>,
    env: &Variables,
    tier: &Tier,
    may_have_own: bool,
) -> (BTreeMap<String, Text>, Vec<String>) {
    let (mut attributes, mut warnings) = (of_project, Vec::new());
    match env.get(VARIABLE).map(parse) {
        Some(_) if !may_have_own => {
            warnings.push(format!("{VARIABLE} is not used: you have not approved this project."));
        }
        Some(Some(pairs)) => {
            for (key, value) in pairs {
                attributes.entry(key).or_insert_with(|| Text::from_variable(&value, VARIABLE));
            }
        }
        Some(None) => {
            warnings.push(format!("{VARIABLE} is not used: write key=value,key=value."));
        }
        None if env.withheld(&[VARIABLE]).is_some() => {
            warnings.push(format!("{VARIABLE} {WITHHELD} It is not used."));
        }
        None => {}
    }
    let (mut left_out, mut personal) = (0_usize, 0_usize);
    attributes.retain(|key, _| {
        let Some(why) = why_not(key, tier, &mut personal) else { return true };
        left_out += 1;
        if left_out <= MAX_WARNINGS {
            warnings.push(format!("{} is not sent: {why}", shown(key)));
        }
        false
    });
    if left_out > MAX_WARNINGS {
        let more = left_out - MAX_WARNINGS;
        warnings.push(format!("{more} more resource attributes are not sent."));
    }
    (attributes, warnings)
}

/// Why an attribute is not sent; `None` if it is. `personal` counts those that are about a person.
fn why_not(key: &str, tier: &Tier, personal: &mut usize) -> Option<&'static str> {
    if ALLOWED.contains(&key) {
        return None;
    }
    if key == OWN {
        return Some("ccxray sets it itself.");
    }
    if !key.starts_with(PERSONAL) {
        return Some(
            "only cloud.provider, cloud.region, deployment.environment.name, project.name, \
             service.namespace, service.version and team can be sent.",
        );
    }
    if matches!(tier, Tier::Anonymous) {
        return Some("it can identify a person (allowed only at tier 2).");
    }
    *personal += 1;
    let is_usable = is_plain(key) && *personal <= MAX_PERSONAL;
    if is_usable { None } else { Some("its name is not a plain word, or there are too many.") }
}

/// The key, if it can be printed: somebody may have written anything into it.
fn shown(key: &str) -> &str {
    if is_plain(key) { key } else { "A resource attribute" }
}

/// Whether a key is a few words, with nothing in it that could identify somebody.
fn is_plain(key: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let digits = key.bytes().filter(u8::is_ascii_digit).count();
    key.len() <= MAX_KEY_LENGTH
        && digits <= 4
        && key.chars().all(is_plain)
        && catalog::secret(key).is_none()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &str, tier: &Tier) -> (Vec<String>, Vec<String>) {
        let env: Variables = [(VARIABLE.to_owned(), pairs.to_owned())].into_iter().collect();
        let (sent, warnings) = attributes(BTreeMap::new(), &env, tier, true);
        (sent.into_keys().collect(), warnings)
    }

    #[test]
    fn only_listed_attributes_are_sent() {
        let named = Tier::Named { identity: Text::literal("me") };
        for (key, anonymous, at_two) in [
            ("deployment.environment.name", true, true),
            ("cloud.provider", true, true),
            ("cloud.region", true, true),
            ("service.namespace", true, true),
            ("service.version", true, true),
            ("project.name", true, true),
            ("team", true, true),
            ("enduser.role", false, true),
            ("enduser.id", false, false),
            ("enduser.mika@corp.example", false, false),
            ("Team", false, false),
            ("cost_center", false, false),
            ("userEmail", false, false),
            ("contact", false, false),
            ("k8s.pod.name", false, false),
            ("host.name", false, false),
            ("service.instance.id", false, false),
            ("service.name", false, false),
        ] {
            let expected = |sent: bool| if sent { vec![key.to_owned()] } else { vec![] };
            let pair = format!("{key}=x");
            for (tier, sent) in [(&Tier::Anonymous, anonymous), (&named, at_two)] {
                let (keys, warnings) = of(&pair, tier);
                assert_eq!((keys, warnings.len()), (expected(sent), usize::from(!sent)), "{key}");
            }
        }
    }

    #[test]
    fn what_is_left_out_is_named_only_if_its_name_is_plain() {
        let (_, warnings) =
            of("a.b=x,mika%40corp.example=x,/srv/acme=x,id.123456789=x", &Tier::Anonymous);
        assert_eq!(warnings.len(), 4);
        let text = format!("{warnings:?}");
        assert!(text.contains("a.b is not sent"), "{text}");
        assert!(!text.contains("corp") && !text.contains("srv") && !text.contains("123"), "{text}");
        let many: Vec<_> = (0..99).map(|i| format!("a{i}=x")).collect();
        assert_eq!(of(&many.join(","), &Tier::Anonymous).1.len(), MAX_WARNINGS + 1);
    }

    #[test]
    fn attributes_of_the_project_override_the_environment() {
        let env = "team=1,cloud.region=2".to_owned();
        let env: Variables = [(VARIABLE.to_owned(), env)].into_iter().collect();
        let own = BTreeMap::from([("team".to_owned(), Text::literal("own"))]);
        let (sent, warnings) = attributes(own, &env, &Tier::Anonymous, true);
        let sent: Vec<_> =
            sent.iter().map(|(key, value)| format!("{key}={}", value.reveal())).collect();
        assert_eq!((sent, warnings), (vec!["cloud.region=2".into(), "team=own".into()], vec![]));
        assert_eq!(of("a", &Tier::Anonymous).1.len(), 1);
    }
}
