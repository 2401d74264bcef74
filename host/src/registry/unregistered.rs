//! A registry that is not registered: its flavor is found by its host, or named for one push.
//!
//! Such a push has no connector, and its flavor reaches the registry's own host alone, whatever is granted to it
//! otherwise.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::error::RegistryError;
use super::typed_uri::{Reading, TypedUri};
use crate::catalog::{Catalog, CatalogError, recorded_descriptions};
use crate::flavor::{Description, Flavor, options};
use crate::image::{Host, Reference, RegistryUri};
use crate::store::{Name, RegistryRecord, Store};
use crate::text::Escaped;

/// What the user says of a registry for one push.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unregistered {
    /// The flavor; without one, the only one that knows the host, else [`DEFAULT`].
    pub(crate) flavor: Option<String>,
    /// The URI; without one, that of the image's name.
    pub(crate) uri: Option<TypedUri>,
    /// Values for the flavor's options.
    pub(crate) options: BTreeMap<String, String>,
}

/// The flavor of registries that no other one knows.
const DEFAULT: &str = "default";

/// Top-level domains that have no registry for everyone (RFC 2606, RFC 6761, RFC 6762, RFC 9476).
const PRIVATE: [&str; 7] = ["alt", "example", "internal", "invalid", "local", "localhost", "test"];

impl Unregistered {
    /// Whether the user said anything.
    #[must_use]
    pub(crate) fn is_given(&self) -> bool {
        self.flavor.is_some() || self.uri.is_some()
    }

    /// The registry of an image whose whole name the user typed, or of the URI that the user gave.
    ///
    /// # Errors
    /// When there is neither a URI nor a host in the name, the flavor does not accept the registry, or it needs an
    /// option.
    pub(crate) async fn find(
        &self,
        catalog: &Catalog<'_>,
        image: Option<&Reference>,
    ) -> Result<RegistryRecord, RegistryError> {
        let uris = match (&self.uri, image) {
            (Some(uri), _) => vec![uri.clone()],
            (None, Some(image)) => uris_of(image),
            (None, None) => return Err(RegistryError::NoUri),
        };
        let (name, flavor, uri) = match &self.flavor {
            Some(name) => accepted(catalog, name, &uris, self.uri.is_some()).await?,
            None => self.by_host(catalog, &uris).await?,
        };
        options::check(flavor.description(), &self.options)?;
        Ok(RegistryRecord {
            name: Name::unregistered(),
            flavor: name,
            uri,
            options: self.options.clone(),
            connector: None,
            confirmed: true,
            insecure: false,
        })
    }

    /// The only flavor that knows the host, else the default one.
    async fn by_host(
        &self,
        catalog: &Catalog<'_>,
        uris: &[TypedUri],
    ) -> Result<(String, Flavor, RegistryUri), RegistryError> {
        let host = uris.first().and_then(TypedUri::host);
        let mut knowing = Vec::new();
        if let Some(domain) = host.and_then(domain) {
            for name in worth_asking(&catalog.descriptions().await?, &domain) {
                match accepted(catalog, name, uris, self.uri.is_some()).await {
                    Ok(found) => knowing.push(found),
                    Err(reason) => tracing::debug!("flavor `{name}` is not for this registry: {reason}"),
                }
            }
        }
        match (knowing.pop(), knowing.is_empty()) {
            (Some(one), true) => Ok(one),
            _ => accepted(catalog, DEFAULT, uris, self.uri.is_some()).await,
        }
    }
}

/// The flavor of a name with the first of some URIs that it accepts as they are typed. A URI that the user gave may
/// have another canonical form on its host.
async fn accepted(
    catalog: &Catalog<'_>,
    name: &str,
    uris: &[TypedUri],
    is_given: bool,
) -> Result<(String, Flavor, RegistryUri), RegistryError> {
    let (flavor, _) = catalog.get(name).await?;
    let mut refused = None;
    for typed in uris {
        let error = match flavor.validate_uri(typed.as_str()).await {
            Ok(accepted) => match typed.read_as(&accepted.uri) {
                Reading::AsTyped => return Ok((name.to_owned(), flavor, accepted.uri)),
                Reading::Other if is_given => return Ok((name.to_owned(), flavor, accepted.uri)),
                _ => RegistryError::other_host(&flavor.description().name, typed, accepted.uri),
            },
            Err(error) => error.into(),
        };
        // The first URI is the most likely one.
        refused.get_or_insert(error);
    }
    Err(refused.unwrap_or(RegistryError::NoUri))
}

/// The URIs that may be the registry's of an image: the path above it, then shorter ones, then the host.
fn uris_of(image: &Reference) -> Vec<TypedUri> {
    let name = image.name();
    let above = name.match_indices('/').map(|(at, _)| name.split_at(at).0);
    let mut uris: Vec<TypedUri> = above.filter_map(|uri| uri.parse().ok()).collect();
    uris.reverse();
    uris
}

/// The flavors with an example of the same domain, which says no more than that they are worth asking. The flavor that
/// takes every registry is not among them.
fn worth_asking<'a>(descriptions: &'a [Description], domain: &str) -> impl Iterator<Item = &'a str> {
    let names = descriptions.iter().filter(|description| {
        description.name.as_str() != DEFAULT && description.uri_examples.iter().any(|uri| is_below(uri, domain))
    });
    names.map(|description| description.name.as_str())
}

/// The last two labels of a host that everyone may know.
fn domain(host: &Host) -> Option<String> {
    let name = host.name();
    if name.starts_with('[') || name.parse::<IpAddr>().is_ok() {
        return None;
    }
    let mut labels = name.rsplit('.');
    let (top, second) = (labels.next()?, labels.next()?);
    let is_example = second == "example" && matches!(top, "com" | "net" | "org");
    (!PRIVATE.contains(&top) && !is_example).then(|| format!("{second}.{top}"))
}

/// Whether the host of a URI is of a domain.
fn is_below(uri: &str, of: &str) -> bool {
    uri.parse::<RegistryUri>().is_ok_and(|uri| domain(uri.host()).is_some_and(|domain| domain == of))
}

/// The flavor that a host probably wants, for a hint: the only one with an example of its domain, else the default one.
/// `None` where several have one.
///
/// # Errors
/// When the store can't be read.
pub(crate) fn flavor_of_host(store: &Store, host: &Host) -> Result<Option<String>, CatalogError> {
    let descriptions = recorded_descriptions(store)?;
    let knowing: Vec<&str> =
        domain(host).map_or_else(Vec::new, |domain| worth_asking(&descriptions, &domain).collect());
    Ok(match knowing.as_slice() {
        [] => Some(DEFAULT.to_owned()),
        [one] => Some((*one).to_owned()),
        _ => None,
    })
}

/// The hint of a failure that a registration may mend.
pub(crate) fn hint_to_register(flavor: &Escaped, uri: &RegistryUri) -> String {
    format!(
        "if it needs credentials or other hosts, register it with a connector: `crhost registry register NAME --flavor \
         {flavor} --uri {uri} --connector CONNECTOR`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flavor::builtin::{BUILTIN, BuiltIn};

    #[test]
    fn the_uri_of_an_unregistered_registry_is_above_the_image_down_to_the_host() {
        let uris = |text: &str| -> Vec<String> {
            uris_of(&text.parse().unwrap()).iter().map(|uri| uri.as_str().to_owned()).collect()
        };
        assert_eq!(uris("localhost:5000/acme/train:v3"), ["localhost:5000/acme", "localhost:5000"]);
        assert_eq!(uris("localhost:5000/train:v3"), ["localhost:5000"]);
        assert_eq!(uris("docker.io/train"), ["docker.io/library", "docker.io"]);
    }

    #[test]
    fn only_a_host_that_everyone_may_know_has_a_domain() {
        let of = |host: &str| domain(&host.parse().unwrap());
        assert_eq!(of("contoso.azurecr.io").as_deref(), Some("azurecr.io"));
        assert_eq!(of("quay.io:443").as_deref(), Some("quay.io"));
        for host in [
            "localhost:5000",
            "127.0.0.1:5000",
            "[::1]:5000",
            "registry.example.com",
            "nas.local",
            "r.test",
            "nas:5000",
        ] {
            assert_eq!(of(host), None, "{host}");
        }
        assert!(is_below("contoso.azurecr.io", "azurecr.io") && !is_below("ghcr.io/acme", "quay.io"));
    }

    #[test]
    fn a_host_is_claimed_by_the_flavors_that_have_examples_of_its_domain() {
        let descriptions: Vec<_> = BUILTIN.iter().filter_map(BuiltIn::description).collect();
        for (host, flavors) in [
            ("ghcr.io", &["github"][..]),
            ("docker.io", &["dockerhub"]),
            ("quay.io", &["quay"]),
            ("registry.gitlab.com", &["gitlab"]),
            ("999999999999.dkr.ecr.ap-south-1.amazonaws.com", &["aws"]),
            ("acme.azurecr.io", &["azure"]),
            ("europe-docker.pkg.dev", &["gcp"]),
            ("localhost:5000", &[]),
            ("192.168.1.100:9000", &[]),
            ("[::1]:5000", &[]),
            ("registry.example.com", &[]),
            ("registry.acme.internal", &[]),
            ("io", &[]),
        ] {
            let domain = domain(&host.parse().unwrap());
            let asked =
                domain.map(|domain| worth_asking(&descriptions, &domain).map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(asked.unwrap_or_default(), flavors, "{host}");
        }
    }
}
