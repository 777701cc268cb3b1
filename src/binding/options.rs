//! Options, read strictly: a misspelled one is an error that names it.

use crate::binding::reader::{Property, Reader};
use crate::config::{
    ConfigError, InitPlan, Level, PersonalPlace, PersonalPlan, ProjectPlan, Variables,
};
use napi::{ValueType, sys};

/// Where to look for the config.
#[derive(Default)]
pub(super) struct Options {
    pub(super) cwd: Option<String>,
    pub(super) home: Option<String>,
    pub(super) env: Option<Variables>,
    pub(super) host_version: Option<String>,
}

/// Reads the argument of `init`.
pub(super) fn read(reader: Reader, options: sys::napi_value) -> Result<Options, ConfigError> {
    let names = ["cwd", "home", "env", "hostVersion"];
    let Some(given) = Given::open(reader, options, "", &names)? else {
        return Ok(Options::default());
    };
    Ok(Options {
        cwd: given.text("cwd")?,
        home: given.text("home")?,
        host_version: given.text("hostVersion")?,
        env: given.env()?,
    })
}

/// What to report, and where to look for it.
#[derive(Default)]
pub(super) struct ReportWish {
    pub(super) days: Option<f64>,
    pub(super) samples: bool,
    pub(super) home: Option<String>,
    pub(super) env: Option<Variables>,
}

/// Reads the argument of `report`, which never throws: what is no option is as good as left out.
pub(super) fn read_report(reader: Reader, options: sys::napi_value) -> ReportWish {
    let Some(object) = reader.object(options) else { return ReportWish::default() };
    let given = Given { reader, object, path: "" };
    let days = match reader.property(object, c"days") {
        Property::Is(value) => reader.number(value),
        Property::Absent | Property::Throws => None,
    };
    ReportWish {
        days,
        samples: given.flag("samples").unwrap_or_default(),
        home: given.text("home").unwrap_or_default(),
        env: given.env().unwrap_or_default(),
    }
}

/// Reads a string that may be left out.
pub(super) fn text_or_nothing(
    reader: Reader,
    name: &str,
    value: sys::napi_value,
) -> Result<Option<String>, ConfigError> {
    match reader.kind(value) {
        ValueType::Undefined | ValueType::Null => Ok(None),
        kind => match reader.text(value) {
            Some(text) => Ok(Some(text)),
            None => Err(wrong(name, "a string", named(reader, value, kind))),
        },
    }
}

/// Reads the argument of `initConfig`.
pub(super) fn read_plan(
    reader: Reader,
    options: sys::napi_value,
) -> Result<(Options, InitPlan), ConfigError> {
    let names = ["cwd", "home", "env", "project", "personal", "yes"];
    let Some(given) = Given::open(reader, options, "", &names)? else {
        return Ok((Options::default(), InitPlan::default()));
    };
    let project = given.object("project", &["tier", "endpoint", "project", "team"])?;
    let personal = given.object("personal", &["tier", "identity", "place"])?;
    let plan = InitPlan {
        project: project.as_ref().map(project_plan).transpose()?,
        personal: personal.as_ref().map(personal_plan).transpose()?,
        yes: given.flag("yes")?,
    };
    let (cwd, home, env) = (given.text("cwd")?, given.text("home")?, given.env()?);
    Ok((Options { cwd, home, env, host_version: None }, plan))
}

fn project_plan(given: &Given<'_>) -> Result<ProjectPlan, ConfigError> {
    Ok(ProjectPlan {
        tier: given.tier()?,
        endpoint: given.text("endpoint")?,
        project: given.text("project")?,
        team: given.text("team")?,
    })
}

fn personal_plan(given: &Given<'_>) -> Result<PersonalPlan, ConfigError> {
    let place = match given.text("place")?.as_deref() {
        None | Some("home") => PersonalPlace::Home,
        Some("project") => PersonalPlace::Project,
        Some(_) => {
            let (problem, cure) = ("there is no such place", "write 'home' or 'project'");
            return Err(ConfigError::in_options(&given.field("place"), problem, cure));
        }
    };
    Ok(PersonalPlan { tier: given.tier()?, identity: given.text("identity")?, place })
}

/// An object of the caller's, none of whose names is misspelled.
struct Given<'a> {
    reader: Reader,
    object: sys::napi_value,
    path: &'a str,
}

impl<'a> Given<'a> {
    /// `None` if it was left out.
    fn open(
        reader: Reader,
        object: sys::napi_value,
        path: &'a str,
        known: &[&str],
    ) -> Result<Option<Self>, ConfigError> {
        match reader.kind(object) {
            ValueType::Undefined | ValueType::Null => return Ok(None),
            ValueType::Object if !reader.is_array(object) => {}
            kind => return Err(wrong(path, "an object", named(reader, object, kind))),
        }
        let given = Self { reader, object, path };
        let names = reader.names(object).ok_or_else(|| unreadable(path))?;
        if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
            let problem = format!("there is no such option (expected one of {})", known.join(", "));
            return Err(ConfigError::in_options(
                &given.field(unknown),
                &problem,
                "correct its name",
            ));
        }
        Ok(Some(given))
    }

    fn object(&self, name: &'a str, known: &[&str]) -> Result<Option<Self>, ConfigError> {
        match self.reader.property_named(self.object, name) {
            Property::Absent => Ok(None),
            Property::Throws => Err(unreadable(name)),
            Property::Is(object) => Self::open(self.reader, object, name, known),
        }
    }

    fn text(&self, name: &str) -> Result<Option<String>, ConfigError> {
        text(self.reader, self.object, name, &self.field(name))
    }

    fn flag(&self, name: &str) -> Result<bool, ConfigError> {
        match self.reader.property_named(self.object, name) {
            Property::Absent => Ok(false),
            Property::Throws => Err(unreadable(&self.field(name))),
            Property::Is(value) => self.reader.flag(value).ok_or_else(|| {
                let kind = named(self.reader, value, self.reader.kind(value));
                wrong(&self.field(name), "a boolean", kind)
            }),
        }
    }

    fn tier(&self) -> Result<Option<Level>, ConfigError> {
        let field = self.field("tier");
        let tiers = [(0.0, Level::Disabled), (1.0, Level::Anonymous), (2.0, Level::Named)];
        match self.reader.property_named(self.object, "tier") {
            Property::Absent => Ok(None),
            Property::Throws => Err(unreadable(&field)),
            Property::Is(value) => {
                let number = self.reader.number(value);
                let level = tiers.iter().find(|(tier, _)| number == Some(*tier));
                let no_tier =
                    || ConfigError::in_options(&field, "it is no tier", "write 0, 1 or 2");
                level.map(|(_, level)| Some(*level)).ok_or_else(no_tier)
            }
        }
    }

    fn env(&self) -> Result<Option<Variables>, ConfigError> {
        let vars = match self.reader.property(self.object, c"env") {
            Property::Absent => return Ok(None),
            Property::Throws => return Err(unreadable("env")),
            Property::Is(vars) => vars,
        };
        if self.reader.object(vars).is_none() || self.reader.is_array(vars) {
            let kind = named(self.reader, vars, self.reader.kind(vars));
            return Err(wrong("env", "an object", kind));
        }
        let names = self.reader.names(vars).ok_or_else(|| unreadable("env"))?;
        let mut env = Vec::with_capacity(names.len());
        for name in names {
            if let Some(value) = text(self.reader, vars, &name, &format!("env.{name}"))? {
                env.push((name, value));
            }
        }
        Ok(Some(env.into_iter().collect()))
    }

    /// A property as it is called in errors.
    fn field(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// A property that is a string, or is not there.
fn text(
    reader: Reader,
    object: sys::napi_value,
    name: &str,
    field: &str,
) -> Result<Option<String>, ConfigError> {
    match reader.property_named(object, name) {
        Property::Absent => Ok(None),
        Property::Throws => Err(unreadable(field)),
        Property::Is(value) => match reader.text(value) {
            Some(text) => Ok(Some(text)),
            None => Err(wrong(field, "a string", named(reader, value, reader.kind(value)))),
        },
    }
}

/// What a value is, in words.
fn named(reader: Reader, value: sys::napi_value, kind: ValueType) -> &'static str {
    match kind {
        ValueType::Object if reader.is_array(value) => "a list",
        ValueType::Object => "an object",
        ValueType::Number => "a number",
        ValueType::Boolean => "a boolean",
        ValueType::String => "a string",
        ValueType::Function => "a function",
        ValueType::Symbol => "a symbol",
        ValueType::BigInt => "a BigInt",
        _ => "something else",
    }
}

fn wrong(field: &str, expected: &str, kind: &str) -> ConfigError {
    ConfigError::in_options(
        field,
        &format!("expected {expected}, not {kind}"),
        "correct this option",
    )
}

fn unreadable(field: &str) -> ConfigError {
    ConfigError::in_options(field, "reading it throws", "give a plain object")
}
