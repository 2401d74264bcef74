//! The distribution client: it asks one registry what it has and gives it blobs and manifests, as the OCI distribution
//! specification 1.1 describes.
//!
//! A [`Client`] lives as long as the process and owns the connections; a [`RepositoryClient`] is one repository opened
//! with one credential; an [`Upload`] is one blob on its way.
//!
//! It must never send an `Authorization` header to another origin than the registry's, or go from https to http because
//! a server said so, or believe a length, or print a server's text without escaping it, or know a provider. It does not
//! retry by itself, except once with a new token or new credentials: [`Error::retry`] tells the caller, which alone can
//! produce a blob's bytes again.
//!
//! The files are a line, each importing from those before it: errors (`server`, `error_body`, `retry`, `status`,
//! `location`, `error`, `consequence`), `rate`, `options`, `wire`, `endpoint`, `auth`, `request`, `refusal`,
//! `exchange`, `content`, `pages`, `rewrites`, `repository`, then `opening`, `upload`, `blob`, `download`, `listing`,
//! `referring`, `referrers_tag`, `manifest` and `deletion`, beside them `registry`, and last `client`.

mod auth;
mod blob;
mod client;
mod consequence;
mod content;
mod deletion;
mod download;
mod endpoint;
mod error;
mod error_body;
mod exchange;
mod greeting;
mod host_address;
mod listing;
mod location;
mod manifest;
mod open_uploads;
mod opening;
mod options;
mod pages;
mod rate;
mod referrers_tag;
mod referring;
mod refusal;
mod registry;
mod repository;
mod request;
mod retry;
mod rewrites;
mod server;
mod shown;
mod status;
mod subject;
mod upload;
mod verify;
mod wire;

#[cfg(test)]
mod tests;

pub(crate) use auth::renewal::{Renewals, renewals};
pub(crate) use blob::{BlobHead, Mount};
pub(crate) use client::Client;
pub(crate) use download::BlobBody;
pub(crate) use error::Error;
pub(crate) use error_body::ErrorBody;
pub(crate) use greeting::Greeting;
pub(crate) use listing::{referrers, referrers_tag};
pub(crate) use manifest::{FoundManifest, ManifestHead, ManifestName};
pub(crate) use opening::Opened;
pub(crate) use options::{ClientOptions, PlainHttp};
pub(crate) use pages::Pages;
pub(crate) use rate::RateLimit;
pub(crate) use registry::RegistryClient;
pub(crate) use repository::RepositoryClient;
pub(crate) use retry::Retry;
pub(crate) use rewrites::rewrites;
pub(crate) use subject::Actions;
pub(crate) use upload::{Upload, first_chunk};
pub(crate) use wire::payload::Taken;
