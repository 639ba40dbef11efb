//! The antin command.
fn main() {}
