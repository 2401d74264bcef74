//! The generated parts of `docs/reference`: commands, exit codes, environment, limits, and the schemas of JSON output.
//!
//! Tests generate them, so that the program need not contain them: `cargo xtask docs` runs these tests with
//! `CRHOST_BLESS` set, and they write the files; without it they fail if a file is stale.

mod commands;
mod environment;
mod exit_codes;
mod limits;
mod members;
mod pages;
mod schemas;
