//! From options, files and environment to one resolved [`Config`], or to the reason why there is none.
//!
//! Nothing else in the crate reads the environment or a config file. Each folder uses only those below:
//!
//! ```text
//! init         writes config files
//! resolve      fills in variables: the config of a project, or the reason why it does not export
//! approval     what a project asks for, and whether the user has approved it
//! file         config files as written: where they are, which settings they have, and at which line
//! git          whether git tracks a file
//! environment  what is the same for every project of a process
//! value        what a single setting may be
//! ```

mod approval;
mod environment;
mod error;
mod file;
mod git;
mod init;
mod printable;
mod resolve;
mod value;
mod variable_names;
mod variables;

pub use approval::approval::Approval;
pub use approval::basis::{PendingApproval, RecordedApproval};
pub use approval::consent::{Consent, config_directory, revoke};
pub use approval::terms::ConsentTerms;
pub use environment::Environment;
pub use error::ConfigError;
pub use file::check::{check_personal, check_project};
pub use git::index::{Listing, MAX_BYTES as MAX_INDEX_BYTES, listing};
pub use init::acknowledge::approve;
pub use init::plan::{InitPlan, Initialized, PersonalPlace, PersonalPlan, ProjectPlan};
pub use init::write::init;
pub use printable::printable;
pub use resolve::assumed::{AssumedConfig, Assumption, assume};
pub use resolve::config::{Config, Log, Queue};
pub use resolve::resolution::{Outcome, Resolution};
pub use resolve::resolver::resolve;
pub use value::choice::{
    Compression, HistogramAggregation, Names, Protocol, Temporality, TimeResolution,
};
pub use value::endpoint::{Endpoint, InvalidEndpoint};
pub use value::headers::Headers;
pub use value::pem_content::{ClientCertificate, UnusablePem};
pub use value::proxy::Proxy;
pub use value::secret::quotable;
pub use value::source::{Setting, Source};
pub use value::template::{Template, Unset};
pub use value::text::Text;
pub use value::tier::{Level, Tier};
pub use value::tls::{PemFile, SystemCertificates, Tls};
pub use variables::Variables;
