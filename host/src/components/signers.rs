//! Which keys have to have signed what comes from where. What can't be verified is refused.

use super::error::{ComponentError, Unsigned};
use super::place::Place;
use crate::image::{Digest, Reference};
use crate::session::Session;
use crate::signature::{Annotations, PublicKey};
use crate::store::{FlavorSigner, Store, StoreError};
use crate::supply_chain::{SupplyChainError, verify};
use crate::text::Escaped;

/// The keys that are demanded.
pub(crate) struct Signers {
    stored: Vec<(Place, PublicKey)>,
    /// A key that is demanded for one run, whatever is stored.
    named: Option<PublicKey>,
}

impl Signers {
    /// The stored keys, and one that the user named for this run.
    ///
    /// # Errors
    /// When one of them can't be read: a damaged demand is no demand less.
    pub(crate) fn of(store: &Store, named: Option<PublicKey>) -> Result<Self, StoreError> {
        let read = |FlavorSigner { place, key, .. }: FlavorSigner| {
            let damaged = || StoreError::Damaged(format!("the key of flavors from `{place}` can't be read").into());
            let read = place.parse().ok().zip(PublicKey::read(key.as_bytes()).ok());
            read.ok_or_else(damaged)
        };
        let stored = store.flavor_signers()?.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { stored, named })
    }

    /// Verifies that the artifact which a session was opened for is signed by a key that has to: the one of this run,
    /// and one of those of the place that owns it. Gives the digest of the key; `None` where none has to.
    ///
    /// # Errors
    /// [`ComponentError::Unsigned`], and whatever keeps the signatures from being read.
    pub(super) async fn verify(
        &self,
        session: &mut Session<'_>,
        digest: &Digest,
    ) -> Result<Option<Digest>, ComponentError> {
        let artifact = session.target.image.clone();
        let mut signed_by = None;
        if let Some(key) = &self.named {
            let found = verify_any(session, digest, [key]).await?;
            signed_by = Some(found.map_err(|reason| unsigned(&artifact, digest, None, &reason))?);
        }
        let longest =
            self.stored.iter().filter(|(place, _)| place.owns(&artifact)).map(|(place, _)| place.specificity());
        let Some(longest) = longest.max() else { return Ok(signed_by) };
        let owner = |(place, _): &&(Place, PublicKey)| place.owns(&artifact) && place.specificity() == longest;
        let keys = self.stored.iter().filter(owner);
        let place = keys.clone().next().map(|(place, _)| place.clone());
        match verify_any(session, digest, keys.map(|(_, key)| key)).await? {
            Ok(key) => Ok(Some(signed_by.unwrap_or(key))),
            Err(reason) => Err(unsigned(&artifact, digest, place, &reason)),
        }
    }
}

/// The first key that a signature is valid for, or why there is none; an error where the signatures can't be read.
async fn verify_any<'k>(
    session: &mut Session<'_>,
    digest: &Digest,
    keys: impl IntoIterator<Item = &'k PublicKey>,
) -> Result<Result<Digest, Escaped>, ComponentError> {
    let repository = session.repository.clone();
    let mut reason = Escaped::from("no key is named");
    for key in keys {
        let verified = session.renewing(verify(&repository, digest, key, &Annotations::default())).await;
        match verified {
            Ok(_) => return Ok(Ok(key.id())),
            Err(SupplyChainError::NotSigned { .. }) => return Ok(Err("there is no signature".into())),
            Err(SupplyChainError::NoneValid { reasons, .. }) => reason = reasons,
            Err(SupplyChainError::Distribution(error)) => return Err(session.explain(error).into()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Err(reason))
}

fn unsigned(artifact: &Reference, digest: &Digest, place: Option<Place>, reason: &Escaped) -> ComponentError {
    let artifact = Escaped::from(format!("{}@{digest}", artifact.name()));
    ComponentError::Unsigned(Box::new(Unsigned { artifact, place, reason: reason.clone() }))
}
