//! What an image is on Google's side: its project, its repository, and where that is.

use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{Failure, Image, Options, Registry};

use crate::describe;
use crate::endpoint;
use crate::host::{self, Host};
use crate::location::{self, Verdict};
use crate::names::{self, Project};

/// The repository of an image.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Target {
    pub(crate) project: Project,
    pub(crate) repository: String,
    /// Where it is; none on a host of the user's own, unless an option says it.
    location: Option<String>,
    /// Whether it keeps the images of a host of Container Registry.
    pub(crate) is_gcr: bool,
    /// Artifact Registry's API for it.
    pub(crate) api: String,
}

impl Target {
    /// Finds it by the registry's options and the image's name.
    pub(crate) fn of(registry: &Registry, image: &Image) -> Result<Self, Failure> {
        let options = registry.options();
        let uri = RegistryUri::parse(&registry.uri)?;
        let path: Vec<&str> = image.repository.split('/').collect();
        let host = host::parse(uri.host()).unwrap_or(Host::Other);
        let own_api = endpoint::ARTIFACT_REGISTRY.own(&options)?;
        let api = match (&own_api, &host) {
            (Some(own), _) => own.clone(),
            (None, Host::Regional(region)) => format!("https://artifactregistry.{region}.rep.googleapis.com"),
            (None, _) => endpoint::ARTIFACT_REGISTRY.address.to_owned(),
        };
        let wanted = location_option(&options)?;
        if let Host::Gcr(gcr) = host {
            let split = names::split(&path)?;
            let (Some(project), true) = (split.project, !split.rest.is_empty()) else {
                return Err(misfit(image, "project/image", &format!("{}/my-project/{}", image.host, image.repository)));
            };
            agree(describe::LOCATION, wanted, gcr.location)?;
            agree_project(&options, &project)?;
            return Ok(Self {
                project,
                repository: gcr.host.to_owned(),
                location: Some(gcr.location.to_owned()),
                is_gcr: true,
                api,
            });
        }
        // A host of the user's own may lead into a project, whose paths then do not begin with it.
        let inside = match (&host, options.get(describe::PROJECT)) {
            (Host::Other, Some(project)) => Some(parsed(project)?),
            _ => None,
        };
        let (project, rest) = match inside {
            Some(project) => (project, path),
            None => {
                let split = names::split(&path)?;
                let Some(project) = split.project else { return Err(Self::too_short(image, false)) };
                agree_project(&options, &project)?;
                (project, split.rest)
            }
        };
        let [repository, _, ..] = rest.as_slice() else {
            return Err(Self::too_short(image, options.get(describe::PROJECT).is_some() && host == Host::Other));
        };
        names::check_repository(repository)?;
        let location = match &host {
            Host::Docker(location) | Host::Regional(location) => {
                agree(describe::LOCATION, wanted, location)?;
                Some(location.clone())
            }
            _ => wanted.map(str::to_owned),
        };
        let is_gcr = location.as_deref().is_some_and(|location| host::gcr_of(location, repository).is_some());
        Ok(Self { project, repository: (*repository).to_owned(), location, is_gcr, api })
    }

    /// Where the repository is.
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

    fn too_short(image: &Image, inside: bool) -> Failure {
        let (form, front) = if inside { ("repository/image", "") } else { ("project/repository/image", "my-project/") };
        let name = image.repository.rsplit('/').next().unwrap_or_default();
        misfit(image, form, &format!("{}/{front}my-repository/{name}", image.host))
    }
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

/// The value of the option `location`, if it can be one.
pub(crate) fn location_option(options: &Options) -> Result<Option<&str>, Failure> {
    let Some(text) = options.get(describe::LOCATION) else { return Ok(None) };
    match location::judge(text) {
        Verdict::Known | Verdict::Possible => Ok(Some(text)),
        Verdict::Wrong(meant) => {
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

fn parsed(project: &str) -> Result<Project, Failure> {
    Project::parse(project).ok_or_else(|| {
        Failure::invalid_input(format!("option `project` is `{project}`, which is not the id of a project"))
            .hint("`gcloud projects list` shows the ids")
    })
}

/// An option may repeat what the name says, and not say otherwise.
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
    use super::*;

    fn target(uri: &str, repository: &str, options: &[(&str, &str)]) -> Result<Target, Failure> {
        let options = options.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let host = uri.split('/').next().unwrap().to_owned();
        let image = Image { host, repository: repository.into(), tag: Some("v1".into()), digest: None };
        Target::of(&Registry { name: "r".into(), uri: uri.into(), options }, &image)
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
        let is_google_s = |uri: &str| is_google_s(&Registry { name: "r".into(), uri: uri.into(), options: Vec::new() });
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
