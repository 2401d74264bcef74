//! All that an answer about credentials depends on, as bytes: equal questions have equal ones, others have others.

use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::model::{Asked, FieldValue};
use super::runtime::Flavor;

/// Whom credentials are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Every repository of the registry.
    Registry,
    /// The image's repository.
    Repository,
}

impl Flavor {
    /// What is asked when credentials for an image are: by which component, with which grants, for which registry with which
    /// options, from which connector with which values, and for which repository. It holds secrets in clear.
    #[must_use]
    pub(crate) fn question(&self, asked: Asked<'_>, extent: Extent) -> Zeroizing<Vec<u8>> {
        let Asked { registry, connector, image } = asked;
        // Room for all of it, as a rule: bytes that grow are copied, and the old ones stay in memory.
        let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
        // Every text with its length, every list with the number of its items.
        let mut part = |part: &str| {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part.as_bytes());
        };
        part(&self.digest().to_string());
        for grants in [self.grants(), &registry.grants] {
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
        if extent == Extent::Repository {
            part(&image.repository().to_string());
        }
        bytes
    }
}
