//! Lists and deletions over Docker Hub's API: the registry itself deletes nothing. Docker Hub removes a manifest by
//! itself once no tag names it.

use crhost_flavor::cleanup::{
    Cleanup, CleanupOperations, ListedManifest, RepositoryPage, TagPage, deleted, page_number,
};
use crhost_flavor::http::{self, Response};
use crhost_flavor::password::PASSWORD;
use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{Connector, Failure, Operation, Registry, time};
use serde_json::Value;

use crate::api::{ENDPOINT, HubApi, SERVICE};
use crate::names;

/// Entries of a part of a list: the most that Docker Hub gives at once.
const PAGE: u32 = 100;

/// Parts of the list of tags in which those of a manifest are looked for, in one call.
const MOST_PARTS: u32 = 30;

/// The requests, with the token that a sign-in gives.
fn requests() -> CleanupOperations {
    let list = Operation::new("list", "Lists repositories and tags").get().at(ENDPOINT);
    let list = list.path("/v2/namespaces/*/repositories").path("/v2/namespaces/*/repositories/*/tags");
    let delete = Operation::new("delete-tag", "Deletes a tag of a repository").delete().at(ENDPOINT);
    let delete = delete.path("/v2/repositories/*/*/tags/*/");
    CleanupOperations::without_secrets([list.query("page").query("page_size"), delete])
}

/// The API of a registry, signed in; `unsupported` where it is not Docker Hub's, or there is no password.
fn api(registry: &Registry, connector: Option<&Connector>) -> Result<http::Api<'static>, Failure> {
    let (uri, options) = (RegistryUri::parse(&registry.uri)?, registry.options());
    if !names::is_hub(&uri.authority()) && options.get(ENDPOINT.option).is_none() {
        return Err(Failure::unsupported("only Docker Hub has this API"));
    }
    let connector = connector.filter(|connector| connector.method == PASSWORD);
    let connector =
        connector.ok_or_else(|| Failure::unsupported("Docker Hub's API takes a password of a connector"))?;
    HubApi::new(connector, &options)?.signed_in()
}

/// The namespace and the name of a repository.
fn parts(repository: &str) -> Result<(&str, &str), Failure> {
    let parts = repository.split_once('/').filter(|(_, name)| !name.contains('/'));
    parts.ok_or_else(|| Failure::invalid_input(format!("`{repository}` is no repository of Docker Hub")))
}

/// The interface `cleanup`.
pub(crate) struct Api;

impl Cleanup for Api {
    fn operations() -> Vec<CleanupOperations> {
        vec![requests()]
    }

    fn list_repositories(
        registry: &Registry,
        connector: Option<&Connector>,
        page: Option<&str>,
    ) -> Result<RepositoryPage, Failure> {
        let uri = RegistryUri::parse(&registry.uri)?;
        let Some(namespace) = uri.path().first().map(|namespace| (*namespace).to_owned()) else {
            return Err(Failure::unsupported("Docker Hub lists the repositories of one namespace"));
        };
        let (api, number) = (api(registry, connector)?, page_number(page)?);
        let path = format!("/v2/namespaces/{namespace}/repositories?page={number}&page_size={PAGE}");
        let (all, next) = entries(&api.get(&path)?, number)?;
        let name = |it: &Value| Some(format!("{namespace}/{}", it.get("name")?.as_str()?));
        Ok(RepositoryPage { repositories: all.iter().filter_map(name).collect(), next })
    }

    fn list_tags(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        page: Option<&str>,
    ) -> Result<TagPage, Failure> {
        tags(&api(registry, connector)?, repository, page_number(page)?)
    }

    fn delete_manifest(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        digest: &str,
    ) -> Result<(), Failure> {
        let api = api(registry, connector)?;
        let mut found = Vec::new();
        for number in 1..=MOST_PARTS {
            let page = tags(&api, repository, number)?;
            let of_it = page.manifests.into_iter().filter(|listed| listed.digest.as_deref() == Some(digest));
            found.extend(of_it.flat_map(|listed| listed.tags));
            if page.next.is_none() {
                break;
            }
        }
        if found.is_empty() {
            return Err(Failure::not_found(format!(
                "no tag of `{repository}` names `{digest}`: Docker Hub removes it itself"
            )));
        }
        found.iter().try_for_each(|tag| remove(&api, repository, tag))
    }

    fn delete_tag(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        tag: &str,
    ) -> Result<(), Failure> {
        remove(&api(registry, connector)?, repository, tag)
    }
}

fn remove(api: &http::Api<'_>, repository: &str, tag: &str) -> Result<(), Failure> {
    let (namespace, name) = parts(repository)?;
    let response = api.delete(&format!("/v2/repositories/{namespace}/{name}/tags/{tag}/"))?;
    deleted(&SERVICE, &response, &format!("tag `{tag}` in `{repository}`"))
}

fn tags(api: &http::Api<'_>, repository: &str, number: u32) -> Result<TagPage, Failure> {
    let (namespace, name) = parts(repository)?;
    let path = format!("/v2/namespaces/{namespace}/repositories/{name}/tags?page={number}&page_size={PAGE}");
    let (all, next) = entries(&api.get(&path)?, number)?;
    Ok(TagPage { manifests: all.iter().filter_map(listed).collect(), next })
}

/// The entries of a part of a list, and the number of the next part.
fn entries(response: &Response, number: u32) -> Result<(Vec<Value>, Option<String>), Failure> {
    if response.status == 404 {
        return Err(Failure::not_found(format!("Docker Hub has no such list{}", SERVICE.said(response))));
    }
    let body = SERVICE.object(response)?;
    let all = body.get("results").and_then(Value::as_array).cloned().ok_or_else(|| SERVICE.unreadable())?;
    let more = body.get("next").is_some_and(Value::is_string);
    Ok((all, more.then(|| (number + 1).to_string())))
}

fn listed(tag: &Value) -> Option<ListedManifest> {
    let pushed = tag.get("tag_last_pushed").or_else(|| tag.get("last_updated"));
    Some(ListedManifest {
        digest: tag.get("digest").and_then(Value::as_str).map(str::to_owned),
        size: tag.get("full_size").and_then(Value::as_u64),
        pushed_at: pushed.and_then(Value::as_str).and_then(time::from_rfc3339),
        ..ListedManifest::tagged(tag.get("name")?.as_str()?)
    })
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::{answer, cleanup_operations, connector, registry};
    use crhost_flavor::{FailureKind, Flavor as _};

    use super::*;
    use crate::DockerHub;

    #[test]
    fn tags_are_listed_with_their_digests_and_the_times_of_their_pushes() {
        let body = r#"{"count":2,"next":"https://hub.docker.com/v2/x?page=2","results":[
            {"name":"v1","full_size":42,"digest":"sha256:aa","tag_last_pushed":"2026-01-02T03:04:05.678Z"},
            {"name":"old","full_size":7,"last_updated":"2015-01-02T03:04:05Z"}]}"#;
        let (all, next) = entries(&answer(200, body), 1).unwrap();
        let found: Vec<ListedManifest> = all.iter().filter_map(listed).collect();
        assert_eq!(next.as_deref(), Some("2"));
        assert_eq!((found[0].digest.as_deref(), found[0].size), (Some("sha256:aa"), Some(42)));
        assert_eq!(found[0].pushed_at, time::from_rfc3339("2026-01-02T03:04:05Z"));
        assert_eq!((found[1].digest.as_deref(), found[1].tags.as_slice()), (None, ["old".to_owned()].as_slice()));
        assert_eq!(entries(&answer(200, r#"{"next":null,"results":[]}"#), 1).unwrap().1, None);
        assert_eq!(entries(&answer(404, "{}"), 1).unwrap_err().kind, FailureKind::NotFound);
    }

    #[test]
    fn asks_for_these_operations_and_no_other() {
        assert_eq!(
            cleanup_operations::<DockerHub>(),
            [
                "- list: GET https://hub.docker.com|<hub-endpoint> /v2/namespaces/*/repositories\
                 |/v2/namespaces/*/repositories/*/tags ?page&page_size",
                "- delete-tag: DELETE https://hub.docker.com|<hub-endpoint> /v2/repositories/*/*/tags/*/",
            ]
        );
    }

    #[test]
    fn other_registries_and_those_without_a_password_have_no_such_api() {
        let password = || Some(connector("password", &[("username", "alice")]));
        for (uri, connector) in [("quay.io/acme", password()), ("docker.io/acme", None)] {
            let listed = DockerHub::list_tags(registry(uri, &[]), connector, "acme/train".to_owned(), None);
            assert_eq!(listed.unwrap_err().kind, FailureKind::Unsupported, "{uri}");
        }
    }
}
