//! The registries of a project.

use std::collections::BTreeSet;

use crhost_flavor::Failure;
use crhost_flavor::http::{Api, percent_encoded};
use serde::Deserialize;

use crate::api;
use crate::host;
use crate::names::{self, Project};

// Permissions of the calls.
const LOCATIONS: &str = "artifactregistry.locations.list";
const REPOSITORIES: &str = "artifactregistry.repositories.list";

/// Most requests of a listing: crhost allows 64 in one call, and getting a token takes up to two.
const REQUESTS: usize = 60;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    locations: Vec<Location>,
    #[serde(default)]
    repositories: Vec<Repository>,
    #[serde(default)]
    next_page_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    location_id: String,
}

#[derive(Deserialize)]
struct Repository {
    name: String,
    format: String,
    #[serde(default)]
    mode: String,
}

/// Lists the repositories that take images, in one location or in all of them; no call lists all locations at once.
pub(crate) fn list(api: &Api<'_>, project: &Project, location: Option<&str>) -> Result<Vec<String>, Failure> {
    let mut left = REQUESTS;
    let project_path = format!("/projects/{}", project.id());
    let locations = match location {
        Some(location) => vec![location.to_owned()],
        None => pages(api, &format!("{project_path}/locations"), LOCATIONS, &mut left)?
            .into_iter()
            .flat_map(|page| page.locations)
            .map(|location| location.location_id)
            .filter(|location| location.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
            .collect(),
    };
    let mut found = BTreeSet::new();
    for location in locations {
        let path = format!("{project_path}/locations/{location}/repositories");
        for page in pages(api, &path, REPOSITORIES, &mut left)? {
            found.extend(page.repositories.iter().filter_map(|repository| uri(repository, project, &location)));
        }
    }
    Ok(found.into_iter().collect())
}

/// All pages at a path.
fn pages(api: &Api<'_>, path: &str, permission: &str, left: &mut usize) -> Result<Vec<Page>, Failure> {
    let (mut pages, mut token) = (Vec::new(), String::new());
    loop {
        *left = left.checked_sub(1).ok_or_else(|| {
            Failure::other(format!("listing the registries takes more than {REQUESTS} requests"))
                .hint("list one location at a time, e.g. with `--option location=europe-west1`")
        })?;
        let next = if token.is_empty() { String::new() } else { format!("&pageToken={}", percent_encoded(&token)) };
        let page: Page = api::read(&api.get(&format!("{path}?pageSize=1000{next}"))?, permission)?;
        token.clone_from(&page.next_page_token);
        pages.push(page);
        if token.is_empty() {
            return Ok(pages);
        }
    }
}

/// The URI of a repository as a registry; `None` if it takes no images.
fn uri(repository: &Repository, project: &Project, location: &str) -> Option<String> {
    let name = repository.name.rsplit('/').next().filter(|name| names::is_repository(name))?;
    let takes_pushes = !matches!(repository.mode.as_str(), "REMOTE_REPOSITORY" | "VIRTUAL_REPOSITORY");
    (repository.format == "DOCKER" && takes_pushes).then(|| match host::gcr_of(location, name) {
        Some(gcr) => format!("{gcr}/{}", project.path()),
        None => format!("{}/{}/{name}", host::docker(location), project.path()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uri::accept;

    #[test]
    fn a_repository_of_images_is_a_registry_under_its_canonical_uri() {
        let project = Project::parse("example.com:my-project").unwrap();
        let of = |location: &str, name: &str, format: &str, mode: &str| {
            let name = format!("projects/example.com:my-project/locations/{location}/repositories/{name}");
            uri(&Repository { name, format: format.into(), mode: mode.into() }, &project, location)
        };
        for (location, name, expected) in [
            ("us", "gcr.io", "gcr.io/example.com/my-project"),
            ("europe", "eu.gcr.io", "eu.gcr.io/example.com/my-project"),
            ("europe-west1", "r", "europe-west1-docker.pkg.dev/example.com/my-project/r"),
            ("europe-west1", "gcr.io", "europe-west1-docker.pkg.dev/example.com/my-project/gcr.io"),
        ] {
            let uri = of(location, name, "DOCKER", "STANDARD_REPOSITORY").unwrap();
            assert_eq!(uri, expected);
            assert_eq!(accept(&uri).unwrap().uri, uri);
        }
        assert_eq!(of("us", "r", "MAVEN", "STANDARD_REPOSITORY"), None);
        assert_eq!(of("us", "r", "DOCKER", "REMOTE_REPOSITORY"), None);
        assert_eq!(of("us", "r", "DOCKER", "VIRTUAL_REPOSITORY"), None);
        assert_eq!(of("us", "R?", "DOCKER", ""), None);
    }
}
