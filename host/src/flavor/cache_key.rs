//! The key under which credentials are kept: all that an answer of `credentials` depends on.

use zeroize::Zeroizing;

use super::model::{CredentialContext, FieldValue, Purpose};
use crate::grant::Grant;
use crate::image::Digest;

/// The build of a flavor, and what it may reach.
#[derive(Clone, Copy)]
pub(crate) struct FlavorIdentity<'a> {
    /// The digest of its component.
    pub(crate) digest: &'a Digest,
    /// Its grants for every registry.
    pub(crate) grants: &'a [Grant],
}

/// The repositories that credentials open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CredentialScope {
    /// Every repository of the registry.
    Registry,
    /// The image's repository.
    Repository,
    /// Every repository of the registry, and no end is known: they are kept for other clients only.
    Lasting,
}

/// The component, its grants, the registry with its options, the connector with its values, and the repository: equal
/// bytes mean equal answers. The bytes hold secrets in clear.
#[must_use]
pub(crate) fn credential_cache_key(
    flavor: FlavorIdentity<'_>,
    context: CredentialContext<'_>,
    scope: CredentialScope,
) -> Zeroizing<Vec<u8>> {
    let CredentialContext { registry, connector, purpose, image } = context;
    // Room for nearly all keys: a vector that grows is copied, and its old memory is not wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
    // Each text with its length, each list with the number of its items, so that no two keys read alike.
    let mut part = |part: &[u8]| {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part);
    };
    part(flavor.digest.to_string().as_bytes());
    for grants in [flavor.grants, &registry.grants] {
        part(grants.len().to_string().as_bytes());
        grants
            .iter()
            .for_each(|grant| part(format!("{} {} {}", grant.pattern, grant.written, grant.secrets).as_bytes()));
    }
    part(registry.name.as_bytes());
    part(registry.uri.to_string().as_bytes());
    part(registry.options.len().to_string().as_bytes());
    for (name, value) in &registry.options {
        part(name.as_bytes());
        part(value.as_bytes());
    }
    match connector {
        None => part(b"no connector"),
        Some(connector) => {
            part(b"a connector");
            part(connector.connector_type.as_bytes());
            part(connector.method.as_bytes());
            // Other uses, other answers: a use that was allowed since may lead to other credentials.
            part(serde_json::to_string(&connector.uses).unwrap_or_default().as_bytes());
            part(connector.fields.len().to_string().as_bytes());
            for (name, value) in &connector.fields {
                part(name.as_bytes());
                match value {
                    FieldValue::Text(text) => [text.as_bytes(), b"text"].map(&mut part),
                    FieldValue::Secret(secret) => [secret.value(), b"secret"].map(&mut part),
                };
            }
        }
    }
    part(registry.uri.host().to_string().as_bytes());
    match (scope, image) {
        (CredentialScope::Repository, Some(image)) => part(image.repository().to_string().as_bytes()),
        (CredentialScope::Lasting, _) => [&b"no end"[..], b"is known"].into_iter().for_each(&mut part),
        _ => {}
    }
    // No repository has a blank.
    match purpose {
        Purpose::Push => {}
        Purpose::Pull => part(b"to pull"),
        Purpose::Delete => part(b"to delete"),
        Purpose::Listing => part(b"to list"),
    }
    bytes
}
