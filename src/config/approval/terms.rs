//! What a user approves: everything of a project's config that decides what is sent and where.

use crate::config::approval::limits::beyond_safe;
use crate::config::file::settings::{PersonalSettings, ProjectSettings, TlsFiles};
use crate::config::printable::{printable, quoted};
use crate::config::value::choice::{Names, TimeResolution};
use crate::config::value::template::Template;
use crate::config::value::tier::Level;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt::{self, Write};

/// What the user should know, whatever the terms are.
const NEVER_SENT: &str = "Never sent: prompts, code, file names.";

/// Everything of a project's config that decides what is sent, where, and which variables are read. A
/// change of any of it needs a new approval. Strings are as written, without the values of variables.
///
/// The names of the fields are those in `otel-trust.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConsentTerms {
    /// The tier that the project sets, if it sets one.
    pub tier: Option<u8>,
    /// Where it sends to.
    pub endpoint: String,
    /// The headers as written. Some select a tenant, and so decide who gets the numbers.
    pub headers: Vec<String>,
    /// The variables that are read, each with its setting: `TOKEN@headers.authorization`.
    pub variables: Vec<String>,
    /// How finely the receiver can tell when something happened, if the project sets that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<TimeResolution>,
    /// Whether private names are sent at tier 1.
    pub names: Names,
    /// Private names that are sent at tier 1.
    pub known_names: Vec<String>,
    /// The certificate authority, and the client certificate with its key.
    pub tls: Vec<String>,
    /// Whether headers may be sent unencrypted to another machine.
    #[serde(skip_serializing_if = "is_false")]
    pub insecure: bool,
    /// What the personal file in the project adds: tier 2, and a name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub personal: Vec<String>,
    /// Limits that take more of this machine or of the receiver than the defaults do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl ConsentTerms {
    /// Of a project that sends to `endpoint`. The personal file in the project counts as a part of the
    /// project: it may be in the same repository.
    pub(crate) fn of(
        project: Option<&ProjectSettings>,
        personal_in_project: Option<&PersonalSettings>,
        tier: Option<u8>,
        endpoint: String,
    ) -> Self {
        let default = ProjectSettings::default();
        let settings = project.unwrap_or(&default);
        let TlsFiles { ca_file, certificate_file, key_file } = &settings.tls;
        let tls =
            [("ca_file", ca_file), ("certificate_file", certificate_file), ("key_file", key_file)];
        let tls = tls.into_iter().filter_map(|(name, file)| Some((name, file.as_ref()?)));
        let identity = personal_in_project.and_then(|settings| settings.identity.as_ref());
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
            resolution: settings.resolution,
            names: settings.names.unwrap_or_default(),
            known_names,
            tls: tls.map(|(name, file)| format!("{name}={}", file.written())).collect(),
            insecure: settings.insecure.unwrap_or_default(),
            personal: personal_in_project.map(personal).unwrap_or_default(),
            limits: beyond_safe(settings),
        }
    }

    /// Whether nothing but anonymous numbers is asked for.
    pub(crate) fn are_anonymous(&self) -> bool {
        let Self { tier, resolution, .. } = *self;
        let least = Self { tier, resolution, endpoint: self.endpoint.clone(), ..Self::default() };
        // What the personal file adds is used only if it is approved.
        let asked = Self { personal: Vec::new(), ..self.clone() };
        self.tier != Some(Level::Named.number()) && asked == least
    }

    /// SHA-256, in hexadecimal digits.
    pub fn hash(&self) -> String {
        // Strings and numbers can always be written as JSON.
        let json = serde_json::to_vec(self).unwrap_or_default();
        let mut hexadecimal = String::new();
        for byte in digest(&SHA256, &json).as_ref() {
            // Writing to a string cannot fail.
            let _ = write!(hexadecimal, "{byte:02x}");
        }
        hexadecimal
    }

    /// The hashes of terms whose approval covers these: the same ones, and those with which a receiver could tell
    /// more precisely when something happened.
    pub(crate) fn covering_hashes(&self) -> impl Iterator<Item = String> {
        let set = self.resolution.unwrap_or_default().and_finer().map(Some);
        // What applies if it is not set depends on the tier: one minute at tier 1, one hour at tier 2.
        let is_no_finer_than_default = match self.resolution {
            None => true,
            Some(set) => {
                self.tier == Some(Level::Anonymous.number()) || set >= TimeResolution::Hour
            }
        };
        let unset = is_no_finer_than_default.then_some(None);
        set.chain(unset).map(|resolution| Self { resolution, ..self.clone() }.hash())
    }

    /// What is different from terms that were approved before.
    pub fn changes_since(&self, approved: &Self) -> Vec<String> {
        let Self {
            tier,
            endpoint,
            headers,
            variables,
            resolution,
            names,
            known_names,
            tls,
            insecure,
            personal,
            limits,
        } = self;
        let mut changes = Vec::new();
        if *tier != approved.tier {
            let [was, is] = [approved.tier, *tier].map(|tier| match tier {
                Some(tier) => tier.to_string(),
                None => "not set".to_owned(),
            });
            changes.push(format!("the tier was {was} and is now {is}"));
        }
        if *endpoint != approved.endpoint {
            let (was, is) = (quoted(&approved.endpoint), quoted(endpoint));
            changes.push(format!("the endpoint was {was} and is now {is}"));
        }
        if *resolution != approved.resolution {
            let [was, is] = [approved.resolution, *resolution]
                .map(|it| it.map_or("not set", TimeResolution::as_str));
            changes.push(format!("the resolution was {was} and is now {is}"));
        }
        if *names != approved.names {
            let (was, is) = (approved.names.as_str(), names.as_str());
            changes.push(format!("\"names\" was {was} and is now {is}"));
        }
        if *insecure != approved.insecure {
            let is = if *insecure { "may now" } else { "may no longer" };
            changes.push(format!("headers {is} be sent unencrypted"));
        }
        for (what, now, then) in [
            ("header", headers, &approved.headers),
            ("variable", variables, &approved.variables),
            ("known name", known_names, &approved.known_names),
            ("certificate file", tls, &approved.tls),
            ("setting of .ccxray.user.json", personal, &approved.personal),
            ("limit", limits, &approved.limits),
        ] {
            let [is, was] = [now, then].map(|list| list.iter().collect::<BTreeSet<_>>());
            let added = is.difference(&was);
            changes.extend(added.map(|it| format!("new {what} {}", quoted(it))));
            let removed = was.difference(&is);
            changes.extend(removed.map(|it| format!("removed {what} {}", quoted(it))));
        }
        changes
    }

    /// What the user is asked to approve, one thing in each line.
    pub fn text(&self) -> String {
        let first = [
            format!("Send: {}", self.what()),
            format!("To: {}", quoted(&self.endpoint)),
            format!("How often: {}", self.how_often()),
        ];
        let lines = first.into_iter().chain(self.details()).chain([NEVER_SENT.to_owned()]);
        lines.map(|line| printable(&line)).collect::<Vec<_>>().join("\n")
    }

    /// What is sent and where, in one line of a limited length.
    pub(crate) fn shortest(&self) -> String {
        let start: String = quoted(&self.endpoint).chars().take(200).collect();
        format!("send {} to {start}, and more", self.what())
    }

    /// What is sent.
    fn what(&self) -> &'static str {
        match self.tier {
            Some(1) => "anonymous numbers (tier 1)",
            Some(2) => "numbers with the name that you choose (tier 2)",
            Some(_) | None => "numbers (at the tier that you set)",
        }
    }

    /// How often it is sent.
    fn how_often(&self) -> &'static str {
        match (self.resolution, self.tier) {
            (Some(TimeResolution::Minute), _) | (None, Some(1)) => {
                "in each interval, so the receiver sees when you work"
            }
            (Some(TimeResolution::Hour), _) => "at most once an hour",
            (Some(TimeResolution::Day), _) => "at most once a day",
            (None, Some(2)) => "at most once an hour; at tier 1 in each interval",
            (None, _) => "in each interval; at tier 2 at most once an hour",
        }
    }

    /// Everything but what is sent, where and how often.
    fn details(&self) -> Vec<String> {
        let Self {
            tier: _,
            endpoint: _,
            headers,
            variables,
            resolution: _,
            names,
            known_names,
            tls,
            insecure,
            personal,
            limits,
        } = self;
        let mut lines = Vec::new();
        let list = |list: &[String]| {
            let list: Vec<_> = list.iter().map(|it| quoted(it)).collect();
            list.join(", ")
        };
        if !headers.is_empty() {
            lines.push(format!("With the headers: {}", list(headers)));
        }
        lines.extend(variables.iter().map(|variable| use_of(variable)));
        if *names == Names::All {
            let kinds = "tools, servers, skills, agents and models";
            lines.push(format!("It will send the private names of {kinds}"));
        }
        if !known_names.is_empty() {
            lines.push(format!("It will send these private names: {}", list(known_names)));
        }
        if !tls.is_empty() {
            lines.push(format!("It will use these certificate files: {}", list(tls)));
        }
        if *insecure {
            lines.push("It will send headers unencrypted if the address is http://".to_owned());
        }
        if !personal.is_empty() {
            let settings = list(personal);
            lines.push(format!("It will use these settings of .ccxray.user.json: {settings}"));
        }
        if !limits.is_empty() {
            lines.push(format!("It will use these limits beyond the defaults: {}", list(limits)));
        }
        lines
    }
}

/// What a variable is read for. The name of a variable has no `@`.
fn use_of(variable: &str) -> String {
    let (name, field) = variable.split_once('@').unwrap_or((variable, ""));
    let (group, key) = field.split_once('.').unwrap_or((field, ""));
    let reads = format!("It will read your variable {}", quoted(name));
    match group {
        "endpoint" => format!("{reads} as a part of this address"),
        "headers" => format!("{reads} and send it there in the header {key:?}"),
        "tls" => format!("{reads} to find the certificate file of {field:?}"),
        "project" => format!("{reads} and send it there as \"project.name\""),
        "identity" => format!("{reads} and send it there as \"enduser.id\""),
        "resource_attributes" => format!("{reads} and send it there as {key:?}"),
        _ => format!("{reads} and send it there as {group:?}"),
    }
}

/// What a personal file in a project can add.
fn personal(settings: &PersonalSettings) -> Vec<String> {
    let tier = settings.tier.filter(|tier| *tier == Level::Named);
    let tier = tier.map(|tier| format!("tier={}", tier.number()));
    let identity = settings.identity.as_ref().map(|it| format!("identity={}", it.written()));
    tier.into_iter().chain(identity).collect()
}

fn header((name, value): (&String, &Template)) -> String {
    format!("{}={}", name.to_ascii_lowercase(), value.written())
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
        insecure: _,
        compression: _,
        max_request_kibibytes: _,
        temporality: _,
        interval_seconds: _,
        timeout_seconds: _,
        resolution: _,
        project,
        team,
        project_labels: _,
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

/// What the user is asked to approve, in one line.
impl fmt::Display for ConsentTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "send {} to {}", self.what(), quoted(&self.endpoint))?;
        if let Some(resolution) = self.resolution {
            write!(f, "; resolution {}", resolution.as_str())?;
        }
        for detail in self.details() {
            let (first, rest) = detail.split_at(1);
            write!(f, "; {}{rest}", first.to_lowercase())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
