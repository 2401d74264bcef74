//! Types of clean-ups: lists of what a registry has, and deletions, where the registry's own protocol can't.

pub use crate::bindings::exports::crhost::flavor::cleanup::{
    CleanupOperations, ListedManifest, RepositoryPage, TagPage,
};
use serde_json::Value;

use crate::http::{Response, Service};
use crate::types::{Connector, Failure, Operation, Registry};

/// The failure of a flavor that leaves this to the registry itself.
pub(crate) fn unsupported(what: &str) -> Failure {
    Failure::unsupported(format!("this flavor {what}")).hint("crhost asks the registry itself, by its own protocol")
}

/// What a flavor does of the interface `cleanup`, in a module of its own; [`cleanup!`](crate::cleanup!) has the flavor
/// export it. The functions are those of [`Flavor`](crate::Flavor), with what they get only lent.
pub trait Cleanup {
    /// [`describe_cleanup`](crate::Flavor::describe_cleanup)
    fn operations() -> Vec<CleanupOperations>;

    /// [`list_repositories`](crate::Flavor::list_repositories)
    fn list_repositories(
        registry: &Registry,
        connector: Option<&Connector>,
        page: Option<&str>,
    ) -> Result<RepositoryPage, Failure> {
        let _ = (registry, connector, page);
        Err(unsupported("lists no repositories"))
    }

    /// [`list_tags`](crate::Flavor::list_tags)
    fn list_tags(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        page: Option<&str>,
    ) -> Result<TagPage, Failure> {
        let _ = (registry, connector, repository, page);
        Err(unsupported("lists no tags"))
    }

    /// [`delete_manifest`](crate::Flavor::delete_manifest)
    fn delete_manifest(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        digest: &str,
    ) -> Result<(), Failure> {
        let _ = (registry, connector, repository, digest);
        Err(unsupported("deletes no manifests"))
    }

    /// [`delete_tag`](crate::Flavor::delete_tag)
    fn delete_tag(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        tag: &str,
    ) -> Result<(), Failure> {
        let _ = (registry, connector, repository, tag);
        Err(unsupported("deletes no tags"))
    }
}

impl CleanupOperations {
    /// Requests that carry the secrets of an auth method.
    pub fn of_method(
        connector_type: impl Into<String>,
        method: impl Into<String>,
        operations: impl IntoIterator<Item = Operation>,
    ) -> Self {
        let auth_method = Some((connector_type.into(), method.into()));
        Self { auth_method, operations: operations.into_iter().collect() }
    }

    /// Requests without secrets, e.g. with a token that a service issued.
    pub fn without_secrets(operations: impl IntoIterator<Item = Operation>) -> Self {
        Self { auth_method: None, operations: operations.into_iter().collect() }
    }
}

impl ListedManifest {
    /// A manifest with one tag, of which nothing else is known.
    pub fn tagged(tag: impl Into<String>) -> Self {
        Self { digest: None, tags: vec![tag.into()], size: None, pushed_at: None }
    }

    /// A manifest by its digest, without tags.
    pub fn of_digest(digest: impl Into<String>) -> Self {
        Self { digest: Some(digest.into()), tags: Vec::new(), size: None, pushed_at: None }
    }
}

/// Reads the answer to a deletion of `what`, e.g. ``tag `v1` ``.
pub fn deleted(service: &Service<'_>, response: &Response, what: &str) -> Result<(), Failure> {
    let said = service.said(response);
    match response.status {
        404 => Err(Failure::not_found(format!("{} has no {what}{said}", service.name))),
        409 => Err(Failure::conflict(format!("{} does not delete {what}{said}", service.name))),
        _ => service.check(response),
    }
}

/// The entries of a list of JSON.
pub fn entries(service: &Service<'_>, response: &Response) -> Result<Vec<Value>, Failure> {
    if response.status == 404 {
        return Err(Failure::not_found(format!("{} has no such list{}", service.name, service.said(response))));
    }
    service.check(response)?;
    match response.json() {
        Value::Array(all) => Ok(all),
        _ => Err(service.unreadable()),
    }
}

/// What gives the part after part `number`, of which `count` entries came: none after one that is not full.
pub fn next_page(number: u32, count: usize, most: usize) -> Option<String> {
    (count >= most).then(|| (number + 1).to_string())
}

/// The number of a part of a list whose parts are counted from 1, as crhost gives it back.
pub fn page_number(page: Option<&str>) -> Result<u32, Failure> {
    let number = page.map_or(Some(1), |page| page.parse().ok().filter(|number| *number > 0));
    number.ok_or_else(|| Failure::invalid_input("the part of the list is not a number from 1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_lists_are_counted_from_one() {
        assert_eq!((page_number(None), page_number(Some("7"))), (Ok(1), Ok(7)));
        assert!(page_number(Some("0")).is_err() && page_number(Some("x")).is_err());
    }
}
