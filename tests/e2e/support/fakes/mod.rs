//! Fakes: servers inside the test program, for what no real one does or no test may reach.

pub(crate) mod api;
pub(crate) mod auth_proxy;
pub(crate) mod certificates;
pub(crate) mod collector;
pub(crate) mod digitalocean;
pub(crate) mod faulty_proxy;
pub(crate) mod forward_proxy;
pub(crate) mod github_oidc;
pub(crate) mod listener;
pub(crate) mod pod;
pub(crate) mod protobuf;
pub(crate) mod referrers_registry;
pub(crate) mod resumable_registry;
pub(crate) mod signer;
pub(crate) mod slow_proxy;
pub(crate) mod socks_proxy;
pub(crate) mod tls_proxy;
pub(crate) mod token_server;
pub(crate) mod web;
