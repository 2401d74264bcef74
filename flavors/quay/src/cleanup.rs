//! Lists and deletions over Quay's API, for which an OAuth token is needed. Quay deletes manifests by digest over the
//! registry's own protocol.

use crhost_flavor::cleanup::{
    Cleanup, CleanupOperations, ListedManifest, RepositoryPage, TagPage, deleted, page_number,
};
use crhost_flavor::http::{Response, percent_encoded};
use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{Connector, Failure, Operation, Registry};
use serde_json::Value;

use crate::api::{self, ENDPOINT, OAUTH, QuayApi, SERVICE};

/// Tags that Quay gives at once at most.
const PAGE: u32 = 100;

/// The requests.
fn requests() -> CleanupOperations {
    let list = |name, summary| api::operation(name, summary).get();
    CleanupOperations::of_method(
        "quay",
        OAUTH,
        [
            list("list-repositories", "Lists the repositories of a namespace")
                .path("/api/v1/repository")
                .query("namespace")
                .query("next_page"),
            list("list-tags", "Lists the tags of a repository")
                .path("/api/v1/repository/*/*/tag/")
                .query("limit")
                .query("page")
                .query_of("onlyActiveTags", ["true"]),
            delete_tag(),
        ]
        .map(|operation| operation.host("https://{registry}")),
    )
}

fn delete_tag() -> Operation {
    api::operation("delete-tag", "Deletes a tag of a repository").delete().path("/api/v1/repository/*/*/tag/*")
}

/// The API of a registry; `None` for a connector that does not open it.
fn api<'a>(registry: &Registry, connector: Option<&'a Connector>) -> Result<QuayApi<'a>, Failure> {
    let Some(connector) = connector.filter(|connector| connector.method == OAUTH) else {
        return Err(Failure::unsupported("only an OAuth token opens Quay's API"));
    };
    let uri = RegistryUri::parse(&registry.uri)?;
    QuayApi::new(connector, registry.options().url(ENDPOINT).unwrap_or_else(|| format!("https://{}", uri.authority())))
}

/// The path of a repository in the API.
fn path(repository: &str) -> Result<String, Failure> {
    let (namespace, name) = repository
        .split_once('/')
        .ok_or_else(|| Failure::invalid_input(format!("`{repository}` is no repository of Quay")))?;
    Ok(format!("/api/v1/repository/{}/{}", percent_encoded(namespace), percent_encoded(name)))
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
        let api = api(registry, connector)?;
        let uri = RegistryUri::parse(&registry.uri)?;
        let Some(namespace) = uri.path().first().copied() else {
            return Err(Failure::unsupported(
                "Quay lists the repositories of one namespace, which the registry's URI names",
            ));
        };
        let next = page.map(|page| format!("&next_page={}", percent_encoded(page))).unwrap_or_default();
        repositories(&api.get(&format!("/api/v1/repository?namespace={}{next}", percent_encoded(namespace)))?)
    }

    fn list_tags(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        page: Option<&str>,
    ) -> Result<TagPage, Failure> {
        let number = page_number(page)?;
        let path = format!("{}/tag/?limit={PAGE}&page={number}&onlyActiveTags=true", path(repository)?);
        tags(&api(registry, connector)?.get(&path)?, number)
    }

    fn delete_tag(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        tag: &str,
    ) -> Result<(), Failure> {
        let api = api(registry, connector)?;
        let response = api.delete(&format!("{}/tag/{}", path(repository)?, percent_encoded(tag)))?;
        deleted(&SERVICE, &response, &format!("tag `{tag}` in `{repository}`"))
    }
}

fn repositories(response: &Response) -> Result<RepositoryPage, Failure> {
    let body = SERVICE.object(response)?;
    let all = body.get("repositories").and_then(Value::as_array).ok_or_else(|| SERVICE.unreadable())?;
    let name = |it: &Value| Some(format!("{}/{}", it.get("namespace")?.as_str()?, it.get("name")?.as_str()?));
    let next = body.get("next_page").and_then(Value::as_str).filter(|next| !next.is_empty());
    Ok(RepositoryPage { repositories: all.iter().filter_map(name).collect(), next: next.map(str::to_owned) })
}

fn tags(response: &Response, number: u32) -> Result<TagPage, Failure> {
    let body = SERVICE.object(response)?;
    let all = body.get("tags").and_then(Value::as_array).ok_or_else(|| SERVICE.unreadable())?;
    let listed = |tag: &Value| {
        Some(ListedManifest {
            digest: tag.get("manifest_digest").and_then(Value::as_str).map(str::to_owned),
            size: tag.get("size").and_then(Value::as_u64),
            pushed_at: tag.get("start_ts").and_then(Value::as_u64),
            ..ListedManifest::tagged(tag.get("name")?.as_str()?)
        })
    };
    let more = body.get("has_additional").and_then(Value::as_bool).unwrap_or(false);
    Ok(TagPage { manifests: all.iter().filter_map(listed).collect(), next: more.then(|| (number + 1).to_string()) })
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::{answer, cleanup_operations, connector, registry};
    use crhost_flavor::{FailureKind, Flavor as _};

    use super::*;
    use crate::Quay;

    #[test]
    fn tags_are_listed_with_their_digests_and_the_times_of_their_pushes() {
        let body = r#"{"tags":[{"name":"v1","reversion":false,"start_ts":1700000000,"manifest_digest":"sha256:aa",
            "is_manifest_list":false,"size":42}],"page":2,"has_additional":true}"#;
        let page = tags(&answer(200, body), 2).unwrap();
        let [tag] = page.manifests.as_slice() else { panic!("{page:?}") };
        assert_eq!(
            (tag.digest.as_deref(), tag.pushed_at, tag.size),
            (Some("sha256:aa"), Some(1_700_000_000), Some(42))
        );
        assert_eq!((tag.tags.as_slice(), page.next.as_deref()), (["v1".to_owned()].as_slice(), Some("3")));
        assert_eq!(tags(&answer(200, r#"{"tags":[]}"#), 1).unwrap().next, None);
        assert_eq!(tags(&answer(403, "{}"), 1).unwrap_err().kind, FailureKind::Denied);
    }

    #[test]
    fn repositories_are_listed_part_by_part() {
        let body = r#"{"repositories":[{"namespace":"acme","name":"train"}],"next_page":"gAAA"}"#;
        let page = repositories(&answer(200, body)).unwrap();
        assert_eq!((page.repositories, page.next), (vec!["acme/train".to_owned()], Some("gAAA".to_owned())));
        assert!(repositories(&answer(200, "{}")).is_err());
    }

    #[test]
    fn asks_for_these_operations_and_no_other() {
        let of_tag = "https://{registry}|<quay-endpoint> /api/v1/repository/*/*/tag/";
        let token = "; token in `authorization: Bearer …`";
        assert_eq!(
            cleanup_operations::<Quay>(),
            [
                format!(
                    "quay/oauth-token list-repositories: GET https://{{registry}}|<quay-endpoint> /api/v1/repository \
                     ?namespace&next_page{token}"
                ),
                format!("quay/oauth-token list-tags: GET {of_tag} ?limit&page&onlyActiveTags=true{token}"),
                format!("quay/oauth-token delete-tag: DELETE {of_tag}*{token}"),
            ]
        );
    }

    #[test]
    fn only_an_oauth_token_opens_the_api() {
        let robot = connector("robot", &[("username", "acme+ci")]);
        let listed = Quay::list_tags(registry("quay.io/acme", &[]), Some(robot), "acme/train".to_owned(), None);
        assert_eq!(listed.unwrap_err().kind, FailureKind::Unsupported);
        let deleted = Quay::delete_tag(registry("quay.io/acme", &[]), None, "acme/train".to_owned(), "v1".to_owned());
        assert_eq!(deleted.unwrap_err().kind, FailureKind::Unsupported);
    }
}
