//! What a project asks for, and whether the user has approved it.

pub(crate) mod approval;
pub(crate) mod approvals_file;
pub(crate) mod basis;
pub(crate) mod certificates;
pub(crate) mod consent;
pub(crate) mod decision;
pub(crate) mod limits;
pub(crate) mod proposal;
pub(crate) mod target;
pub(crate) mod terms;
