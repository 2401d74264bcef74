//! End-to-end tests: they run the `crhost` program against real registries, a real Docker daemon and real components,
//! and have skopeo judge what arrived. Each test starts what it needs on loopback, and stops it.
//!
//! `CRHOST_BIN` names the program under test; without it, cargo builds it first.
#![cfg(test)]

mod support;

mod bad_images;
mod bad_registries;
mod bench;
mod build;
mod canary;
mod ci;
mod clients;
mod code_cache;
mod cold;
mod command_line;
mod commands;
mod compilation;
mod compression;
mod connectors;
mod copy;
mod credentials;
mod dist;
mod distribution;
mod doctor;
mod documents;
mod edit;
mod egress;
mod engines;
mod faults;
mod flavor_call;
mod flavor_distribution;
mod flavor_test;
mod flavors;
mod grants;
mod hostile;
mod hostile_text;
mod id_tokens;
mod inspect;
mod key;
mod kubernetes;
mod log_lines;
mod metadata;
mod output;
mod own_directories;
mod peers;
mod policies;
mod prune;
mod pull;
mod push;
mod races;
mod reality;
mod registries;
mod renewal;
mod schemas;
mod selection;
mod serve;
mod serve_conformance;
mod server;
mod supply_chain;
mod sync;
mod systemd;
mod team;
mod templates;
mod thief;
mod third_party;
mod traces;
mod wit;
