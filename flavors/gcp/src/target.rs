//! The repository in Artifact Registry that an image belongs to: its project, its name, and its location.

use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{Failure, Image, Options, Registry};

use crate::describe;
use crate::endpoint;
use crate::host::{self, Gcr, Host};
use crate::location::{self, LocationCheck};
use crate::names::{self, Project};

/// The repository of an image.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Target {
    /// Its project.
    pub(crate) project: Project,
    /// Its name.
    pub(crate) repository: String,
    /// Its location; `None` on a host of the user's own without the option `location`.
    location: Option<String>,
    /// The image's name within it.
    pub(crate) package: String,
    /// Whether it keeps the images of a host of Container Registry.
    pub(crate) is_gcr: bool,
    /// The URL of Artifact Registry's API for it.
    pub(crate) api: String,
}

impl Target {
    /// Derives it from the registry's URI and options and the image's name.
    pub(crate) fn of(registry: &Registry, image: &Image) -> Result<Self, Failure> {
        let options = registry.options();
        let uri = RegistryUri::parse(&registry.uri)?;
        let host = host::parse(uri.host()).unwrap_or(Host::Other);
        let api = match (endpoint::ARTIFACT_REGISTRY.replacement(&options), &host) {
            (Some(replacement), _) => replacement,
            (None, Host::Regional(region)) => format!("https://artifactregistry.{region}.rep.googleapis.com"),
            (None, _) => endpoint::ARTIFACT_REGISTRY.address.to_owned(),
        };
        match host {
            Host::Gcr(gcr) => Self::in_gcr(gcr, api, &options, image),
            Host::Docker(location) | Host::Regional(location) => {
                let (project, rest) = project_and_rest(&options, image)?;
                let (repository, package) = repository(&rest).ok_or_else(|| too_short(image, false))?;
                names::check_repository(repository)?;
                agree(describe::LOCATION, location_option(&options)?, &location)?;
                Ok(Self::new(project, repository, package, Some(location), api))
            }
            Host::Other => Self::behind_other(api, &options, image),
        }
    }

    /// The repository behind a host of Container Registry, which has the host's name.
    fn in_gcr(gcr: Gcr, api: String, options: &Options, image: &Image) -> Result<Self, Failure> {
        let location = location_option(options)?;
        let path: Vec<&str> = image.repository.split('/').collect();
        let split = names::split(&path)?;
        let (Some(project), true) = (split.project, !split.rest.is_empty()) else {
            return Err(misfit(image, "project/image", &format!("{}/my-project/{}", image.host, image.repository)));
        };
        agree(describe::LOCATION, location, gcr.location)?;
        agree_project(options, &project)?;
        Ok(Self::new(project, gcr.host, &split.rest, Some(gcr.location.to_owned()), api))
    }

    /// The repository behind a host of the user's own. With the option `project` the host leads into that project, and
    /// paths do not begin with it.
    fn behind_other(api: String, options: &Options, image: &Image) -> Result<Self, Failure> {
        let location = location_option(options)?;
        let (project, rest, is_inside) = match options.get(describe::PROJECT) {
            Some(project) => (parsed(project)?, image.repository.split('/').collect(), true),
            None => {
                let (project, rest) = project_and_rest(options, image)?;
                (project, rest, false)
            }
        };
        let (repository, package) = repository(&rest).ok_or_else(|| too_short(image, is_inside))?;
        names::check_repository(repository)?;
        Ok(Self::new(project, repository, package, location.map(str::to_owned), api))
    }

    fn new(project: Project, repository: &str, package: &[&str], location: Option<String>, api: String) -> Self {
        let is_gcr = location.as_deref().is_some_and(|location| host::gcr_of(location, repository).is_some());
        Self { project, repository: repository.to_owned(), location, package: package.join("/"), is_gcr, api }
    }

    /// The location; fails if neither the host nor an option says it.
    pub(crate) fn location(&self) -> Result<&str, Failure> {
        self.location.as_deref().ok_or_else(|| {
            Failure::invalid_input(
                "the host is none of Google's, and no option `location` says where the repository is",
            )
            .hint(
                "add e.g. `--option location=europe-west1` when registering the registry, or use the flavor `default`",
            )
        })
    }
}

/// The project at the front of an image's path, with which the option has to agree, and the rest of the path.
fn project_and_rest<'a>(options: &Options, image: &'a Image) -> Result<(Project, Vec<&'a str>), Failure> {
    let path: Vec<&str> = image.repository.split('/').collect();
    let split = names::split(&path)?;
    let project = split.project.ok_or_else(|| too_short(image, false))?;
    agree_project(options, &project)?;
    Ok((project, split.rest))
}

/// The repository at the front of a path, and the image behind it.
fn repository<'a, 'p>(path: &'p [&'a str]) -> Option<(&'a str, &'p [&'a str])> {
    match path {
        [repository, image @ ..] if !image.is_empty() => Some((repository, image)),
        _ => None,
    }
}

/// The failure for a path without a repository; `is_inside` if the host leads into a project.
fn too_short(image: &Image, is_inside: bool) -> Failure {
    let (form, front) = match is_inside {
        true => ("repository/image", ""),
        false => ("project/repository/image", "my-project/"),
    };
    let name = image.repository.rsplit('/').next().unwrap_or_default();
    misfit(image, form, &format!("{}/{front}my-repository/{name}", image.host))
}

/// Whether a registry is on one of Google's hosts.
pub(crate) fn is_google_s(registry: &Registry) -> Result<bool, Failure> {
    Ok(!matches!(host::parse(RegistryUri::parse(&registry.uri)?.host()), Ok(Host::Other)))
}

fn misfit(image: &Image, form: &str, example: &str) -> Failure {
    Failure::invalid_input(format!(
        "image path `{}` does not fit Artifact Registry, expected `{form}`",
        image.repository
    ))
    .hint(format!("name the image e.g. `{example}`"))
}

/// The value of the option `location`; fails if it can't be a location.
pub(crate) fn location_option(options: &Options) -> Result<Option<&str>, Failure> {
    let Some(text) = options.get(describe::LOCATION) else { return Ok(None) };
    match location::check(text) {
        LocationCheck::Known | LocationCheck::Plausible => Ok(Some(text)),
        LocationCheck::Invalid(meant) => {
            let failure = Failure::invalid_input(format!(
                "option `location` is `{text}`, which is not a location of Artifact Registry"
            ));
            Err(failure.hint(match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "write e.g. `europe-west1`; `gcloud artifacts locations list` shows them".to_owned(),
            }))
        }
    }
}

/// The project that the option names.
fn parsed(project: &str) -> Result<Project, Failure> {
    Project::parse(project).ok_or_else(|| {
        Failure::invalid_input(format!("option `project` is `{project}`, which is not the id of a project"))
            .hint("`gcloud projects list` shows the ids")
    })
}

/// Fails if an option contradicts the image's name.
fn agree(option: &str, value: Option<&str>, in_name: &str) -> Result<(), Failure> {
    match value {
        Some(value) if value != in_name => Err(Failure::invalid_input(format!(
            "option `{option}` is `{value}`, and the image's name says `{in_name}`"
        ))
        .hint(format!("leave the option `{option}` out, or push to the registry that is meant"))),
        _ => Ok(()),
    }
}

fn agree_project(options: &Options, project: &Project) -> Result<(), Failure> {
    let option = options.get(describe::PROJECT).map(parsed).transpose()?;
    agree(describe::PROJECT, option.as_ref().map(Project::id), project.id())
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing;

    use super::*;

    fn target(uri: &str, repository: &str, options: &[(&str, &str)]) -> Result<Target, Failure> {
        let host = uri.split('/').next().unwrap();
        Target::of(&testing::registry(uri, options), &testing::image(host, repository))
    }

    fn resource(uri: &str, repository: &str, options: &[(&str, &str)]) -> String {
        let target = target(uri, repository, options).unwrap();
        format!("{}/{}/{}", target.project.id(), target.location().unwrap(), target.repository)
    }

    #[test]
    fn an_image_s_name_leads_to_its_repository() {
        for (uri, repository, resource) in [
            ("us-docker.pkg.dev/my-project/r", "my-project/r/train", "my-project/us/r"),
            ("us-docker.pkg.dev/my-project", "my-project/r/a/b", "my-project/us/r"),
            ("us-docker.pkg.dev", "example.com/my-project/r/train", "example.com:my-project/us/r"),
            ("docker.us-east4.rep.pkg.dev/my-project/r", "my-project/r/train", "my-project/us-east4/r"),
            ("gcr.io/my-project", "my-project/train", "my-project/us/gcr.io"),
            ("us.gcr.io/my-project", "my-project/a/train", "my-project/us/us.gcr.io"),
            ("eu.gcr.io/my-project", "my-project/train", "my-project/europe/eu.gcr.io"),
            ("asia.gcr.io", "example.com/my-project/train", "example.com:my-project/asia/asia.gcr.io"),
        ] {
            assert_eq!(super::tests::resource(uri, repository, &[]), resource, "{uri} {repository}");
        }
    }

    #[test]
    fn a_name_that_is_too_short_is_told_what_it_needs() {
        for (uri, repository, form) in [
            ("us-docker.pkg.dev/my-project", "my-project/train", "project/repository/image"),
            ("us-docker.pkg.dev", "my-project", "project/repository/image"),
            ("us-docker.pkg.dev", "example.com/my-project/r", "project/repository/image"),
            ("gcr.io", "my-project", "project/image"),
            ("gcr.io", "example.com/my-project", "project/image"),
        ] {
            let failure = target(uri, repository, &[]).unwrap_err();
            assert!(failure.message.contains(&format!("`{form}`")), "{uri} {repository}: {}", failure.message);
        }
    }

    #[test]
    fn a_host_of_one_s_own_needs_the_location_and_may_lead_into_a_project() {
        let own = |repository, options: &[(&str, &str)]| target("localhost:5000", repository, options);
        assert!(own("my-project/r/i", &[]).unwrap().location().unwrap_err().hint.unwrap().contains("location="));
        let location = ("location", "europe-west1");
        assert_eq!(resource("localhost:5000", "my-project/r/i", &[location]), "my-project/europe-west1/r");
        let project = ("project", "example.com:my-project");
        assert_eq!(resource("localhost:5000", "r/i", &[location, project]), "example.com:my-project/europe-west1/r");
        assert!(own("r", &[location, project]).unwrap_err().message.contains("`repository/image`"));
        assert!(own("r/i", &[("project", "No")]).unwrap_err().hint.unwrap().contains("gcloud"));
        assert!(own("my-project/r/i", &[("location", "eu")]).unwrap_err().hint.unwrap().contains("`europe`"));
        let is_google_s = |uri: &str| is_google_s(&testing::registry(uri, &[]));
        assert_eq!((is_google_s("localhost:5000/p"), is_google_s("gcr.io")), (Ok(false), Ok(true)));
    }

    #[test]
    fn options_that_say_otherwise_than_the_name_are_refused() {
        let of = |options: &[(&str, &str)]| target("us-docker.pkg.dev/my-project/r", "my-project/r/i", options);
        assert!(of(&[("location", "us"), ("project", "my-project")]).is_ok());
        assert!(of(&[("location", "europe")]).is_err());
        assert!(of(&[("project", "other-project")]).is_err());
        assert!(target("gcr.io/my-project", "my-project/i", &[("location", "europe")]).is_err());
    }

    #[test]
    fn the_api_is_google_s_the_region_s_or_the_user_s() {
        let api = |uri, options: &[(&str, &str)]| target(uri, "my-project/r/i", options).unwrap().api;
        assert_eq!(api("us-docker.pkg.dev", &[]), "https://artifactregistry.googleapis.com");
        assert_eq!(api("docker.us-east4.rep.pkg.dev", &[]), "https://artifactregistry.us-east4.rep.googleapis.com");
        let own = [("artifact-registry-endpoint", "http://127.0.0.1:1/")];
        assert_eq!(api("docker.us-east4.rep.pkg.dev", &own), "http://127.0.0.1:1");
    }
}
