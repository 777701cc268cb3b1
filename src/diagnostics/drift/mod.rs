//! Drift: the anomalies of the last 30 days with their names.
//!
//! A metric only counts anomalies. Drift also contains their names: one row for each unknown name,
//! each fallback and each mismatch, with its count and its first and last time. It is written to
//! `parser-drift.log` on this machine and never sent.
//!
//! | file | what it is |
//! |---|---|
//! | `name` | whether an unknown name is written as it is or as a hash |
//! | `anomaly_key`, `row` | what identifies an anomaly, and how often it occurred |
//! | `figures` | how far ccxray's tokens and cost are from those in the responses |
//! | `table` | a limited number of rows |
//! | `line` | a row as a line of the file |

mod anomaly_key;
mod figures;
mod line;
mod name;
mod row;
mod table;

pub use anomaly_key::AnomalyKey;
pub use line::{parse_line, to_lines};
pub use row::{AnomalyRow, Occurrences};
pub use table::AnomalyTable;
