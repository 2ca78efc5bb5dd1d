//! Developer tasks: `run`, `test`, `dist`.
fn main() {}
