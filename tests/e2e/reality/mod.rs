//! What people meet: registries, files, daemons and terminals as they are, from public reports.

mod authors;
mod cli;
mod engine;
mod net;
mod registering;
mod registry;
mod source;
mod terminal;
mod wire;
