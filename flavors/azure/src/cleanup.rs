//! Lists over the registry's own API, with the times of pushes and manifests without tags, and the deletion of tags.
//! The registry deletes manifests by digest over the distribution protocol, and lists its repositories there.

use crhost_flavor::cleanup::{Cleanup, CleanupOperations, ListedManifest, TagPage};
use crhost_flavor::http::{self, Response, percent_encoded};
use crhost_flavor::{Connector, Failure, Registry, time};
use serde_json::Value;

use crate::connector::{self, Login};
use crate::exchange::{self, RegistryCredential};
use crate::refresh::refresh_token;
use crate::target::Target;
use crate::{operations, refusal};

/// Entries of a part of a list.
const PAGE: usize = 1_000;

/// The interface `cleanup`.
pub(crate) struct Api;

impl Cleanup for Api {
    fn operations() -> Vec<CleanupOperations> {
        vec![CleanupOperations::without_secrets(operations::of_cleanup())]
    }

    fn list_tags(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        page: Option<&str>,
    ) -> Result<TagPage, Failure> {
        let (target, api) = open(registry, connector, repository, "metadata_read")?;
        let last = page.map(|page| format!("&last={}", percent_encoded(page))).unwrap_or_default();
        let path = format!("/acr/v1/{}/_manifests?n={PAGE}{last}", percent_encoded(repository));
        manifests(&api.get(&path)?, &target, repository)
    }

    fn delete_tag(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        tag: &str,
    ) -> Result<(), Failure> {
        let (target, api) = open(registry, connector, repository, "delete")?;
        let path = format!("/acr/v1/{}/_tags/{}", percent_encoded(repository), percent_encoded(tag));
        let response = api.delete(&path)?;
        match response.status {
            200 | 202 => Ok(()),
            404 => Err(Failure::not_found(format!("`{repository}` has no tag `{tag}`"))),
            // A tag that was locked (`az acr repository update --delete-enabled false`).
            405 => Err(Failure::conflict(format!("tag `{tag}` of `{repository}` is locked"))
                .hint("`az acr repository update --delete-enabled true` lets it be deleted")),
            _ => Err(refusal::of_registry(&response, &target.service, None).failure),
        }
    }
}

/// The API with a token for an action on a repository. Without a connector the registry's own protocol is all that
/// there is.
fn open(
    registry: &Registry,
    connector: Option<&Connector>,
    repository: &str,
    action: &str,
) -> Result<(Target, http::Api<'static>), Failure> {
    let connector =
        connector.ok_or_else(|| Failure::unsupported("the registry's API takes the identity of a connector"))?;
    let (target, scope) = (Target::of(registry)?, format!("repository:{repository}:{action}"));
    let token = match connector::login(connector)? {
        Login::Password { username, password } => {
            exchange::access_token(&target, &RegistryCredential::Password(username, password), &scope)?
        }
        Login::Token(source) => {
            let token = refresh_token(source, &target, &registry.options())?;
            exchange::access_token(&target, &RegistryCredential::RefreshToken(&token), &scope)?
        }
    };
    let api = http::Api::bearer(target.tokens.clone(), token);
    Ok((target, api))
}

fn manifests(response: &Response, target: &Target, repository: &str) -> Result<TagPage, Failure> {
    match response.status {
        200 => {}
        404 => return Err(Failure::not_found(format!("registry `{}` has no `{repository}`", target.service))),
        _ => return Err(refusal::of_registry(response, &target.service, None).failure),
    }
    let body = response.json();
    // A repository whose last manifest is gone has the member `null`.
    let all: Vec<&Value> = match body.get("manifests") {
        Some(Value::Array(all)) => all.iter().collect(),
        Some(Value::Null) => Vec::new(),
        _ => return Err(refusal::unreadable(&format!("registry `{}`", target.service))),
    };
    let manifests: Vec<ListedManifest> = all.iter().filter_map(|manifest| listed(manifest)).collect();
    let next = manifests.last().filter(|_| all.len() >= PAGE).and_then(|last| last.digest.clone());
    Ok(TagPage { manifests, next })
}

fn listed(manifest: &Value) -> Option<ListedManifest> {
    let tags = manifest.get("tags").and_then(Value::as_array).into_iter().flatten();
    let time = |member: &str| time::from_rfc3339(manifest.get(member)?.as_str()?);
    Some(ListedManifest {
        tags: tags.filter_map(Value::as_str).map(str::to_owned).collect(),
        size: manifest.get("imageSize").and_then(Value::as_u64),
        // A manifest that was tagged anew is updated.
        pushed_at: time("lastUpdateTime").max(time("createdTime")),
        ..ListedManifest::of_digest(manifest.get("digest")?.as_str()?)
    })
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::{answer, cleanup_operations, registry};
    use crhost_flavor::{FailureKind, Flavor as _};
    use serde_json::json;

    use super::*;
    use crate::Azure;

    fn target() -> Target {
        Target::of(&registry("contoso.azurecr.io", &[])).unwrap()
    }

    #[test]
    fn manifests_are_listed_with_or_without_tags_and_the_time_of_their_last_change() {
        let body = json!({"registry": "contoso.azurecr.io", "imageName": "team/train", "manifests": [
            {"digest": "sha256:aa", "imageSize": 42, "createdTime": "2025-01-02T03:04:05.1234567Z",
                "lastUpdateTime": "2026-01-02T03:04:05.1234567Z", "tags": ["v1", "latest"]},
            {"digest": "sha256:bb", "createdTime": "2025-01-02T03:04:05Z"},
        ]});
        let page = manifests(&answer(200, &body.to_string()), &target(), "team/train").unwrap();
        let [tagged, untagged] = page.manifests.as_slice() else { panic!("{page:?}") };
        assert_eq!((tagged.tags.len(), tagged.size), (2, Some(42)));
        assert_eq!(tagged.pushed_at, time::from_rfc3339("2026-01-02T03:04:05Z"));
        assert_eq!((untagged.digest.as_deref(), untagged.tags.len(), page.next), (Some("sha256:bb"), 0, None));
        let empty = manifests(&answer(200, r#"{"manifests":null}"#), &target(), "x").unwrap();
        assert_eq!(empty.manifests.len(), 0);
        let full = json!({"manifests": vec![json!({"digest": "sha256:cc"}); PAGE]}).to_string();
        assert_eq!(manifests(&answer(200, &full), &target(), "x").unwrap().next.as_deref(), Some("sha256:cc"));
    }

    #[test]
    fn an_answer_that_is_no_list_is_told_apart_from_an_empty_one() {
        for (status, body, kind) in [
            (404, "{}", FailureKind::NotFound),
            (200, "{}", FailureKind::Other),
            (200, "<html>", FailureKind::Other),
            (503, "", FailureKind::Unavailable),
        ] {
            assert_eq!(manifests(&answer(status, body), &target(), "x").unwrap_err().kind, kind, "{status} {body}");
        }
    }

    #[test]
    fn asks_for_these_operations_and_no_other() {
        let host = "https://{registry}|<exchange-endpoint>";
        let expected = [
            format!("- list-manifests: GET {host} /acr/v1/*/_manifests ?n&last"),
            format!("- delete-tag: DELETE {host} /acr/v1/*/_tags/*"),
        ];
        assert_eq!(cleanup_operations::<Azure>(), expected);
    }

    #[test]
    fn without_a_connector_the_registry_s_own_protocol_is_used() {
        let listed = Azure::list_tags(registry("contoso.azurecr.io", &[]), None, "train".to_owned(), None);
        assert_eq!(listed.unwrap_err().kind, FailureKind::Unsupported);
    }
}
