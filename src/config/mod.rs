//! From options, files and environment to one resolved [`Config`], or to the reason why not.
//!
//! Nothing else in the crate reads the environment or a config file. Each line uses only those below it:
//!
//! ```text
//! init         writes config files
//! resolve      fills variables in: the config of a project, or the reason why it does not export
//! approval     what a project asks for, and whether that is approved
//! file         the files as written: where they are, what they may say, where in them it stands
//! environment  what is the same for all projects of a process
//! value        what a single setting may be
//! ```

mod approval;
mod environment;
mod error;
mod file;
mod init;
mod printable;
mod resolve;
mod value;
mod variables;

pub use approval::basis::{Asks, Trust};
pub use approval::consent::{Consent, trust, untrust};
pub use approval::terms::Terms;
pub use environment::Surroundings;
pub use error::ConfigError;
pub use file::check::{check_personal, check_project};
pub use init::plan::{InitPlan, Initialized, PersonalPlace, PersonalPlan, ProjectPlan};
pub use init::write::init;
pub use printable::printable;
pub use resolve::config::{Config, Log, Queue};
pub use resolve::resolution::{Outcome, Resolution};
pub use resolve::resolver::resolve;
pub use resolve::resource::is_address;
pub use value::choice::{Compression, Names, Protocol, Temporality};
pub use value::endpoint::{Endpoint, InvalidEndpoint};
pub use value::headers::Headers;
pub use value::source::{Setting, Source};
pub use value::template::{Template, Unset};
pub use value::text::Text;
pub use value::tier::{Level, Tier};
pub use value::tls::{PemFile, Tls};
pub use variables::Env;
