//! The polling-station kit.
fn main() {}
