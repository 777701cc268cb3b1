//! What is the same for every project of a process: home directory, variables, host.

use crate::config::error::ConfigError;
use crate::config::value::secret::quotable;
use crate::config::value::tier::Level;
use crate::config::variable_names::EXPORTERS;
use crate::config::variables::Variables;
use std::path::{Path, PathBuf};

/// The variable that sets the tier of this launch.
pub(crate) const TIER: &str = "CCXRAY_OTEL_TIER";

/// The name of this package's command.
const PROGRAM_NAME: &str = "ccxray-otel";

/// The command with which the user chooses tier 2 and a name.
pub(crate) const INIT_NAMED: &str = "init --tier 2 --identity NAME";

/// The variable that moves ccxray's own files.
const OWN_DIRECTORY: &str = "CCXRAY_HOME";

/// Where settings are looked for, besides the files of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// The user's home directory.
    pub home: Option<PathBuf>,
    /// The environment variables of this launch.
    pub variables: Variables,
    /// The version of the host, for `service.version`.
    pub host_version: Option<String>,
    /// How the user runs the commands of this package, as words of a shell: with paths that nothing in a
    /// project can replace. Default: its name.
    pub program: Option<String>,
    /// The same for hints that are not about a project of a stranger: a name is enough. Default: the name of
    /// this package's command.
    pub program_name: Option<String>,
}

/// What turns telemetry off for every project.
pub(crate) struct SwitchedOff {
    /// For `decidedBy` of the status.
    pub(crate) decided_by: &'static str,
    pub(crate) reason: String,
}

impl Environment {
    /// Whether a variable turns telemetry off for every project.
    pub fn is_switched_off(&self) -> bool {
        self.switched_off().is_some()
    }

    /// Which variable turns telemetry off for every project.
    pub(crate) fn switched_off(&self) -> Option<SwitchedOff> {
        let variables = ["OTEL_SDK_DISABLED", "DO_NOT_TRACK"];
        if let Some(set) = variables.iter().find(|it| self.variables.is_not_off(it)) {
            let decided_by = "OTEL_SDK_DISABLED or DO_NOT_TRACK";
            let reason = format!("Telemetry is off: {set} is set. To allow it: unset {set}");
            return Some(SwitchedOff { decided_by, reason });
        }
        if self
            .exporters()
            .is_some_and(|exporters| exporters.iter().any(|it| it.eq_ignore_ascii_case("none")))
        {
            let decided_by = EXPORTERS;
            let reason = format!(
                "Telemetry is off: {EXPORTERS} is none. To allow it: set it to otlp, or unset it"
            );
            return Some(SwitchedOff { decided_by, reason });
        }
        let is_zero = self.variables.get(TIER).is_some_and(|tier| tier.trim() == "0");
        is_zero.then(|| SwitchedOff { decided_by: TIER, reason: Self::tier_is_zero() })
    }

    /// The exporters of metrics that the environment selects; `None` if it selects none in particular.
    fn exporters(&self) -> Option<Vec<&str>> {
        let list = self.variables.get(EXPORTERS)?;
        let names: Vec<_> = list.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
        (!names.is_empty()).then_some(names)
    }

    /// Why nothing is sent to the endpoint of the environment: the environment selects other exporters than
    /// this one.
    pub(crate) fn other_exporters(&self) -> Option<ConfigError> {
        let exporters = self
            .exporters()
            .filter(|exporters| !exporters.iter().any(|it| it.eq_ignore_ascii_case("otlp")))?;
        let problem = match exporters.as_slice() {
            [one] => format!("{} is not an exporter of ccxray.", quotable(one)),
            _ => "None of these is an exporter of ccxray.".to_owned(),
        };
        let cure =
            "To send metrics, add otlp. Nothing is printed here: the terminal is your agent's.";
        Some(ConfigError::in_environment(EXPORTERS, &problem, cure))
    }

    /// The reason for a tier of 0 that the variable sets.
    pub(crate) fn tier_is_zero() -> String {
        format!("Telemetry is off: {TIER} is 0. To allow it: unset {TIER}")
    }

    /// How the user runs the commands of this package.
    pub(crate) fn program(&self) -> &str {
        self.program.as_deref().unwrap_or(PROGRAM_NAME)
    }

    /// A command of this package, as a hint names it.
    pub(crate) fn hint(&self, command: &str) -> String {
        format!("{} {command}", self.program_name.as_deref().unwrap_or(PROGRAM_NAME))
    }

    /// The user's home directory. A path that is not absolute would be below the working directory,
    /// which may be a stranger's.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref().filter(|home| home.is_absolute())
    }

    /// Where ccxray keeps its own files: `CCXRAY_HOME`, else `.ccxray` in the user's home directory.
    pub fn own_directory(&self) -> Option<PathBuf> {
        let named = self.variables.get(OWN_DIRECTORY).map(PathBuf::from);
        let named = named.filter(|path| path.is_absolute());
        named.or_else(|| self.home().map(|home| home.join(".ccxray")))
    }

    /// The directories that are not used.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let is_relative = |path: Option<&Path>| path.is_some_and(|path| !path.is_absolute());
        let home = is_relative(self.home.as_deref()).then_some(
            "The home directory is not an absolute path, so your own files in it are not used. Set HOME \
             to an absolute path.",
        );
        let own = is_relative(self.variables.get(OWN_DIRECTORY).map(Path::new)).then_some(
            "CCXRAY_HOME is not an absolute path, so it is not used. Set it to an absolute path.",
        );
        home.into_iter().chain(own).map(str::to_owned).collect()
    }

    /// The tier that the user sets for this launch.
    pub(crate) fn launch(&self) -> Result<Option<Level>, ConfigError> {
        let Some(text) = self.variables.get(TIER) else { return Ok(None) };
        let level = text.trim().parse().ok().and_then(|number: u64| Level::try_from(number).ok());
        level.map(Some).ok_or_else(|| {
            let problem = format!("{} is not a tier.", quotable(text));
            ConfigError::in_environment(TIER, &problem, "Use 0, 1 or 2.")
        })
    }
}
