//! From the facts of a turn to data points: the table, the rules, the budgets.

pub mod budgets;
pub mod compaction;
pub mod derive;
pub mod ledger;
pub mod registry;
pub mod sessions;
