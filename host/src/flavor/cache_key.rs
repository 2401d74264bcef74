//! The key under which credentials are kept: all that an answer of `credentials` depends on.

use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::handle::Flavor;
use super::model::{FieldValue, PushContext};

/// The repositories that credentials open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CredentialScope {
    /// Every repository of the registry.
    Registry,
    /// The image's repository.
    Repository,
}

/// The component, its grants, the registry with its options, the connector with its values, and the repository: equal
/// bytes mean equal answers. The bytes hold secrets in clear.
#[must_use]
pub(crate) fn credential_cache_key(
    flavor: &Flavor,
    context: PushContext<'_>,
    scope: CredentialScope,
) -> Zeroizing<Vec<u8>> {
    let PushContext { registry, connector, image } = context;
    // Room for nearly all keys: a vector that grows is copied, and its old memory is not wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
    // Each text with its length, each list with the number of its items, so that no two keys read alike.
    let mut part = |part: &str| {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    };
    part(&flavor.digest().to_string());
    for grants in [flavor.grants(), &registry.grants] {
        part(&grants.len().to_string());
        grants.iter().for_each(|grant| part(&format!("{} {} {}", grant.pattern, grant.written, grant.secrets)));
    }
    part(&registry.name);
    part(&registry.uri.to_string());
    part(&registry.options.len().to_string());
    for (name, value) in &registry.options {
        part(name);
        part(value);
    }
    match connector {
        None => part("no connector"),
        Some(connector) => {
            part("a connector");
            part(&connector.connector_type);
            part(&connector.method);
            part(&connector.fields.len().to_string());
            for (name, value) in &connector.fields {
                part(name);
                match value {
                    FieldValue::Text(text) => [text, "text"].map(&mut part),
                    FieldValue::Secret(secret) => [secret.value().expose_secret(), "secret"].map(&mut part),
                };
            }
        }
    }
    part(&image.host().to_string());
    if scope == CredentialScope::Repository {
        part(&image.repository().to_string());
    }
    bytes
}
