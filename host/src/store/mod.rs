//! The data of crhost between runs: one SQLite file, and beside it the components' files and the key of stored secrets.
//!
//! Every change is one transaction, so that any number of processes may work at once and a kill at any instant leaves
//! the old or the new state. The store keeps records as they are given; whether they make sense is for the layers
//! above.

mod aead;
mod blob_locations;
mod client_edits;
mod clock;
mod connectors;
mod credentials;
mod database;
mod error;
mod fields;
mod flavor_signers;
mod flavors;
mod grants;
mod home;
mod key;
mod key_location;
mod keyring;
mod layer_cache;
mod memory;
mod name;
mod policies;
mod put;
mod random;
mod references;
mod registries;
mod rotation;
mod runs;
mod schema;
mod steps;
mod together;
mod together_state;

pub(crate) use blob_locations::Account;
pub(crate) use client_edits::{ClientEdit, ClientEdits, EditPlace};
pub(crate) use connectors::{ConnectorRecord, ConnectorSummary};
pub(crate) use credentials::CachedCredential;
pub(crate) use database::Store;
pub(crate) use error::StoreError;
pub(crate) use fields::{StoredField, StoredKind, StoredValue};
pub(crate) use flavor_signers::FlavorSigner;
pub(crate) use flavors::{Added, FlavorRecord};
pub(crate) use grants::Grantee;
pub(crate) use home::{Home, NoHome};
pub(crate) use key_location::KeyStorage;
pub(crate) use name::{Name, NameError};
pub(crate) use policies::{PolicyRecord, PolicyScope};
pub(crate) use put::{Difference, IfTaken, Outcome, Put};
pub(crate) use registries::RegistryRecord;
pub(crate) use runs::Run;
