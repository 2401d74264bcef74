//! The data of crhost between runs. It has two homes: a file of SQLite for one machine, with the components' files and
//! the key of stored secrets beside it, or a PostgreSQL that many machines share, with the components in it.
//!
//! Every change is one transaction, so that any number of processes may work at once and a kill at any instant leaves
//! the old or the new state. The store keeps records as they are given; whether they make sense is for the layers
//! above.

mod aead;
mod audit;
mod audit_check;
mod audit_rows;
#[cfg(test)]
mod audit_tests;
mod blob_locations;
mod busy;
mod client_edits;
mod clock;
mod component_place;
mod components;
mod connectors;
mod credentials;
mod data_key;
mod database;
mod error;
mod fields;
mod flavor_signers;
mod flavors;
mod granted;
mod grants;
mod home;
#[cfg(test)]
mod homes;
mod key;
mod key_location;
mod key_service;
#[cfg(feature = "keyring")]
mod keyring;
mod layer_cache;
mod local;
mod name;
#[cfg(not(feature = "keyring"))]
mod no_keyring;
mod policies;
mod policy_record;
mod postgres_error;
mod put;
mod random;
mod references;
mod registries;
mod revision;
mod rewrap;
mod rotation;
mod runs;
mod schema;
mod shared;
mod shared_database;
mod sight;
mod sql;
mod steps;
mod together;
mod together_state;
mod turn;
mod wrapping_key;

pub(crate) use audit::{
    AuditAction, AuditActions, AuditActor, AuditFault, AuditHead, AuditOutcome, AuditRecord, AuditTime,
};
pub(crate) use audit_rows::{AuditFilter, AuditRow};
pub(crate) use blob_locations::Account;
pub(crate) use client_edits::{ClientEdit, ClientEdits, EditPlace};
pub(crate) use clock::ClockDifference;
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
pub(crate) use key_service::{KeyService, KeyServiceError, KeyServices, MadeKey};
pub(crate) use name::{Name, NameError};
pub(crate) use policy_record::{PolicyRecord, PolicyScope};
pub(crate) use put::{Difference, IfTaken, Outcome, Put};
pub(crate) use registries::RegistryRecord;
pub(crate) use rewrap::{OldWrapping, Wrapping};
pub(crate) use runs::Run;
#[cfg(test)]
pub(crate) use shared_database::SharedDatabase;
pub(crate) use sight::Sight;
