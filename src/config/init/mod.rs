//! Writing config files.

pub(crate) mod acknowledge;
pub(crate) mod edit;
pub(crate) mod plan;
pub(crate) mod write;
