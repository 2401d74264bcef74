//! crhost
fn main() {}
