//! The registered registry that a user names, as clients do too: by its name, its host, or a URI on that host.

use super::error::ClientError;
use super::find::registry_of;
use super::server::ServerUrl;
use crate::image::Repository;
use crate::registry;
use crate::store::{Name, RegistryRecord, Store};

/// A registered registry, and what the user said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// The registry.
    pub(crate) registry: RegistryRecord,
    /// The path that the user typed, where it is longer than that of the registry's URI: a repository there.
    pub(crate) repository: Option<Repository>,
}

/// Finds the registry of a text: a name, or what clients call servers.
///
/// # Errors
/// When there is none, or several are as good.
pub(crate) fn named(store: &Store, text: &str) -> Result<Named, ClientError> {
    let registries = store.registries()?;
    if let Some(registry) = registries.iter().find(|registry| registry.name.as_str() == text) {
        return Ok(Named { registry: registry.clone(), repository: None });
    }
    if !is_server(text) {
        return Ok(Named { registry: store.registry(&text.parse::<Name>()?)?, repository: None });
    }
    let server: ServerUrl = text.parse().map_err(|_| ClientError::NoServer)?;
    let found = registry_of(&registries, &server, store.current_registry()?.as_ref())?;
    let registry = found.ok_or_else(|| none_on(store, &server))?.clone();
    let repository = server.path.filter(|path| registry.uri.path() != Some(path));
    Ok(Named { registry, repository })
}

/// The error for a server on which no registry is registered.
pub(super) fn none_on(store: &Store, server: &ServerUrl) -> ClientError {
    let flavor = registry::flavor_of_host(store, &server.host).ok().flatten().unwrap_or_else(|| "FLAVOR".to_owned());
    let path = server.path.as_ref().map_or_else(String::new, |path| format!("/{path}"));
    ClientError::NoRegistry { host: server.host.clone(), flavor: flavor.into(), path: path.into() }
}

/// Whether a text has what a host has and few names have: then the user means a server.
fn is_server(text: &str) -> bool {
    text == "localhost" || text.contains(['.', ':', '/'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Explain as _;
    use crate::store::{Grantee, Home, IfTaken};

    #[test]
    fn a_registry_is_found_by_its_name_its_host_and_a_repository_below_it() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        for (name, uri) in [("gh", "ghcr.io/acme"), ("local", "localhost:5000"), ("quay.io", "example.com/quay")] {
            store.put_registry(&RegistryRecord::example(name, uri), Grantee::EXAMPLE, &[], IfTaken::Refuse).unwrap();
        }
        let found = |text: &str| {
            let found = named(&store, text).unwrap();
            (found.registry.name.to_string(), found.repository.map(|repository| repository.to_string()))
        };
        for (text, name, repository) in [
            ("gh", "gh", None),
            ("ghcr.io", "gh", None),
            ("https://GHCR.io/", "gh", None),
            ("ghcr.io/acme", "gh", None),
            ("ghcr.io/acme/train", "gh", Some("acme/train")),
            ("localhost:5000/team/train", "local", Some("team/train")),
            // A name that looks like a host is a name.
            ("quay.io", "quay.io", None),
        ] {
            assert_eq!(found(text), (name.to_owned(), repository.map(str::to_owned)), "{text}");
        }
        for (text, error, hint) in [
            ("nowhere", "no registry named `nowhere`", "registered: "),
            ("docker.io/acme", "no registry is registered on `docker.io`", "--flavor dockerhub --uri docker.io/acme`"),
            (
                "nas.local:5000",
                "no registry is registered on `nas.local:5000`",
                "--flavor default --uri nas.local:5000`",
            ),
            ("gh cr", "is no name", ""),
            ("me:secret@ghcr.io", "this is no registry", "list"),
        ] {
            let failure = named(&store, text).unwrap_err();
            let told = failure.hint().map(|hint| hint.to_string()).unwrap_or_default();
            assert!(failure.to_string().contains(error) && told.contains(hint), "{text}: {failure}; {told}");
        }
    }
}
