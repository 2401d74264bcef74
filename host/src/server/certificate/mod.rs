//! Certificates of clients (RFC 8446, section 4.4.2.4; RFC 5280): verified by rustls against the authorities in the
//! rules, once when a connection is made and again for each request, and what they say of their owner as claims.
//!
//! Only what the connection itself proves counts: headers of a proxy that ended TLS are not looked at.

mod authorities;
mod claims;
mod error;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustls::pki_types::CertificateDer;

pub(crate) use authorities::{Authorities, Seen, check};
pub(crate) use claims::claims_of;
pub(crate) use error::{CertificateError, reason};

/// The certificates that the client of a connection has shown, its own first. It has proved that it has the key.
#[derive(Clone)]
pub(crate) struct Shown(pub(crate) Arc<Vec<CertificateDer<'static>>>);
