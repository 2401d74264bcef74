//! Lists over Artifact Registry's API, with the times of pushes and manifests without tags. The registry deletes over
//! its own protocol: tags, and manifests without any.

use crhost_flavor::cleanup::{Cleanup, CleanupOperations, ListedManifest, RepositoryPage, TagPage};
use crhost_flavor::http::percent_encoded;
use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{Connector, Failure, Image, Registry, password, time};
use serde::Deserialize;

use crate::operations::{self, Bearer};
use crate::target::Target;
use crate::{api, connector, describe};

// Permissions of the calls.
const PACKAGES: &str = "artifactregistry.packages.list";
const VERSIONS: &str = "artifactregistry.versions.list";

/// A name that stands for any image of a repository.
const ANY: &str = "x";

/// The interface `cleanup`.
pub(crate) struct Api;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    packages: Vec<Package>,
    #[serde(default)]
    versions: Vec<Version>,
    #[serde(default)]
    next_page_token: String,
}

/// A package, or a tag: what has a name.
#[derive(Debug, Deserialize)]
struct Package {
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    name: String,
    #[serde(default)]
    create_time: String,
    #[serde(default)]
    update_time: String,
    #[serde(default)]
    related_tags: Vec<Package>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    /// A number in a text, as Google has it for 64 bits.
    image_size_bytes: String,
}

impl Cleanup for Api {
    fn operations() -> Vec<CleanupOperations> {
        let of_method =
            |method: &str, bearer| CleanupOperations::of_method(describe::TYPE, method, operations::of_cleanup(bearer));
        vec![
            of_method(describe::SERVICE_ACCOUNT, Bearer::Signed(describe::SERVICE_ACCOUNT_JSON)),
            of_method(describe::OAUTH2_TOKEN, Bearer::Stored(describe::TOKEN)),
            of_method(describe::IMPLICIT, Bearer::Signed(describe::APPLICATION_CREDENTIALS)),
            CleanupOperations::without_secrets(operations::of_cleanup(Bearer::Issued)),
        ]
    }

    fn list_repositories(
        registry: &Registry,
        connector: Option<&Connector>,
        page: Option<&str>,
    ) -> Result<RepositoryPage, Failure> {
        let uri = RegistryUri::parse(&registry.uri)?;
        let below = uri.path().iter().copied().chain([ANY]).collect::<Vec<_>>().join("/");
        let target = Target::of(registry, &image(&uri, &below)).map_err(|_| {
            Failure::unsupported("Artifact Registry lists the images of one repository, which the URI names")
        })?;
        let found = get(registry, connector, &target, "/packages?pageSize=1000", page, PACKAGES)?;
        let front = below.strip_suffix(target.package.as_str()).unwrap_or_default();
        let names = found.packages.iter().filter_map(|package| last(&package.name));
        Ok(RepositoryPage { repositories: names.map(|name| format!("{front}{name}")).collect(), next: found.next() })
    }

    fn list_tags(
        registry: &Registry,
        connector: Option<&Connector>,
        repository: &str,
        page: Option<&str>,
    ) -> Result<TagPage, Failure> {
        let target = Target::of(registry, &image(&RegistryUri::parse(&registry.uri)?, repository))?;
        let package = percent_encoded(&target.package);
        let path = format!("/packages/{package}/versions?view=FULL&pageSize=1000");
        let found = get(registry, connector, &target, &path, page, VERSIONS)?;
        let next = found.next();
        Ok(TagPage { manifests: found.versions.into_iter().filter_map(listed).collect(), next })
    }
}

fn image(uri: &RegistryUri, repository: &str) -> Image {
    Image { host: uri.authority(), repository: repository.to_owned(), tag: None, digest: None }
}

/// A part of a list below a repository.
fn get(
    registry: &Registry,
    connector: Option<&Connector>,
    target: &Target,
    path: &str,
    page: Option<&str>,
    permission: &str,
) -> Result<Page, Failure> {
    let connector = connector.filter(|connector| connector.method != password::PASSWORD);
    let connector =
        connector.ok_or_else(|| Failure::unsupported("a password does not open Artifact Registry's API"))?;
    let (options, principal) = (registry.options(), connector::principal(connector)?);
    let location = target.location()?;
    let api = api::new(&target.api, principal.api_token(&options)?, principal.quota_project(&target.project));
    let (project, repository) = (target.project.id(), &target.repository);
    let next = page.map(|page| format!("&pageToken={}", percent_encoded(page))).unwrap_or_default();
    let path = format!("/projects/{project}/locations/{location}/repositories/{repository}{path}{next}");
    api::read(&api.get(&path)?, permission)
}

impl Page {
    fn next(&self) -> Option<String> {
        Some(self.next_page_token.clone()).filter(|token| !token.is_empty())
    }
}

/// The last part of a resource's name, in which a slash is encoded.
fn last(name: &str) -> Option<String> {
    let last = name.rsplit('/').next().filter(|last| !last.is_empty())?;
    Some(last.replace("%2F", "/").replace("%2f", "/"))
}

fn listed(version: Version) -> Option<ListedManifest> {
    Some(ListedManifest {
        tags: version.related_tags.iter().filter_map(|tag| last(&tag.name)).collect(),
        size: version.metadata.image_size_bytes.parse().ok(),
        // A version that was tagged anew is updated.
        pushed_at: time::from_rfc3339(&version.update_time).max(time::from_rfc3339(&version.create_time)),
        ..ListedManifest::of_digest(last(&version.name)?)
    })
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::{answer, cleanup_operations, connector, registry};
    use crhost_flavor::{FailureKind, Flavor as _};

    use super::*;
    use crate::Gcp;

    #[test]
    fn versions_are_manifests_with_or_without_tags() {
        let body = r#"{"versions":[{"name":"projects/p/locations/l/repositories/r/packages/team%2Ftrain/versions/sha256:aa",
            "createTime":"2025-01-01T00:00:00.123Z","updateTime":"2026-01-02T00:00:00Z",
            "relatedTags":[{"name":"projects/p/locations/l/repositories/r/packages/team%2Ftrain/tags/v1","version":"x"}],
            "metadata":{"imageSizeBytes":"42","mediaType":"x","name":"y"}},
            {"name":"a/versions/sha256:bb","createTime":"2025-01-01T00:00:00Z"}],"nextPageToken":"t"}"#;
        let page: Page = api::parse(&answer(200, body)).unwrap();
        assert_eq!(page.next().as_deref(), Some("t"));
        let found: Vec<ListedManifest> = page.versions.into_iter().filter_map(listed).collect();
        assert_eq!((found[0].digest.as_deref(), found[0].size), (Some("sha256:aa"), Some(42)));
        assert_eq!(found[0].pushed_at, time::from_rfc3339("2026-01-02T00:00:00Z"));
        assert_eq!(found[0].tags, ["v1"]);
        assert_eq!((found[1].digest.as_deref(), found[1].tags.len()), (Some("sha256:bb"), 0));
        assert_eq!(api::parse::<Page>(&answer(200, "{}")).unwrap().next(), None);
    }

    #[test]
    fn an_image_is_a_package_of_its_repository() {
        for (uri, repository, package) in [
            ("europe-west1-docker.pkg.dev/p/r", "p/r/team/train", "team/train"),
            ("gcr.io/p", "p/train", "train"),
            ("eu.gcr.io/example.com/p", "example.com/p/team/train", "team/train"),
        ] {
            let registry = registry(uri, &[]);
            let image = image(&RegistryUri::parse(uri).unwrap(), repository);
            assert_eq!(Target::of(&registry, &image).unwrap().package, package, "{uri}");
        }
        assert_eq!(last("projects/p/packages/team%2Ftrain").as_deref(), Some("team/train"));
    }

    #[test]
    fn only_lists_are_asked_for() {
        let operations = cleanup_operations::<Gcp>();
        assert_eq!(operations.len(), 8);
        assert!(operations.iter().all(|line| line.contains(": GET https://artifactregistry.googleapis.com|")));
    }

    #[test]
    fn a_password_opens_no_api_and_a_project_alone_is_no_repository() {
        let password = connector("password", &[("username", "_json_key")]);
        let registry_of = |uri| registry(uri, &[]);
        let uri = "europe-west1-docker.pkg.dev/p/r";
        let listed = Gcp::list_tags(registry_of(uri), Some(password), "p/r/train".to_owned(), None);
        assert_eq!(listed.unwrap_err().kind, FailureKind::Unsupported);
        let listed = Gcp::list_repositories(registry_of("europe-west1-docker.pkg.dev/p"), None, None);
        assert_eq!(listed.unwrap_err().kind, FailureKind::Unsupported);
    }
}
