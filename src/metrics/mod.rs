//! From the facts of a turn to data points.

pub mod cardinality;
pub mod compaction;
pub mod derive;
pub mod privacy;
pub mod registry;
pub mod series;
pub mod sessions;
