//! From files and environment to the config of a project.

pub(crate) mod assumed;
pub(crate) mod config;
pub(crate) mod connection;
pub(crate) mod destination;
pub(crate) mod duration;
pub(crate) mod effective;
pub(crate) mod environment_connection;
pub(crate) mod identity;
pub(crate) mod off_reason;
pub(crate) mod resolution;
pub(crate) mod resolver;
pub(crate) mod resource;
pub(crate) mod tls_warnings;
pub(crate) mod warnings;
