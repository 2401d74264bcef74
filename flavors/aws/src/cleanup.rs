//! Lists and deletions over ECR's API: the registry itself deletes nothing.

use crhost_flavor::cleanup::{Cleanup, CleanupOperations, ListedManifest, RepositoryPage, TagPage};
use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{Connector, Failure, Image, Registry};
use serde_json::{Map, Value, json};

use crate::configured::with_target;
use crate::connector;
use crate::endpoint::{Answer, unreadable};
use crate::keys::Keys;
use crate::operations;
use crate::repository;
use crate::target::Target;

/// Entries of a part of a list: the most that ECR gives at once.
const PAGE: u32 = 1_000;

/// ECR's API for a registry, with a connector's keys.
struct Signed<'a> {
    target: Target,
    keys: Keys<'a>,
    host: String,
}

impl<'a> Signed<'a> {
    fn new(registry: &Registry, connector: Option<&'a Connector>) -> Result<Self, Failure> {
        let connector = connector.ok_or_else(|| Failure::unsupported("ECR's API takes the keys of a connector"))?;
        let (target, keys) = with_target(registry, connector, |target, options| {
            Ok((target.clone(), connector::keys(connector, options, &target.sts)?))
        })?;
        Ok(Self { target, keys, host: RegistryUri::parse(&registry.uri)?.authority() })
    }

    /// Calls an operation about a repository of the registry, or about all.
    fn call(&self, operation: &str, repository: Option<&str>, body: Map<String, Value>) -> Result<Answer, Failure> {
        let mut body = body;
        if let Some(repository) = repository {
            let image = Image { host: self.host.clone(), repository: repository.to_owned(), tag: None, digest: None };
            body.insert("repositoryName".to_owned(), json!(repository::name(&image, self.target.public)?));
        }
        body.extend(self.target.account.iter().map(|account| ("registryId".to_owned(), json!(account))));
        self.target.ecr.json(&self.keys, operation, &body.into())
    }

    /// The JSON of an answer.
    fn read(&self, operation: &'static str, answer: Answer) -> Result<Value, Failure> {
        match answer {
            Answer::Done(response) => {
                let body = Some(response.json()).filter(Value::is_object);
                body.ok_or_else(|| unreadable(self.target.ecr.service, operation))
            }
            Answer::Refused(refusal, _) if refusal.code == "RepositoryNotFoundException" => {
                Err(Failure::not_found(format!("{} has no such repository", self.target.ecr.service)))
            }
            Answer::Refused(_, failure) => Err(failure),
        }
    }
}

/// The parameters of a part of a list.
fn part(page: Option<&str>) -> Map<String, Value> {
    let mut body = Map::from_iter([("maxResults".to_owned(), json!(PAGE))]);
    body.extend(page.map(|page| ("nextToken".to_owned(), json!(page))));
    body
}

/// The interface `cleanup`.
pub(crate) struct Api;

impl Cleanup for Api {
    fn operations() -> Vec<CleanupOperations> {
        operations::cleanup()
    }

    fn list_repositories(
        registry: &Registry,
        connector: Option<&Connector>,
        page: Option<&str>,
    ) -> Result<RepositoryPage, Failure> {
        let signed = Signed::new(registry, connector)?;
        let answer = signed.call("DescribeRepositories", None, part(page))?;
        let body = signed.read("DescribeRepositories", answer)?;
        let prefix = match signed.target.public {
            // The alias, which belongs to the registry.
            true => {
                RegistryUri::parse(&registry.uri)?.path().first().map(|alias| format!("{alias}/")).unwrap_or_default()
            }
            false => String::new(),
        };
        Ok(repositories(&body, &prefix))
    }

    fn list_tags(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        page: Option<&str>,
    ) -> Result<TagPage, Failure> {
        let signed = Signed::new(registry, connector)?;
        let answer = signed.call("DescribeImages", Some(repository), part(page))?;
        Ok(images(&signed.read("DescribeImages", answer)?))
    }

    fn delete_manifest(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        digest: &str,
    ) -> Result<(), Failure> {
        delete(registry, connector, repository, "imageDigest", digest)
    }

    fn delete_tag(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        tag: &str,
    ) -> Result<(), Failure> {
        delete(registry, connector, repository, "imageTag", tag)
    }
}

/// Deletes an image by its digest or a tag by its name: `id` is the member of an image's identifier.
fn delete(
    registry: &Registry,
    connector: Option<&Connector>,
    repository: &str,
    id: &'static str,
    name: &str,
) -> Result<(), Failure> {
    let signed = Signed::new(registry, connector)?;
    let body = Map::from_iter([("imageIds".to_owned(), json!([{id: name}]))]);
    let answer = signed.call("BatchDeleteImage", Some(repository), body)?;
    deleted(&signed.read("BatchDeleteImage", answer)?, name)
}

fn next(body: &Value) -> Option<String> {
    body.get("nextToken").and_then(Value::as_str).map(str::to_owned)
}

fn list<'a>(body: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    body.get(member).and_then(Value::as_array).into_iter().flatten()
}

fn repositories(body: &Value, prefix: &str) -> RepositoryPage {
    let names = list(body, "repositories").filter_map(|repository| repository.get("repositoryName")?.as_str());
    RepositoryPage { repositories: names.map(|name| format!("{prefix}{name}")).collect(), next: next(body) }
}

fn images(body: &Value) -> TagPage {
    let listed = |image: &Value| {
        let tags = list(image, "imageTags").filter_map(Value::as_str).map(str::to_owned).collect();
        Some(ListedManifest {
            tags,
            size: image.get("imageSizeInBytes").and_then(Value::as_u64),
            // Seconds with a fraction.
            pushed_at: image.get("imagePushedAt").and_then(Value::as_f64).filter(|at| *at > 0.0).map(|at| at as u64),
            ..ListedManifest::of_digest(image.get("imageDigest")?.as_str()?)
        })
    };
    TagPage { manifests: list(body, "imageDetails").filter_map(listed).collect(), next: next(body) }
}

fn deleted(body: &Value, name: &str) -> Result<(), Failure> {
    let Some(failure) = list(body, "failures").next() else { return Ok(()) };
    let text = |member: &str| failure.get(member).and_then(Value::as_str).unwrap_or_default();
    let (code, reason) = (text("failureCode"), text("failureReason"));
    match code {
        "ImageNotFound" | "ImageTagDoesNotMatchDigest" => Err(Failure::not_found(format!("ECR has no image `{name}`"))),
        "ImageReferencedByManifestList" => {
            Err(Failure::conflict(format!("ECR does not delete `{name}`, which an index names: {reason}"))
                .hint("delete the index first"))
        }
        _ => Err(Failure::other(format!("ECR did not delete `{name}` ({code}): {reason}"))),
    }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::FailureKind;

    use super::*;

    #[test]
    fn images_are_listed_with_their_tags_sizes_and_times() {
        let body = json!({"imageDetails": [
            {"imageDigest": "sha256:aa", "imageTags": ["v1"], "imageSizeInBytes": 42, "imagePushedAt": 1_700_000_000.5},
            {"imageDigest": "sha256:bb"},
        ], "nextToken": "t"});
        let page = images(&body);
        let [tagged, untagged] = page.manifests.as_slice() else { panic!("{page:?}") };
        assert_eq!((tagged.pushed_at, tagged.size, tagged.tags.len()), (Some(1_700_000_000), Some(42), 1));
        assert_eq!((untagged.digest.as_deref(), untagged.tags.len()), (Some("sha256:bb"), 0));
        assert_eq!(page.next.as_deref(), Some("t"));
    }

    #[test]
    fn the_alias_of_a_public_registry_is_part_of_the_repositories() {
        let body = json!({"repositories": [{"repositoryName": "team/train"}]});
        assert_eq!(repositories(&body, "acme/").repositories, ["acme/team/train"]);
        assert_eq!(repositories(&body, "").repositories, ["team/train"]);
    }

    #[test]
    fn each_reason_why_an_image_was_not_deleted_is_told() {
        let failure = |code: &str| {
            let body = json!({"failures": [{"failureCode": code, "failureReason": "because"}]});
            deleted(&body, "sha256:aa").unwrap_err().kind
        };
        assert_eq!(failure("ImageNotFound"), FailureKind::NotFound);
        assert_eq!(failure("ImageReferencedByManifestList"), FailureKind::Conflict);
        assert_eq!(failure("KmsError"), FailureKind::Other);
        assert_eq!(deleted(&json!({"imageIds": [{}], "failures": []}), "v1"), Ok(()));
    }
}
