//! Whether the engineer agreed to an endpoint in particular.
//!
//! A repository that one merely clones must not switch on egress, and a variable may be set for
//! another program. So an endpoint beyond this machine takes somebody's word from outside the
//! project on that very endpoint.

use crate::config::Endpoint;

/// What the engineer has said outside of any project.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    /// The endpoint in the file of their home, which is about ccxray and nothing else.
    pub(super) at_home: Option<Endpoint>,
    /// The endpoint in the environment, which may be meant for another program …
    pub(super) in_environment: Option<Endpoint>,
    /// … unless they have also said a tier, at home or for this launch.
    pub(super) said_tier: bool,
    /// The machine is one that a team manages.
    pub(super) managed: bool,
}

impl Word {
    /// Whether numbers may go to `endpoint`.
    pub(super) fn allows(&self, endpoint: &Endpoint) -> bool {
        let Self { at_home, in_environment, said_tier, managed } = self;
        endpoint.is_loopback()
            || *managed
            || at_home.as_ref() == Some(endpoint)
            || (*said_tier && in_environment.as_ref() == Some(endpoint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_word_on_that_very_endpoint_allows_it() {
        let endpoint = |url: &str| Some(Endpoint::from_base(url).unwrap());
        let team = endpoint("https://otlp.example");
        let other = endpoint("https://own.example");
        let none = Word::default();
        let rows = [
            ("nobody's word", none.clone(), false),
            ("a tier alone", Word { said_tier: true, ..none.clone() }, false),
            ("a variable alone", Word { in_environment: team.clone(), ..none.clone() }, false),
            ("both", Word { in_environment: team.clone(), said_tier: true, ..none.clone() }, true),
            (
                "both, elsewhere",
                Word { in_environment: other.clone(), said_tier: true, ..none.clone() },
                false,
            ),
            ("at home", Word { at_home: team.clone(), ..none.clone() }, true),
            ("at home, elsewhere", Word { at_home: other, said_tier: true, ..none.clone() }, false),
            ("a managed machine", Word { managed: true, ..none.clone() }, true),
        ];
        for (label, word, allowed) in rows {
            assert_eq!(word.allows(&team.clone().unwrap()), allowed, "{label}");
        }
        assert!(none.allows(&endpoint("http://127.0.0.1:4318").unwrap()), "nothing leaves");
    }
}
