//! Which project an entry belongs to.

use crate::record::launch_id::LaunchId;

/// The directory of a project, and the launch of the client that works in it. Two launches in one
/// directory can have different settings, so they are kept apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProjectKey {
    /// The directory.
    pub directory: String,
    /// The launch. `None`: that of this process.
    pub launch: Option<LaunchId>,
}

impl From<&str> for ProjectKey {
    /// With the launch of this process.
    fn from(directory: &str) -> Self {
        Self { directory: directory.to_owned(), launch: None }
    }
}
