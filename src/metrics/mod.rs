//! From a turn to data points: the derivation rules, the privacy gate, the cardinality limits and
//! the series.
//!
//! | file | what it is |
//! |---|---|
//! | `registry` | every metric, attribute and cardinality limit, as one table |
//! | `attribute_value`, `measurement` | what a rule produces and a series records |
//! | `normal_form`, `private_text` | the form in which the gate reads a text, and what it looks for |
//! | `readings` | what an encoded text says |
//! | `name_log` | in a dry run, what the gate has decided about each name |
//! | `scrub`, `privacy` | which value an attribute gets, at which tier |
//! | `compaction`, `plan_mode`, `sessions` | what is remembered about each session |
//! | `derive` | the derivation rules, one file for each family of metrics |
//! | `cardinality`, `series` | the cardinality limits, and the series that exist within them |

pub mod attribute_value;
pub mod cardinality;
pub mod compaction;
pub mod derive;
pub mod measurement;
pub mod name_log;
mod normal_form;
mod plan_mode;
pub mod privacy;
mod private_text;
mod readings;
pub mod registry;
pub mod scrub;
pub mod series;
pub mod sessions;
