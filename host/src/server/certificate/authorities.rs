//! The authorities whose certificates are accepted, read again as soon as their files change.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use rustls::CertificateError::{BadSignature, UnknownIssuer};
use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;

use super::claims;
use super::error::{self, CertificateError};
use crate::certificates;
use crate::server::rules::{AuthoritySpec, Rules};
use crate::server::stamp::Stamp;
use crate::server::token::Caller;
use crate::store::Name;
use crate::text::{Escaped, Foreign};

/// What verifies certificates.
type Verifier = Arc<dyn ClientCertVerifier>;

/// The authorities that were read.
#[derive(Default)]
pub(crate) struct Authorities(Mutex<HashMap<PathBuf, (Stamp, Option<Authority>)>>);

/// An authority that can be used.
#[derive(Clone)]
struct Authority {
    roots: Vec<CertificateDer<'static>>,
    verifier: Verifier,
}

/// What tells the authorities of one moment from those of another.
pub(crate) type Seen = Vec<(PathBuf, Stamp)>;

impl Authorities {
    /// The files of the authorities, as they are now.
    pub(crate) fn seen(rules: &Rules) -> Seen {
        let files = rules.authorities.iter().map(|authority| &authority.ca_file);
        files.map(|file| (file.clone(), Stamp::of(file))).collect()
    }

    /// What verifies certificates when a connection is made: those of any authority in the rules. Clients without one
    /// are let in, since others have tokens. `None` where no authority can be used.
    pub(crate) fn verifier(&self, rules: &Rules) -> Option<Verifier> {
        let mut owners: HashMap<CertificateDer<'static>, &Name> = HashMap::new();
        for spec in &rules.authorities {
            for root in self.of(spec).map(|authority| authority.roots).unwrap_or_default() {
                let first = *owners.entry(root).or_insert(&spec.name);
                if *first != spec.name {
                    tracing::warn!(
                        "`{first}` and `{}` have the same authority: its callers are `{first}`'s",
                        spec.name
                    );
                }
            }
        }
        let roots: Vec<_> = owners.into_keys().collect();
        if roots.is_empty() {
            return None;
        }
        build(&roots, true).inspect_err(|reason| tracing::error!("no certificate is asked for: {reason}")).ok()
    }

    /// The caller whose certificate, with those that sign it, was shown. It is verified again: rules may have changed
    /// since the connection was made, and time has passed.
    ///
    /// # Errors
    /// When no authority accepts it now, or it names nobody.
    pub(crate) fn caller(&self, rules: &Rules, shown: &[CertificateDer<'_>]) -> Result<Caller, CertificateError> {
        let Some((own, between)) = shown.split_first() else { return Err(CertificateError::Unreadable) };
        let (mut reason, mut is_told) = (Escaped::from("there is none"), false);
        for spec in &rules.authorities {
            let Some(authority) = self.of(spec) else { continue };
            match authority.verifier.verify_client_cert(own, between, UnixTime::now()) {
                Ok(_) => {
                    let said = claims::of(own)?;
                    return Ok(Caller { issuer: spec.name.clone(), subject: said.subject, claims: said.claims });
                }
                // That it is another one's says less than what its own authority has against it.
                Err(rustls::Error::InvalidCertificate(UnknownIssuer | BadSignature)) if is_told => {}
                Err(error) => (reason, is_told) = (error::reason(&error), true),
            }
        }
        Err(CertificateError::Refused(reason))
    }

    /// An authority, whose file is read again where it has changed. One that can't be used accepts nothing.
    fn of(&self, spec: &AuthoritySpec) -> Option<Authority> {
        let stamp = Stamp::of(&spec.ca_file);
        let mut all = self.0.lock();
        match all.get(&spec.ca_file) {
            Some((found, authority)) if *found == stamp => authority.clone(),
            _ => {
                let path = Escaped::from(spec.ca_file.as_path());
                let read = read(&spec.ca_file).inspect_err(|reason| {
                    tracing::error!("certificates of `{}` are not accepted: `{path}`: {reason}", spec.name);
                });
                let read = read.ok();
                all.insert(spec.ca_file.clone(), (stamp, read.clone()));
                read
            }
        }
    }
}

/// Whether the file of an authority can be used.
///
/// # Errors
/// Why it can't.
pub(crate) fn check(file: &Path) -> Result<(), Escaped> {
    read(file).map(drop)
}

fn read(file: &Path) -> Result<Authority, Escaped> {
    let roots = certificates::in_file(file).map_err(|error| Escaped::from(Foreign(error).to_string()))?;
    if let Some(number) = roots.iter().position(|root| !claims::is_authority(root)) {
        return Err(format!("its certificate {} is not one of an authority", number + 1).into());
    }
    let verifier = build(&roots, false)?;
    Ok(Authority { roots, verifier })
}

fn build(roots: &[CertificateDer<'static>], lets_others_in: bool) -> Result<Verifier, Escaped> {
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(root.clone()).map_err(|_| "it holds something that is no certificate of an authority")?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(store), Arc::new(ring::default_provider()));
    let builder = if lets_others_in { builder.allow_unauthenticated() } else { builder };
    builder.build().map_err(|error| Escaped::from(Foreign(error).to_string()))
}
