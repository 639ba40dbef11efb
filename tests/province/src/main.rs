//! Serves the reference provincial document system.
fn main() {}
