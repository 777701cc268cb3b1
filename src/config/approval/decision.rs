//! Which tier all sides agree to, and which side decides it.

use crate::config::file::config_file::ConfigFile;
use crate::config::file::files::Files;
use crate::config::file::settings::PersonalSettings;
use crate::config::value::tier::Level;

/// What each side said; `None` is a side that said nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sides {
    /// The project's file.
    pub(crate) project: Option<Level>,
    /// The engineer's file in their home.
    pub(crate) home: Option<Level>,
    /// The engineer's file beside the project's.
    pub(crate) beside: Option<Level>,
    /// `CCXRAY_OTEL_TIER`: the engineer's word for this launch.
    pub(crate) launch: Option<Level>,
    /// `OTEL_SDK_DISABLED` or `DO_NOT_TRACK`.
    pub(crate) switched_off: bool,
}

impl Sides {
    /// What the files say, and the engineer for this launch.
    pub(crate) fn of(files: &Files, launch: Option<Level>) -> Self {
        let said = |file: &Option<ConfigFile<PersonalSettings>>| {
            file.as_ref().and_then(|file| file.otel.tier)
        };
        Self {
            project: files.project.as_ref().and_then(|file| file.otel.level()),
            home: said(&files.at_home),
            beside: said(&files.beside),
            launch,
            switched_off: false,
        }
    }
}

/// The level all sides agree to, and whose word it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) level: Level,
    pub(crate) decided_by: &'static str,
    pub(crate) note: Option<&'static str>,
}

/// The minimum of every side that said something; silence of all is off.
pub(crate) fn decide(sides: Sides) -> Decision {
    let Sides { project, home, beside, launch, switched_off } = sides;
    if switched_off {
        return Decision {
            level: Level::Disabled,
            decided_by: "OTEL_SDK_DISABLED or DO_NOT_TRACK",
            note: None,
        };
    }
    let own = [(launch, "CCXRAY_OTEL_TIER"), (home, "personal file"), (beside, "personal file")];
    let said = |(level, who): (Option<Level>, &'static str)| level.map(|level| (level, who));
    let own = own.into_iter().filter_map(said).min_by_key(|(level, _)| *level);
    let (level, decided_by, note) = match (project, own) {
        (None, None) => (Level::Disabled, "default", None),
        (None, Some((level, who))) => (level, who, None),
        (Some(Level::Named), None) => (
            Level::Anonymous,
            "project file",
            Some("the project allows tier 2, which also needs your own word; tier 1 is used"),
        ),
        (Some(level), None) => (level, "project file", None),
        (Some(project), Some((level, who))) if level <= project => (level, who, None),
        (Some(project), Some(_)) => (
            project,
            "project file",
            Some("your own tier is higher than the project's and was lowered to it"),
        ),
    };
    Decision { level, decided_by, note }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Level::{Anonymous, Disabled, Named};

    #[test]
    fn the_effective_tier_is_the_least_that_any_side_allows() {
        let rows = [
            ("nobody", None, None, None, Disabled, false),
            ("the project alone", Some(Anonymous), None, None, Anonymous, false),
            ("the engineer alone", None, Some(Anonymous), None, Anonymous, false),
            ("clamped", Some(Anonymous), Some(Named), None, Anonymous, true),
            ("both named", Some(Named), Some(Named), None, Named, false),
            ("named without the engineer's word", Some(Named), None, None, Anonymous, true),
            ("the engineer says no", Some(Named), Some(Disabled), None, Disabled, false),
            ("the project says no", Some(Disabled), Some(Named), None, Disabled, true),
            ("the launch alone", None, None, Some(Anonymous), Anonymous, false),
            ("the launch says no", Some(Named), Some(Named), Some(Disabled), Disabled, false),
            (
                "the launch cannot raise",
                Some(Named),
                Some(Anonymous),
                Some(Named),
                Anonymous,
                false,
            ),
        ];
        for (label, project, personal, launch, level, noted) in rows {
            for (home, beside) in [(personal, None), (None, personal), (personal, personal)] {
                let sides = Sides { project, home, beside, launch, switched_off: false };
                let decision = decide(sides);
                assert_eq!(decision.level, level, "{label}");
                assert_eq!(decision.note.is_some(), noted, "{label}: {:?}", decision.note);
            }
        }
    }

    /// The whole matrix, against the rule in other words: the least that anybody said, and tier 2 only
    /// with the engineer's own word.
    #[test]
    fn every_combination_of_sides_follows_the_rule() {
        let said = [None, Some(Disabled), Some(Anonymous), Some(Named)];
        let mut combinations = 0;
        for (project, home) in said.iter().flat_map(|a| said.iter().map(move |b| (*a, *b))) {
            for (beside, launch) in said.iter().flat_map(|a| said.iter().map(move |b| (*a, *b))) {
                let sides = Sides { project, home, beside, launch, switched_off: false };
                let all: Vec<u8> = [project, home, beside, launch]
                    .iter()
                    .flatten()
                    .map(|it| it.number())
                    .collect();
                let own_word = home.is_some() || beside.is_some() || launch.is_some();
                let least = all.iter().min().copied().unwrap_or(0);
                let expected = if own_word { least } else { least.min(1) };
                assert_eq!(decide(sides).level.number(), expected, "{sides:?}");
                combinations += 1;
            }
        }
        assert_eq!(combinations, 256);
    }

    #[test]
    fn switched_off_beats_everything() {
        let said = Some(Named);
        let sides =
            Sides { project: said, home: said, beside: said, launch: said, switched_off: true };
        assert_eq!(decide(sides).level, Disabled);
    }

    #[test]
    fn no_file_of_the_engineers_can_raise_what_another_one_allows() {
        for (home, beside) in [(Disabled, Named), (Named, Disabled)] {
            let sides = Sides { home: Some(home), beside: Some(beside), ..Sides::default() };
            assert_eq!(decide(sides).level, Disabled);
        }
    }
}
