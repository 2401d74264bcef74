//! The way to a registry: certificates, credentials of Docker's tools, names and proxies.

mod certificates;
mod credentials;
mod names;
mod proxies;
