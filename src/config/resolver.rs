//! From the files as written, and the environment, to what a project does.

use crate::config::effective::Effective;
use crate::config::file::ConfigFile;
use crate::config::lookup::Place;
use crate::config::printable::{printable, shell_word};
use crate::config::settings::{PersonalSettings, ProjectSettings};
use crate::config::store::{Store, Verdict};
use crate::config::target::Target;
use crate::config::terms::Terms;
use crate::config::tier::{self, Decision, Level, Sides};
use crate::config::{
    Asks, ConfigError, Env, InvalidEndpoint, Outcome, Resolution, Setting, Source, Surroundings,
    Trust, identity,
};
use std::path::Path;

/// The files as written.
pub(super) struct Written {
    pub(super) place: Place,
    pub(super) project: Option<ConfigFile<ProjectSettings>>,
    /// The engineer's file in their home.
    pub(super) at_home: Option<ConfigFile<PersonalSettings>>,
    /// The engineer's file in the project. It may have come along with it, so it can lower the tier,
    /// and what else it says waits for the engineer's word like the project's own file.
    pub(super) beside: Option<ConfigFile<PersonalSettings>>,
}

/// What a project asks for, before anything is filled in.
pub(super) struct Request<'a> {
    pub(super) decision: Decision,
    target: Target<'a>,
    /// What the engineer has to agree to; `None` if it is all their own word.
    terms: Option<Terms>,
}

/// Why nothing happens before the engineer has agreed.
struct Untrusted {
    reason: String,
    asks: Box<Asks>,
}

impl Written {
    /// Whether there is something that no config may hold, whatever comes of it.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let Self { place: _, project, at_home, beside } = self;
        project.as_ref().map_or(Ok(()), ConfigFile::<ProjectSettings>::check)?;
        at_home.as_ref().map_or(Ok(()), ConfigFile::<PersonalSettings>::check)?;
        beside.as_ref().map_or(Ok(()), ConfigFile::<PersonalSettings>::check)
    }

    /// The level that all sides agree to.
    pub(super) fn decision(&self, launch: Option<Level>) -> Decision {
        let said = |file: &Option<ConfigFile<PersonalSettings>>| {
            file.as_ref().and_then(|file| file.otel.tier)
        };
        tier::decide(Sides {
            project: self.project.as_ref().and_then(|file| file.otel.level()),
            home: said(&self.at_home),
            beside: said(&self.beside),
            launch,
            switched_off: false,
        })
    }

    /// What each side has said about the tier, and where.
    fn sides(&self, launch: Option<Level>) -> Vec<Setting> {
        let file = |level: Option<Level>, path: &Path| {
            level.map(|level| (level, Source::File(path.to_owned())))
        };
        let project = self.project.as_ref().and_then(|it| file(it.otel.level(), &it.path));
        let own = [&self.beside, &self.at_home].into_iter().flatten();
        let own = own.filter_map(|it| file(it.otel.tier, &it.path));
        let launch = launch.map(|level| (level, Source::Environment("CCXRAY_OTEL_TIER")));
        let sides = project.into_iter().chain(own).chain(launch);
        let setting = |(level, source): (Level, Source)| Setting {
            name: "tier",
            value: level.number().to_string(),
            source,
        };
        sides.map(setting).collect()
    }

    /// What the project asks for, if all sides agree to something.
    pub(super) fn request(
        &self,
        decision: Decision,
        launch: Option<Level>,
        env: &Env,
    ) -> Result<Request<'_>, ConfigError> {
        let target = Target::of(self.project.as_ref(), self.at_home.as_ref(), env);
        let target = target.ok_or_else(|| self.no_endpoint())?;
        let own_word =
            launch.is_some() || self.at_home.as_ref().is_some_and(|file| file.otel.tier.is_some());
        let only_beside =
            !own_word && self.beside.as_ref().is_some_and(|it| it.otel.tier.is_some());
        let project = self.project.as_ref().map(|file| &file.otel);
        let beside = self.beside.as_ref().map(|file| &file.otel);
        let level = project.map_or(beside.and_then(|it| it.tier), ProjectSettings::level);
        let terms = Terms::of(project, beside, level.map(Level::number), target.shown());
        // Whatever lies in the project's directory may be a stranger's, so no variable is read for it
        // either.
        let asks = project.is_some() || only_beside || !terms.variables.is_empty();
        let terms = asks.then_some(terms);
        Ok(Request { decision, target, terms })
    }

    /// The directory that the engineer's word is kept for.
    pub(super) fn directory(&self) -> &Path {
        let path = self.project.as_ref().map(|file| &file.path);
        let path = path.or(self.beside.as_ref().map(|file| &file.path));
        path.and_then(|path| path.parent()).unwrap_or(self.place.top())
    }

    /// The file that asks for something.
    pub(super) fn asking(&self) -> &Path {
        let path = self.project.as_ref().map(|file| &file.path);
        path.or(self.beside.as_ref().map(|file| &file.path)).map_or(self.place.top(), |path| path)
    }

    /// What comes of it all.
    pub(super) fn resolution(
        self,
        surroundings: &Surroundings,
        launch: Option<Level>,
    ) -> Result<Resolution, ConfigError> {
        self.check()?;
        let env = &surroundings.env;
        let decision = self.decision(launch);
        let mut resolution = Resolution::off(&decision);
        resolution.settings = self.sides(launch);
        if decision.level == Level::Disabled {
            return Ok(resolution);
        }
        let request = self.request(decision, launch, env)?;
        let level = request.decision.level;
        let degraded = |invalid: InvalidEndpoint, source: Source| {
            let reason = format!("{invalid} ({source})");
            Outcome::Degraded { tier: level.number(), reason }
        };
        if let Some((invalid, source)) = request.no_endpoint() {
            resolution.outcome = degraded(invalid, source);
            return Ok(resolution);
        }
        match self.trust(&request, surroundings) {
            Ok(trust) => resolution.trust = Some(trust),
            Err(Untrusted { reason, asks }) => {
                resolution.warnings.clear();
                resolution.outcome = Outcome::Off { reason: format!("untrusted: {reason}") };
                resolution.asks = Some(*asks);
                return Ok(resolution);
            }
        }
        let destination = request.target.destination(env)?;
        let endpoint = match destination.endpoint {
            Ok(endpoint) => endpoint,
            Err(invalid) => {
                resolution.outcome = degraded(invalid, destination.way.source);
                return Ok(resolution);
            }
        };
        if self.beside.as_ref().is_some_and(|file| file.otel.endpoint.is_some()) {
            resolution.warnings.push(
                "the endpoint in the project's .ccxray.user.json is not used; name it in the one \
                 of your home"
                    .to_owned(),
            );
        }
        let warnings = &mut resolution.warnings;
        let tier = identity::tier(&self, level, launch, env, warnings)?;
        let way = destination.way;
        let effective = Effective::of(&self, tier, endpoint, way, surroundings, warnings)?;
        resolution.settings.extend(effective.settings());
        resolution.outcome = Outcome::On(Box::new(effective.config));
        Ok(resolution)
    }

    /// Whether the engineer has agreed, and how; else the reason why nothing happens.
    fn trust(
        &self,
        request: &Request<'_>,
        surroundings: &Surroundings,
    ) -> Result<Trust, Untrusted> {
        let Some(terms) = &request.terms else { return Ok(Trust::OwnWord) };
        if request.stays_here() {
            return Ok(Trust::Loopback);
        }
        if surroundings.env.is_on("CCXRAY_OTEL_TRUST") {
            return Ok(Trust::Managed);
        }
        let file = shown(self.asking());
        let cure = format!(
            "allow it with: npx @ccxray/otel-native trust {}",
            shell_word(self.directory())
        );
        let asked = format!("{file} asks for {terms}");
        let mut changes = Vec::new();
        let store = surroundings.own_directory().map(|it| Store::within(&it));
        let reason = match store.map(|store| store.verdict(self.directory(), terms)) {
            Some(Ok(Verdict::Allowed)) => return Ok(Trust::Allowed),
            Some(Ok(Verdict::Unknown)) => format!("{asked}; {cure}"),
            Some(Ok(Verdict::Changed(agreed))) => {
                changes = terms.changes_since(&agreed);
                let changes = changes.join(", ");
                format!("{file} has changed since you allowed it: {changes}; {cure}")
            }
            Some(Err(error)) => error.to_string(),
            None => format!("{asked}, and there is no home directory to note an answer in"),
        };
        let (directory, terms) = (self.directory().to_owned(), terms.clone());
        Err(Untrusted { reason, asks: Box::new(Asks { directory, terms, changes }) })
    }

    fn no_endpoint(&self) -> ConfigError {
        let (problem, cure) = (
            "telemetry is switched on, but no endpoint is named",
            "add \"endpoint\": \"http://127.0.0.1:4318\" to .ccxray.json, or set \
             OTEL_EXPORTER_OTLP_ENDPOINT",
        );
        if let Some(file) = &self.project {
            return ConfigError::at(
                &file.path,
                file.place(&["tier"]),
                "otel.endpoint",
                problem,
                cure,
            );
        }
        match [&self.at_home, &self.beside].into_iter().flatten().next() {
            Some(file) => {
                ConfigError::at(&file.path, file.place(&["tier"]), "otel.endpoint", problem, cure)
            }
            None => ConfigError::missing("otel.endpoint", problem, cure),
        }
    }
}

impl Request<'_> {
    /// Whether it is plain to see that nothing leaves this machine, and nothing of it is read.
    pub(super) fn stays_here(&self) -> bool {
        let Self { decision: _, target, terms } = self;
        let reads = |terms: &Terms| !terms.variables.is_empty() || terms.shows_certificate();
        target.is_loopback() && !terms.as_ref().is_some_and(reads)
    }

    /// What is plain to see to be no endpoint, whatever the environment holds.
    pub(super) fn no_endpoint(&self) -> Option<(InvalidEndpoint, Source)> {
        self.target.is_no_endpoint()
    }

    /// What the engineer has to agree to; `None` if nothing but their own word is in it.
    pub(super) fn terms(&self) -> Option<&Terms> {
        self.terms.as_ref()
    }
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
