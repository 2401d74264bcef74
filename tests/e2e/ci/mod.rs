//! In CI systems: what each is told in its own way, the action and the component that push there, and jobs that have
//! next to nothing.

mod action;
mod bare_jobs;
mod component;
mod github;
mod others;
mod workflow;

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "local", "--as", "train"];
