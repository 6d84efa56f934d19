//! The `warden` program.

fn main() {}
