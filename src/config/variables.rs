//! The environment, read once.

use std::collections::HashMap;

/// A snapshot of environment variables. Empty values count as not set.
#[derive(Clone, Debug, Default)]
pub struct Env(HashMap<String, String>);

impl Env {
    /// The variables of this process; those that are not Unicode are left out.
    pub fn of_process() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        let vars = std::env::vars_os();
        vars.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The variable's value, if set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether the variable says yes: `1` or `true`, in any case.
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name).map(str::trim).is_some_and(|it| it == "1" || it.eq_ignore_ascii_case("true"))
    }

    /// Whether the variable says anything but no. For what switches off, a doubt is a yes.
    pub fn is_not_off(&self, name: &str) -> bool {
        let no = ["0", "false", "no", "off"];
        let says_no = |value: &str| no.iter().any(|no| value.trim().eq_ignore_ascii_case(no));
        self.get(name).is_some_and(|value| !says_no(value))
    }
}

impl FromIterator<(String, String)> for Env {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(vars: I) -> Self {
        Self(vars.into_iter().collect())
    }
}
