//! What the tests are made of: programs, peers, images, and a judge.

pub(crate) mod binary;
pub(crate) mod certificates;
pub(crate) mod components;
pub(crate) mod crhost;
pub(crate) mod daemon;
pub(crate) mod digest;
pub(crate) mod fake_api;
pub(crate) mod front;
pub(crate) mod gate;
pub(crate) mod guest;
pub(crate) mod image;
pub(crate) mod image_files;
pub(crate) mod judge;
pub(crate) mod listener;
pub(crate) mod moto;
pub(crate) mod needle;
pub(crate) mod peers;
pub(crate) mod prober;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod registry;
pub(crate) mod signer;
pub(crate) mod terminal;
pub(crate) mod token_server;
pub(crate) mod tree;
pub(crate) mod web;
