//! The embedded tables. `build.rs` makes them from the JSON files.

use crate::catalog::meaning::{
    AgentRole, CompactionMarker, FileWrite, McpForm, PermissionText, RequestRole, SkillRole,
    StopOutcome, ToolRole, WireKind,
};
use crate::catalog::table::{CatalogTable, RegexRow};

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));
