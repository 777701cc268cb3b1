//! What git knows about a file, read from its index. No program is run.

pub(crate) mod ignore;
pub(crate) mod index;
pub(crate) mod index_path;
pub(crate) mod tracking;
