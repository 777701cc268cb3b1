//! From the facts of a turn to data points.

pub mod attribute_value;
pub mod cardinality;
pub mod compaction;
pub mod derive;
pub mod measurement;
pub mod privacy;
pub mod registry;
pub mod scrub;
pub mod series;
pub mod sessions;
