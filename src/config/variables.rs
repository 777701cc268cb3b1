//! The environment variables of this launch.
//!
//! They come from JavaScript. Nothing in this crate asks the C library for a variable while the
//! host runs: Node changes variables under a lock of its own, and the memory of a value can be freed
//! while it is read.

use std::collections::{HashMap, HashSet};

/// Why a variable of a client cannot be used.
pub(crate) const WITHHELD: &str = "has another value in the hub that serves this client.";
/// What to do about it.
pub(crate) const WITHHELD_CURE: &str =
    "Quit all clients of the hub, then start again with the variable set.";

/// A snapshot of environment variables. An empty value counts as not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    values: HashMap<String, String>,
    /// Set, but only the client of a hub knows to which value.
    withheld: HashSet<String>,
}

impl Variables {
    /// Adds these variables from `others`, if they are not set.
    pub fn add_missing(&mut self, names: &[&str], others: &Self) {
        for name in names {
            if let (None, Some(value)) = (self.get(name), others.get(name)) {
                self.values.insert((*name).to_owned(), value.to_owned());
            }
        }
    }

    /// The same variables, and the names of others that are set to unknown values.
    #[must_use]
    pub fn with_withheld(self, names: impl IntoIterator<Item = String>) -> Self {
        Self { withheld: names.into_iter().collect(), ..self }
    }

    /// Removes the variables of these names.
    pub(crate) fn remove(&mut self, names: &[&str]) {
        for name in names {
            self.values.remove(*name);
        }
    }

    /// Sets a variable.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// The first of these names whose variable is set to an unknown value.
    pub fn withheld<'a>(&self, names: &[&'a str]) -> Option<&'a str> {
        names.iter().find(|name| self.withheld.contains(**name)).copied()
    }

    /// The variable's value, if it is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether the variable is `1` or `true`, in upper or lower case.
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name).map(str::trim).is_some_and(|it| it == "1" || it.eq_ignore_ascii_case("true"))
    }

    /// Whether the variable is set to anything but `0`, `false`, `no` or `off`. A variable that turns
    /// telemetry off does so with any unclear value.
    pub fn is_not_off(&self, name: &str) -> bool {
        let off = ["0", "false", "no", "off"];
        let is_off = |value: &str| off.iter().any(|off| value.trim().eq_ignore_ascii_case(off));
        self.get(name).is_some_and(|value| !is_off(value))
    }
}

impl FromIterator<(String, String)> for Variables {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(vars: I) -> Self {
        Self { values: vars.into_iter().collect(), withheld: HashSet::new() }
    }
}
