//! From files and environment to what a project does.

pub(crate) mod config;
pub(crate) mod destination;
pub(crate) mod effective;
pub(crate) mod identity;
pub(crate) mod resolution;
pub(crate) mod resolver;
pub(crate) mod resource;
pub(crate) mod timing;
