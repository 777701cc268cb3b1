//! The answer to the question which project an entry belongs to.

use crate::project::Project;
use std::sync::Arc;

/// The project of an entry.
#[derive(Debug)]
pub enum ProjectLookup {
    /// It exports.
    On {
        /// The project.
        project: Arc<Project>,
        /// Whether this lookup has opened it.
        opened: bool,
        /// Idle projects that were closed to make room for it.
        closed: Vec<Arc<Project>>,
    },
    /// It does not export.
    Off,
    /// It should export, but as many projects are open as one process can serve.
    Limit,
    /// Its config was not read yet.
    Unresolved,
}

impl ProjectLookup {
    /// A project that was open already.
    pub(super) fn open(project: Arc<Project>) -> Self {
        Self::On { project, opened: false, closed: Vec::new() }
    }
}
