//! What a project asks for, and whether the engineer has agreed to it.

pub(crate) mod basis;
pub(crate) mod consent;
pub(crate) mod decision;
pub(crate) mod record;
pub(crate) mod request;
pub(crate) mod target;
pub(crate) mod terms;
