//! Files with keys or certificates of issuers: one that can't be used is found at the start, and not by the first
//! caller.

use std::path::Path;

use super::certificate;
use super::error::ServerFailure;
use super::issuers::MAX_DOCUMENT;
use super::rules::{IssuerSpec, Rules};
use super::token::Keys;
use crate::files::regular;
use crate::text::{Escaped, Foreign};

/// Reads those that the rules name.
///
/// # Errors
/// When one can't be read, or has no key.
pub(super) fn check(rules: &Rules) -> Result<(), ServerFailure> {
    let named = |issuer: &IssuerSpec| issuer.keys_file.clone().map(|path| (issuer.name.clone(), path));
    for (issuer, path) in rules.issuers.iter().filter_map(named) {
        if let Err(reason) = check_one(&path) {
            return Err(ServerFailure::KeysFile { issuer, path: path.as_path().into(), reason });
        }
    }
    for authority in &rules.authorities {
        if let Err(reason) = certificate::check(&authority.ca_file) {
            let (issuer, path) = (authority.name.clone(), authority.ca_file.as_path().into());
            return Err(ServerFailure::CaFile { issuer, path, reason });
        }
    }
    Ok(())
}

fn check_one(path: &Path) -> Result<(), Escaped> {
    let bytes = regular::read(path, MAX_DOCUMENT).map_err(|error| Foreign(error).to_string())?;
    match Keys::parse(&bytes) {
        Some(keys) if !keys.is_empty() => Ok(()),
        Some(_) => Err("it has no key for RS256, ES256 or EdDSA".into()),
        None => Err("it is no JSON Web Key Set".into()),
    }
}
