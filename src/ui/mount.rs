//! Mounting.
/// Starts.
pub fn start() {}
/// Mounts.
pub fn mount() {}
