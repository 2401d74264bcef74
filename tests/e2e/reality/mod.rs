//! What people meet: registries, files, daemons and terminals as they are, from public reports.

mod net;
mod terminal;
