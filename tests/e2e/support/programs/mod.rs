//! Programs: crhost, the real registries, daemons and peers beside it, and the WebAssembly guests that it runs.

pub(crate) mod bao;
pub(crate) mod binary;
pub(crate) mod components;
pub(crate) mod crhost;
pub(crate) mod daemon;
pub(crate) mod dist;
pub(crate) mod git;
pub(crate) mod guest;
pub(crate) mod hint;
pub(crate) mod moto;
pub(crate) mod mounted;
pub(crate) mod peers;
pub(crate) mod pod;
pub(crate) mod postgres;
pub(crate) mod prober;
pub(crate) mod process;
pub(crate) mod registration;
pub(crate) mod registry;
mod registry_config;
pub(crate) mod serve;
pub(crate) mod shell;
pub(crate) mod systemd;
pub(crate) mod terminal;
pub(crate) mod toolchains;
pub(crate) mod tree;
pub(crate) mod written_repository;
pub(crate) mod zuul;
