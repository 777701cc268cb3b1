//! Config files as written.

pub(crate) mod check;
pub(crate) mod comments;
pub(crate) mod config_file;
pub(crate) mod deserialize;
pub(crate) mod files;
pub(crate) mod json;
pub(crate) mod measure;
pub(crate) mod read;
pub(crate) mod scan;
#[cfg(test)]
mod schema;
pub(crate) mod search_path;
pub(crate) mod settings;
pub(crate) mod standing;
pub(crate) mod suggest;
