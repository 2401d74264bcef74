//! Lists and deletions over GitHub's API for packages: the registry itself deletes nothing.

use crhost_flavor::cleanup::{
    Cleanup, CleanupOperations, ListedManifest, RepositoryPage, TagPage, deleted, page_number,
};
use crhost_flavor::http::{Response, percent_encoded};
use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{Connector, Failure, Operation, Registry, time};
use serde_json::Value;

use crate::api::{self, ENDPOINT, GitHubApi, SERVICE};
use crate::hosts;
use crate::method::{IMPLICIT, TOKEN, has_token};

/// Entries of a part of a list: the most that GitHub gives at once.
const PAGE: usize = 100;

/// Parts of a list of versions in which one is looked for, in one call.
const MOST_PARTS: u32 = 30;

/// The kinds of owners. A package has the same path below either.
const OWNERS: [&str; 2] = ["orgs", "users"];

/// The requests, with a token of either method.
fn requests() -> [CleanupOperations; 2] {
    [TOKEN, IMPLICIT].map(|method| CleanupOperations::of_method("github", method, [list(), versions(), delete()]))
}

fn list() -> Operation {
    let operation = api::operation("list-packages", "Lists the packages of an owner").get();
    let operation = operation.path("/orgs/*/packages").path("/users/*/packages");
    operation.query_of("package_type", ["container"]).query("per_page").query("page")
}

fn versions() -> Operation {
    let operation = api::operation("list-versions", "Lists the versions of a package, which are manifests").get();
    let operation = operation.path("/orgs/*/packages/container/*/versions");
    operation.path("/users/*/packages/container/*/versions").query("per_page").query("page")
}

fn delete() -> Operation {
    let operation = api::operation("delete-version", "Deletes a version of a package").delete();
    let operation = operation.path("/orgs/*/packages/container/*/versions/*");
    operation.path("/users/*/packages/container/*/versions/*")
}

/// The API of a registry; `unsupported` for a connector that does not open it.
fn api<'a>(registry: &Registry, connector: Option<&'a Connector>) -> Result<GitHubApi<'a>, Failure> {
    let Some(connector) = connector.filter(|connector| has_token(connector)) else {
        return Err(Failure::unsupported("only a token of GitHub opens its API"));
    };
    let uri = RegistryUri::parse(&registry.uri)?;
    let endpoint = registry.options().url(ENDPOINT).or_else(|| hosts::api_of(&uri.authority()));
    let endpoint = endpoint.ok_or_else(|| {
        Failure::unsupported(format!("which API is behind `{}` is not known", uri.authority()))
            .hint(format!("set the option `{ENDPOINT}` to its URL"))
    })?;
    GitHubApi::new(connector, endpoint)
}

/// The owner and the package of a repository.
fn parts(repository: &str) -> Result<(&str, String), Failure> {
    let (owner, name) = repository
        .split_once('/')
        .ok_or_else(|| Failure::invalid_input(format!("`{repository}` is no repository of GitHub")))?;
    Ok((owner, percent_encoded(name)))
}

/// The interface `cleanup`.
pub(crate) struct Api;

impl Cleanup for Api {
    fn operations() -> Vec<CleanupOperations> {
        requests().into()
    }

    fn list_repositories(
        registry: &Registry,
        connector: Option<&Connector>,
        page: Option<&str>,
    ) -> Result<RepositoryPage, Failure> {
        let (api, number) = (api(registry, connector)?, page_number(page)?);
        let uri = RegistryUri::parse(&registry.uri)?;
        let Some(owner) = uri.path().first().map(|owner| (*owner).to_owned()) else {
            return Err(Failure::unsupported("GitHub lists the packages of one owner, which the registry's URI names"));
        };
        let path = format!("{owner}/packages?package_type=container&per_page={PAGE}&page={number}");
        packages(&of_owner(&api, &path)?.1, &owner, number)
    }

    fn list_tags(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        page: Option<&str>,
    ) -> Result<TagPage, Failure> {
        let (api, number) = (api(registry, connector)?, page_number(page)?);
        let (owner, name) = parts(repository)?;
        let path = format!("{owner}/packages/container/{name}/versions?per_page={PAGE}&page={number}");
        let all = entries(&of_owner(&api, &path)?.1)?;
        let next = (all.len() >= PAGE).then(|| (number + 1).to_string());
        Ok(TagPage { manifests: all.iter().filter_map(listed).collect(), next })
    }

    fn delete_manifest(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        digest: &str,
    ) -> Result<(), Failure> {
        let api = api(registry, connector)?;
        let (owner, name) = parts(repository)?;
        for number in 1..=MOST_PARTS {
            let path = format!("{owner}/packages/container/{name}/versions?per_page={PAGE}&page={number}");
            let (kind, response) = of_owner(&api, &path)?;
            let all = entries(&response)?;
            if let Some(id) = all.iter().find_map(|version| id_of(version, digest)) {
                let response = api.delete(&format!("/{kind}/{owner}/packages/container/{name}/versions/{id}"))?;
                return removed(&response, repository, digest);
            }
            if all.len() < PAGE {
                return Err(Failure::not_found(format!("package `{repository}` has no version `{digest}`")));
            }
        }
        Err(Failure::other(format!(
            "`{digest}` is not among the {} newest versions of package `{repository}`, where it was looked for",
            MOST_PARTS as usize * PAGE
        ))
        .hint("delete newer versions first"))
    }
}

/// The answer for an organization, else for a user, with the kind that it is.
fn of_owner(api: &GitHubApi<'_>, path: &str) -> Result<(&'static str, Response), Failure> {
    let [first, second] = OWNERS;
    let response = api.get(&format!("/{first}/{path}"))?;
    if response.status != 404 {
        return Ok((first, response));
    }
    Ok((second, api.get(&format!("/{second}/{path}"))?))
}

fn entries(response: &Response) -> Result<Vec<Value>, Failure> {
    if response.status == 404 {
        return Err(Failure::not_found(format!("GitHub has no such package{}", SERVICE.said(response))));
    }
    SERVICE.check(response)?;
    match response.json() {
        Value::Array(all) => Ok(all),
        _ => Err(SERVICE.unreadable()),
    }
}

fn packages(response: &Response, owner: &str, number: u32) -> Result<RepositoryPage, Failure> {
    let all = entries(response)?;
    let name = |package: &Value| Some(format!("{owner}/{}", package.get("name")?.as_str()?));
    let next = (all.len() >= PAGE).then(|| (number + 1).to_string());
    Ok(RepositoryPage { repositories: all.iter().filter_map(name).collect(), next })
}

fn listed(version: &Value) -> Option<ListedManifest> {
    let tags = version.pointer("/metadata/container/tags").and_then(Value::as_array);
    let time = |member: &str| time::from_rfc3339(version.get(member)?.as_str()?);
    Some(ListedManifest {
        tags: tags.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
        // A version that was pushed again is updated.
        pushed_at: time("updated_at").max(time("created_at")),
        ..ListedManifest::of_digest(version.get("name")?.as_str()?)
    })
}

fn id_of(version: &Value, digest: &str) -> Option<u64> {
    if version.get("name")?.as_str()? == digest { version.get("id")?.as_u64() } else { None }
}

fn removed(response: &Response, repository: &str, digest: &str) -> Result<(), Failure> {
    let said = SERVICE.said(response);
    if response.status == 400 && said.contains("last tagged version") {
        return Err(Failure::conflict(format!(
            "`{digest}` is the last version of package `{repository}` with a tag, which GitHub does not delete alone"
        ))
        .hint("delete the whole package on GitHub, or keep this version"));
    }
    deleted(&SERVICE, response, &format!("version `{digest}` in `{repository}`"))
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::{answer, cleanup_operations, connector, registry};
    use crhost_flavor::{FailureKind, Flavor as _};

    use super::*;
    use crate::GitHub;

    #[test]
    fn versions_are_manifests_with_or_without_tags() {
        let body = r#"[{"id":7,"name":"sha256:aa","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z",
            "metadata":{"package_type":"container","container":{"tags":["v1","latest"]}}},
            {"id":8,"name":"sha256:bb","created_at":"2026-01-01T00:00:00Z","metadata":{"container":{"tags":[]}}}]"#;
        let all = entries(&answer(200, body)).unwrap();
        let found: Vec<ListedManifest> = all.iter().filter_map(listed).collect();
        assert_eq!(found[0].tags, ["v1", "latest"]);
        assert_eq!(found[0].pushed_at, time::from_rfc3339("2026-01-02T00:00:00Z"));
        assert_eq!((found[1].digest.as_deref(), found[1].tags.len()), (Some("sha256:bb"), 0));
        assert_eq!(all.iter().find_map(|version| id_of(version, "sha256:bb")), Some(8));
        assert_eq!(entries(&answer(404, "{}")).unwrap_err().kind, FailureKind::NotFound);
        assert_eq!(entries(&answer(200, "{}")).unwrap_err().kind, FailureKind::Other);
    }

    #[test]
    fn the_last_version_with_a_tag_is_a_conflict_and_one_that_is_gone_is_not_found() {
        let last = r#"{"message":"You cannot delete the last tagged version of a package."}"#;
        for (status, body, kind) in
            [(400, last, FailureKind::Conflict), (404, "{}", FailureKind::NotFound), (403, "{}", FailureKind::Denied)]
        {
            assert_eq!(removed(&answer(status, body), "acme/train", "sha256:aa").unwrap_err().kind, kind, "{status}");
        }
        assert_eq!(removed(&answer(204, ""), "acme/train", "sha256:aa"), Ok(()));
    }

    #[test]
    fn packages_are_listed_part_by_part() {
        let one = r#"{"name":"train"}"#;
        let page = packages(&answer(200, &format!("[{one}]")), "acme", 1).unwrap();
        assert_eq!((page.repositories, page.next), (vec!["acme/train".to_owned()], None));
        let full = vec![one; PAGE].join(",");
        assert_eq!(packages(&answer(200, &format!("[{full}]")), "acme", 1).unwrap().next.as_deref(), Some("2"));
    }

    #[test]
    fn asks_for_these_operations_and_no_other() {
        let mut asked = Vec::new();
        for method in ["github/token", "github/implicit"] {
            let api = "https://api.github.com|https://api.*.ghe.com|<api-endpoint>";
            let token = "header x-github-api-version=2022-11-28; token in `authorization: Bearer …`";
            let versions = "/orgs/*/packages/container/*/versions|/users/*/packages/container/*/versions";
            asked.extend([
                format!(
                    "{method} list-packages: GET {api} /orgs/*/packages|/users/*/packages \
                     ?package_type=container&per_page&page {token}"
                ),
                format!("{method} list-versions: GET {api} {versions} ?per_page&page {token}"),
                format!(
                    "{method} delete-version: DELETE {api} /orgs/*/packages/container/*/versions/*\
                     |/users/*/packages/container/*/versions/* {token}"
                ),
            ]);
        }
        assert_eq!(cleanup_operations::<GitHub>(), asked);
    }

    #[test]
    fn without_a_token_the_api_is_closed() {
        let password = connector("password", &[("username", "alice")]);
        let registry = registry("ghcr.io/acme", &[]);
        let listed = GitHub::list_tags(registry, Some(password), "acme/train".to_owned(), None);
        assert_eq!(listed.unwrap_err().kind, FailureKind::Unsupported);
    }
}
