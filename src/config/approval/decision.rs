//! Which tier applies, and which side decides it.

use crate::config::environment::TIER;
use crate::config::file::config_file::ConfigFile;
use crate::config::file::files::Files;
use crate::config::file::settings::PersonalSettings;
use crate::config::value::tier::Level;

/// The tier that each side sets; `None` if it sets none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TierSettings {
    /// The project's file.
    pub(crate) project: Option<Level>,
    /// The personal file in the home directory.
    pub(crate) personal_at_home: Option<Level>,
    /// The personal file in the project.
    pub(crate) personal_in_project: Option<Level>,
    /// `CCXRAY_OTEL_TIER`: for this launch.
    pub(crate) launch: Option<Level>,
    /// A file that is not believed. It turns nothing on, and can lower the tier.
    pub(crate) limit: Option<Level>,
}

impl TierSettings {
    /// From the files and the variable.
    pub(crate) fn of(files: &Files, launch: Option<Level>) -> Self {
        let tier = |file: &Option<ConfigFile<PersonalSettings>>| {
            file.as_ref().and_then(|file| file.otel.tier)
        };
        Self {
            project: files.project.as_ref().and_then(|file| file.otel.level()),
            personal_at_home: tier(&files.personal_at_home),
            personal_in_project: tier(&files.personal_in_project),
            launch,
            limit: files.doubted_at_home.as_ref().and_then(|doubted| doubted.tier),
        }
    }
}

/// The tier that applies, and who decides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TierDecision {
    pub(crate) level: Level,
    /// For `decidedBy` of the status.
    pub(crate) decided_by: &'static str,
    /// What the user should know.
    pub(crate) warning: Option<String>,
    /// The warning is that only the user's own choice allows tier 2.
    pub(crate) is_choice_missing: bool,
}

/// The lowest tier that any side sets. If none does, telemetry is off.
pub(crate) fn decide(settings: TierSettings) -> TierDecision {
    let TierSettings { project, personal_at_home, personal_in_project, launch, limit } = settings;
    let own = [
        (launch, TIER),
        (personal_at_home, "personal file"),
        (personal_in_project, "personal file"),
    ];
    let set = |(level, side): (Option<Level>, &'static str)| level.map(|level| (level, side));
    let own = own.into_iter().filter_map(set).min_by_key(|(level, _)| *level);
    let (level, decided_by, warning) = match (project, own) {
        (None, None) => (Level::Disabled, "default", None),
        (None, Some((level, side))) => (level, side, None),
        (Some(Level::Named), None) => (
            Level::Anonymous,
            "project file",
            Some("The project allows tier 2, but you have not chosen it. Using tier 1.".to_owned()),
        ),
        (Some(level), None) => (level, "project file", None),
        (Some(project), Some((level, side))) if level <= project => (level, side, None),
        (Some(project), Some((level, _))) => {
            let (most, chosen) = (project.number(), level.number());
            let warning = format!(
                "You have chosen tier {chosen}, but the project allows only tier {most}. Using tier \
                 {most}."
            );
            (project, "project file", Some(warning))
        }
    };
    let is_choice_missing = (project, own) == (Some(Level::Named), None);
    match limit {
        Some(limit) if limit < level => TierDecision {
            level: limit,
            decided_by: "personal file",
            warning: None,
            is_choice_missing: false,
        },
        Some(_) | None => TierDecision { level, decided_by, warning, is_choice_missing },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Level::{Anonymous, Disabled, Named};

    #[test]
    fn the_lowest_tier_of_any_side_applies() {
        let rows = [
            ("no side", None, None, None, Disabled, false),
            ("the project alone", Some(Anonymous), None, None, Anonymous, false),
            ("the user alone", None, Some(Anonymous), None, Anonymous, false),
            ("clamped", Some(Anonymous), Some(Named), None, Anonymous, true),
            ("both named", Some(Named), Some(Named), None, Named, false),
            ("tier 2 without the user's choice", Some(Named), None, None, Anonymous, true),
            ("the user sets 0", Some(Named), Some(Disabled), None, Disabled, false),
            ("the project sets 0", Some(Disabled), Some(Named), None, Disabled, true),
            ("the launch alone", None, None, Some(Anonymous), Anonymous, false),
            ("the launch sets 0", Some(Named), Some(Named), Some(Disabled), Disabled, false),
            (
                "the launch cannot raise",
                Some(Named),
                Some(Anonymous),
                Some(Named),
                Anonymous,
                false,
            ),
        ];
        for (label, project, personal, launch, level, warns) in rows {
            for (personal_at_home, personal_in_project) in
                [(personal, None), (None, personal), (personal, personal)]
            {
                let settings = TierSettings {
                    project,
                    personal_at_home,
                    personal_in_project,
                    launch,
                    limit: None,
                };
                let decision = decide(settings);
                assert_eq!(decision.level, level, "{label}");
                assert_eq!(decision.warning.is_some(), warns, "{label}: {:?}", decision.warning);
            }
        }
    }

    /// All combinations, compared with the rule in other words: the lowest tier, and tier 2 only if the
    /// user sets a tier too.
    #[test]
    fn every_combination_follows_the_rule() {
        let levels = [None, Some(Disabled), Some(Anonymous), Some(Named)];
        let mut combinations = 0;
        let pairs = || levels.iter().flat_map(|a| levels.iter().map(move |b| (*a, *b)));
        for (project, personal_at_home) in pairs() {
            for (personal_in_project, launch) in pairs() {
                let settings = TierSettings {
                    project,
                    personal_at_home,
                    personal_in_project,
                    launch,
                    limit: None,
                };
                let own = [personal_at_home, personal_in_project, launch];
                let all = own.iter().chain([&project]).flatten().map(|it| it.number());
                let lowest = all.min().unwrap_or(0);
                let is_chosen = own.iter().any(Option::is_some);
                let expected = if is_chosen { lowest } else { lowest.min(1) };
                assert_eq!(decide(settings).level.number(), expected, "{settings:?}");
                combinations += 1;
            }
        }
        assert_eq!(combinations, 256);
    }

    #[test]
    fn a_file_that_is_not_believed_can_only_lower_the_tier() {
        let doubted = Some(Named);
        assert_eq!(
            decide(TierSettings { limit: doubted, ..TierSettings::default() }).level,
            Disabled
        );
        for (project, limit, level) in [
            (Anonymous, Named, Anonymous),
            (Anonymous, Disabled, Disabled),
            (Named, Named, Anonymous),
        ] {
            let settings = TierSettings {
                project: Some(project),
                limit: Some(limit),
                ..TierSettings::default()
            };
            assert_eq!(decide(settings).level, level, "{settings:?}");
        }
    }

    #[test]
    fn no_personal_file_can_raise_another_one() {
        for (at_home, in_project) in [(Disabled, Named), (Named, Disabled)] {
            let settings = TierSettings {
                personal_at_home: Some(at_home),
                personal_in_project: Some(in_project),
                ..TierSettings::default()
            };
            assert_eq!(decide(settings).level, Disabled);
        }
    }
}
