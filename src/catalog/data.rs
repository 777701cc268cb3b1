//! The tables that `build.rs` makes from the catalogs.

use crate::catalog::meaning::{
    AgentRole, Compacting, McpForm, Permission, Role, SkillRole, Stop, WireKind, Writes,
};
use crate::catalog::table::Table;

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));
