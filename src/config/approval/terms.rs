//! What an engineer agrees to when they trust a project.

use crate::config::file::settings::{PersonalSettings, ProjectSettings, TlsFiles};
use crate::config::printable::quoted;
use crate::config::value::choice::Names;
use crate::config::value::template::Template;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write};

/// The setting that names whom to believe; it shows nothing of the engineer's.
const CA_FILE: &str = "ca_file";

/// Everything of a project's config that decides what leaves, where to, and what of the environment
/// goes along. A change of any of it asks again. Strings are as written: no value of a variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// The most that the project lets out, if it says it.
    pub tier: Option<u8>,
    /// Where to.
    pub endpoint: String,
    /// The headers that go along, as written: a tenant decides whose numbers they become.
    pub headers: Vec<String>,
    /// The variables that are read, each with the setting it is for: `TOKEN@headers.authorization`.
    pub variables: Vec<String>,
    /// Whether private names leave at tier 1.
    pub names: Names,
    /// Private names that leave at tier 1 all the same.
    pub known_names: Vec<String>,
    /// Whose certificate is believed, and which one is shown.
    pub tls: Vec<String>,
}

impl Terms {
    /// Of a project that sends to `endpoint`, with what an engineer's file beside it names. That may
    /// have come along with the project.
    pub(crate) fn of(
        project: Option<&ProjectSettings>,
        beside: Option<&PersonalSettings>,
        tier: Option<u8>,
        endpoint: String,
    ) -> Self {
        let default = ProjectSettings::default();
        let settings = project.unwrap_or(&default);
        let TlsFiles { ca_file, certificate_file, key_file } = &settings.tls;
        let tls =
            [(CA_FILE, ca_file), ("certificate_file", certificate_file), ("key_file", key_file)];
        let tls = tls.into_iter().filter_map(|(name, file)| Some((name, file.as_ref()?)));
        let identity = beside.and_then(|beside| beside.identity.as_ref());
        let identity = identity.map(|identity| ("identity".to_owned(), identity));
        let mut known_names: Vec<_> = settings.known_names.iter().map(written).collect();
        known_names.sort_unstable();
        known_names.dedup();
        let mut variables: Vec<_> = strings(settings)
            .into_iter()
            .chain(identity)
            .flat_map(|(field, template)| {
                template.variables().map(move |name| format!("{name}@{field}"))
            })
            .collect();
        variables.sort_unstable();
        variables.dedup();
        Self {
            tier,
            endpoint,
            headers: settings.headers.iter().map(header).collect(),
            variables,
            names: settings.names.unwrap_or_default(),
            known_names,
            tls: tls.map(|(name, file)| format!("{name}={}", file.written())).collect(),
        }
    }

    /// Whether a certificate of the engineer's would be shown to the receiver.
    pub(crate) fn shows_certificate(&self) -> bool {
        self.tls.iter().any(|file| !file.starts_with(CA_FILE))
    }

    /// SHA-256, in hexadecimal digits.
    pub fn hash(&self) -> String {
        // These are strings and numbers only, so there is nothing that JSON could not hold.
        let json = serde_json::to_vec(self).unwrap_or_default();
        let mut hexadecimal = String::new();
        for byte in digest(&SHA256, &json).as_ref() {
            // A string takes whatever is written to it.
            let _ = write!(hexadecimal, "{byte:02x}");
        }
        hexadecimal
    }

    /// What is no longer as it was agreed to.
    pub fn changes_since(&self, agreed: &Self) -> Vec<String> {
        let Self { tier, endpoint, headers, variables, names, known_names, tls } = self;
        let mut changes = Vec::new();
        if *tier != agreed.tier {
            changes.push(format!("the tier was {}, is {}", said(agreed.tier), said(*tier)));
        }
        if *endpoint != agreed.endpoint {
            let (was, is) = (quoted(&agreed.endpoint), quoted(endpoint));
            changes.push(format!("the endpoint was {was}, is {is}"));
        }
        if *names != agreed.names {
            changes.push(format!("names were {}, are {}", agreed.names.as_str(), names.as_str()));
        }
        for (what, now, then) in [
            ("header", headers, &agreed.headers),
            ("variable", variables, &agreed.variables),
            ("known name", known_names, &agreed.known_names),
            ("certificate", tls, &agreed.tls),
        ] {
            let added = now.iter().filter(|it| !then.contains(it));
            changes.extend(added.map(|it| format!("new {what} {}", quoted(it))));
            let gone = then.iter().filter(|it| !now.contains(it));
            changes.extend(gone.map(|it| format!("no {what} {} any more", quoted(it))));
        }
        changes
    }
}

fn header((name, value): (&String, &Template)) -> String {
    format!("{}={}", name.to_ascii_lowercase(), value.written())
}

fn said(tier: Option<u8>) -> String {
    tier.map_or_else(|| "not said".to_owned(), |tier| tier.to_string())
}

fn written(template: &Template) -> String {
    template.written().to_owned()
}

/// Every string of a project's settings, with the setting's name.
fn strings(settings: &ProjectSettings) -> Vec<(String, &Template)> {
    let ProjectSettings {
        enabled: _,
        tier: _,
        endpoint,
        protocol: _,
        headers,
        compression: _,
        temporality: _,
        interval_seconds: _,
        timeout_seconds: _,
        project,
        team,
        resource_attributes,
        names: _,
        known_names,
        cardinality_overrides: _,
        tls: TlsFiles { ca_file, certificate_file, key_file },
        queue: _,
        log: _,
    } = settings;
    let named = [
        ("endpoint", endpoint),
        ("project", project),
        ("team", team),
        ("tls.ca_file", ca_file),
        ("tls.certificate_file", certificate_file),
        ("tls.key_file", key_file),
    ];
    let named = named.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it.as_ref()?)));
    let headers = headers.iter().map(|(name, it)| (format!("headers.{name}"), it));
    let attributes =
        resource_attributes.iter().map(|(key, it)| (format!("resource_attributes.{key}"), it));
    let known = known_names.iter().map(|it| ("known_names".to_owned(), it));
    named.chain(headers).chain(attributes).chain(known).collect()
}

/// One sentence for the person who is asked.
impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tier, endpoint, headers, variables, names, known_names, tls } = self;
        match tier {
            Some(tier) => write!(f, "tier {tier} to {}", quoted(endpoint))?,
            None => write!(f, "numbers to {}", quoted(endpoint))?,
        }
        if *names == Names::All {
            f.write_str(", with the names of private tools, servers, skills, agents and models")?;
        }
        for (what, list) in [
            ("headers", headers),
            ("your variables", variables),
            ("these private names", known_names),
            ("certificates", tls),
        ] {
            if !list.is_empty() {
                let list: Vec<_> = list.iter().map(|it| quoted(it)).collect();
                write!(f, ", with {what}: {}", list.join(", "))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::value::tier::Level;

    fn terms(json: &str) -> Terms {
        let settings: ProjectSettings = serde_json::from_str(json).unwrap();
        let endpoint = settings.endpoint.as_ref().map(written).unwrap_or_default();
        Terms::of(Some(&settings), None, settings.tier.map(Level::number), endpoint)
    }

    const BASE: &str = r#"{"tier":1,"endpoint":"https://a.example","headers":{"x":"${A}"}}"#;

    #[test]
    fn every_change_of_what_leaves_asks_again_and_is_told() {
        let base = terms(BASE);
        for (json, told) in [
            (
                r#"{"tier":2,"endpoint":"https://a.example","headers":{"x":"${A}"}}"#,
                "the tier was 1, is 2",
            ),
            (
                r#"{"tier":1,"endpoint":"https://b.example","headers":{"x":"${A}"}}"#,
                "the endpoint was https://a.example, is https://b.example",
            ),
            (
                r#"{"tier":1,"endpoint":"https://a.example","headers":{"x":"${B}"}}"#,
                "new header x=${B}; no header x=${A} any more; new variable B@headers.x; no variable A@headers.x any more",
            ),
            (
                r#"{"tier":1,"endpoint":"https://a.example","headers":{"x":"${A}","y":"${A}"}}"#,
                "new header y=${A}; new variable A@headers.y",
            ),
            (
                r#"{"tier":1,"endpoint":"https://a.example","headers":{"x":"${A}"},"names":"all"}"#,
                "names were known, are all",
            ),
            (
                r#"{"tier":1,"endpoint":"https://a.example","headers":{"x":"${A}"},"known_names":["deploy"]}"#,
                "new known name deploy",
            ),
            (
                r#"{"tier":1,"endpoint":"https://a.example","headers":{"x":"${A}"},"project":"${HOME}"}"#,
                "new variable HOME@project",
            ),
            (
                r#"{"tier":1,"endpoint":"https://a.example","headers":{"x":"${A}"},"tls":{"key_file":"k"}}"#,
                "new certificate key_file=k",
            ),
        ] {
            let changed = terms(json);
            assert_ne!(changed.hash(), base.hash(), "{json}");
            assert_eq!(changed.changes_since(&base).join("; "), told);
        }
    }

    #[test]
    fn what_changes_nothing_that_leaves_does_not_ask_again() {
        let json = r#"{"interval_seconds":5,"team":"x","headers":{"X":"${A}"},"endpoint":"https://a.example","tier":1}"#;
        assert_eq!(terms(json).headers, terms(BASE).headers);
        let same = json.replace("\"X\"", "\"x\"");
        assert_eq!(terms(&same).hash(), terms(BASE).hash());
    }
}
