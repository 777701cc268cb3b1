//! Names a launch.

/// The number of a launch of a client. Launches with the same environment have the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LaunchId(pub u32);
