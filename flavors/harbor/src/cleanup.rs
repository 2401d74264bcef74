//! Lists over Harbor's API, with the times of pushes, and the deletion of tags, which the registry itself refuses. It
//! deletes manifests by digest over the registry's own protocol.

use crhost_flavor::cleanup::{
    Cleanup, CleanupOperations, ListedManifest, RepositoryPage, TagPage, deleted, entries, next_page, page_number,
};
use crhost_flavor::http::percent_encoded;
use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{Connector, Failure, Operation, Registry, password, time};
use serde_json::Value;

use crate::api::{self, ENDPOINT, HarborApi, SERVICE, repository_path};

/// Entries of a part of a list: the most that Harbor gives at once.
const PAGE: usize = 100;

/// The interface `cleanup`.
pub(crate) struct Api;

impl Cleanup for Api {
    fn operations() -> Vec<CleanupOperations> {
        let methods = [("harbor", "robot"), ("harbor", "user"), ("docker", password::PASSWORD)];
        methods.map(|(kind, method)| CleanupOperations::of_method(kind, method, requests(method))).into()
    }

    fn list_repositories(
        registry: &Registry,
        connector: Option<&Connector>,
        page: Option<&str>,
    ) -> Result<RepositoryPage, Failure> {
        let uri = RegistryUri::parse(&registry.uri)?;
        let Some(project) = uri.path().first().copied() else {
            return Err(Failure::unsupported(
                "Harbor lists the repositories of one project, which the registry's URI names",
            ));
        };
        let (api, number) = (api(registry, connector)?, page_number(page)?);
        let project = percent_encoded(project);
        let path = format!("/api/v2.0/projects/{project}/repositories?page={number}&page_size={PAGE}");
        let all = entries(&SERVICE, &api.get(&path)?)?;
        let names = all.iter().filter_map(|it| Some(it.get("name")?.as_str()?.to_owned()));
        Ok(RepositoryPage { repositories: names.collect(), next: next_page(number, all.len(), PAGE) })
    }

    fn list_tags(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        page: Option<&str>,
    ) -> Result<TagPage, Failure> {
        let (api, number) = (api(registry, connector)?, page_number(page)?);
        let path = format!("{}/artifacts?with_tag=true&page={number}&page_size={PAGE}", path(repository)?);
        let all = entries(&SERVICE, &api.get(&path)?)?;
        Ok(TagPage { manifests: all.iter().filter_map(listed).collect(), next: next_page(number, all.len(), PAGE) })
    }

    fn delete_tag(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        tag: &str,
    ) -> Result<(), Failure> {
        let tag_encoded = percent_encoded(tag);
        // An artifact answers to each of its tags.
        let path = format!("{}/artifacts/{tag_encoded}/tags/{tag_encoded}", path(repository)?);
        let response = api(registry, connector)?.delete(&path)?;
        // A tag that a rule of the project makes immutable.
        if response.status == 412 {
            return Err(Failure::conflict(format!("Harbor keeps tag `{tag}`{}", SERVICE.said(&response)))
                .hint("a rule of the project makes it immutable: its administrator can change that"));
        }
        deleted(&SERVICE, &response, &format!("tag `{tag}` in `{repository}`"))
    }
}

/// The requests with the secret of an auth method.
fn requests(method: &str) -> [Operation; 3] {
    let request = |name, summary| api::operation(name, summary, method);
    [
        request("list-repositories", "Lists the repositories of a project")
            .get()
            .path("/api/v2.0/projects/*/repositories")
            .query("page")
            .query("page_size"),
        request("list-artifacts", "Lists the artifacts of a repository, with their tags")
            .get()
            .path("/api/v2.0/projects/*/repositories/*/artifacts")
            .query_of("with_tag", ["true"])
            .query("page")
            .query("page_size"),
        request("delete-tag", "Deletes a tag of an artifact")
            .delete()
            .path("/api/v2.0/projects/*/repositories/*/artifacts/*/tags/*"),
    ]
}

fn api<'a>(registry: &Registry, connector: Option<&'a Connector>) -> Result<crhost_flavor::http::Api<'a>, Failure> {
    let connector = connector.ok_or_else(|| Failure::unsupported("Harbor's API takes the account of a connector"))?;
    let uri = RegistryUri::parse(&registry.uri)?;
    let url = registry.options().url(ENDPOINT).unwrap_or_else(|| format!("https://{}", uri.authority()));
    Ok(HarborApi::new(connector, url)?.into_api())
}

/// The path of a repository in the API.
fn path(repository: &str) -> Result<String, Failure> {
    let path = repository_path(repository);
    path.ok_or_else(|| Failure::invalid_input(format!("`{repository}` is no repository of Harbor")))
}

fn listed(artifact: &Value) -> Option<ListedManifest> {
    let tags = artifact.get("tags").and_then(Value::as_array).into_iter().flatten();
    let tags: Vec<&Value> = tags.collect();
    let pushed = |it: &Value| time::from_rfc3339(it.get("push_time")?.as_str()?);
    Some(ListedManifest {
        tags: tags.iter().filter_map(|tag| Some(tag.get("name")?.as_str()?.to_owned())).collect(),
        size: artifact.get("size").and_then(Value::as_u64),
        // A tag that was moved to an artifact of old is a push, too.
        pushed_at: tags.iter().filter_map(|tag| pushed(tag)).max().max(pushed(artifact)),
        ..ListedManifest::of_digest(artifact.get("digest")?.as_str()?)
    })
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::{cleanup_operations, registry};
    use crhost_flavor::{FailureKind, Flavor as _};
    use serde_json::json;

    use super::*;
    use crate::Harbor;

    #[test]
    fn artifacts_are_listed_with_their_tags_and_the_time_of_the_last_push() {
        let artifact = json!({"digest": "sha256:aa", "size": 42, "push_time": "2025-01-02T03:04:05.678Z", "tags": [
            {"name": "v1", "push_time": "2026-01-02T03:04:05.678Z"}, {"name": "v0", "push_time": "2025-01-02T03:04:05Z"}]});
        let found = listed(&artifact).unwrap();
        assert_eq!((found.digest.as_deref(), found.size), (Some("sha256:aa"), Some(42)));
        assert_eq!(
            (found.tags, found.pushed_at),
            (vec!["v1".into(), "v0".into()], time::from_rfc3339("2026-01-02T03:04:05Z"))
        );
        let untagged =
            listed(&json!({"digest": "sha256:bb", "tags": null, "push_time": "0001-01-01T00:00:00.000Z"})).unwrap();
        assert_eq!((untagged.tags.len(), untagged.pushed_at), (0, None));
        assert_eq!(listed(&json!({"size": 1})), None);
    }

    #[test]
    fn slashes_of_a_repository_are_encoded_twice() {
        assert_eq!(path("ml/team/train").unwrap(), "/api/v2.0/projects/ml/repositories/team%252Ftrain");
        assert!(path("ml").is_err());
    }

    #[test]
    fn asks_for_these_operations_and_no_other() {
        let mut expected = Vec::new();
        for (method, field) in [("harbor/robot", "token"), ("harbor/user", "secret"), ("docker/password", "password")] {
            let (host, secret) = (
                "https://{registry}|<harbor-endpoint>",
                format!("; {field} as the password of `authorization: Basic`"),
            );
            let repositories = "/api/v2.0/projects/*/repositories";
            expected.extend([
                format!("{method} list-repositories: GET {host} {repositories} ?page&page_size{secret}"),
                format!("{method} list-artifacts: GET {host} {repositories}/*/artifacts ?with_tag=true&page&page_size{secret}"),
                format!("{method} delete-tag: DELETE {host} {repositories}/*/artifacts/*/tags/*{secret}"),
            ]);
        }
        assert_eq!(cleanup_operations::<Harbor>(), expected);
    }

    #[test]
    fn without_an_account_the_api_is_closed_and_without_a_project_no_list_is_whole() {
        let listed = Harbor::list_tags(registry("harbor.example.com", &[]), None, "ml/train".to_owned(), None);
        assert_eq!(listed.unwrap_err().kind, FailureKind::Unsupported);
        let listed = Harbor::list_repositories(registry("harbor.example.com", &[]), None, None);
        assert_eq!(listed.unwrap_err().kind, FailureKind::Unsupported);
    }
}
