//! Build script of the desk; filled in with the shell.
fn main() {}
