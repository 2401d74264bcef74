//! The distribution client: it asks one registry what it has and gives it blobs and manifests, as the OCI distribution
//! specification 1.1 describes.
//!
//! A [`Client`] lives as long as the process and owns the connections; a [`RepositoryClient`] is one repository opened
//! with one credential; an [`Upload`] is one blob on its way.
//!
//! It must never send an `Authorization` header to another origin than the registry's, or go from https to http because a
//! server said so, or believe a length, or print what a server said without escaping it, or know a provider. It does not
//! retry by itself, except once with a new token or new credentials: [`Error::is_temporary`] and [`Error::retry_after`] tell the caller, who
//! alone can produce a blob's bytes again.

mod auth;
mod blob;
mod body;
mod challenge;
mod client;
mod error;
mod location;
mod manifest;
mod ping;
mod probe;
mod range;
mod renewal;
mod repository;
mod retry_after;
mod send;
mod tls;
mod token;
mod transport;
mod upload;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use blob::Mount;
pub(crate) use client::{Client, ClientOptions};
pub(crate) use error::Error;
pub(crate) use ping::Opened;
pub(crate) use renewal::renewals;
pub(crate) use repository::RepositoryClient;
pub(crate) use tls::filed_authorities;
pub(crate) use upload::Upload;
#[cfg(test)]
pub(crate) use words::Words;
