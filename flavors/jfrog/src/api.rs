//! Artifactory's API: the configuration of repositories
//! (<https://jfrog.com/help/r/jfrog-rest-apis/get-repository-configuration>, `create-repository`). JFrog's Terraform
//! provider and `jfrog-client-go` use the same requests.

use crhost_flavor::http::{Api, Hints, Method, Response, Service, percent_encoded};
use crhost_flavor::{Connector, Failure, Operation, Options, Registry, SecretOrText};
use serde_json::{Value, json};

/// The option that names another platform.
pub(crate) const ENDPOINT: &str = "jfrog-endpoint";

pub(crate) const SERVICE: Service<'_> = Service {
    name: "Artifactory",
    credential: "the credentials",
    error_pointers: &["/errors/0/message", "/message"],
    option: ENDPOINT,
    hints: Hints {
        unauthenticated: "generate an identity token in the user's profile and update the connector",
        denied: "have an administrator give the user the permission to deploy to the repository",
        other: "check the option `jfrog-endpoint`; whoever runs Artifactory can tell more",
    },
};

/// Prefix of the paths of the configuration of repositories.
const REPOSITORIES: &str = "/artifactory/api/repositories";

/// The field that holds the secret of an auth method.
pub(crate) fn secret_field(method: &str) -> &'static str {
    match method {
        "token" => "token",
        _ => "password",
    }
}

/// The operations without their secrets.
pub(crate) fn operations() -> [Operation; 2] {
    let operation = |name, summary| {
        let operation = Operation::new(name, summary).host("https://{registry}").endpoint(ENDPOINT);
        operation.path(format!("{REPOSITORIES}/*"))
    };
    [
        operation("check-repository", "Reads the repository of an image before a push").get(),
        operation("create-repository", "Creates a missing repository, where the option says so").put(),
    ]
}

/// The URL of a registry's platform, without `/artifactory`.
pub(crate) fn url(registry: &Registry) -> String {
    let host = registry.host();
    registry.options().url(ENDPOINT).unwrap_or_else(|| format!("https://{host}"))
}

/// Whether the option names the platform.
pub(crate) fn is_named(registry: &Registry) -> bool {
    registry.options().url(ENDPOINT).is_some()
}

/// The name of an image's repository in Artifactory: that of the option, or the first component of the image's path.
pub(crate) fn repository<'a>(options: &'a Options, path: &'a str) -> Option<&'a str> {
    options.get("repository").or_else(|| path.split_once('/').map(|(repository, _)| repository))
}

/// The API, with an account's credentials.
pub(crate) struct Artifactory<'a>(Api<'a>);

impl<'a> Artifactory<'a> {
    /// The API at a URL without `/artifactory`, with a user's name and secret.
    pub(crate) fn with_password(connector: &'a Connector, url: String) -> Result<Self, Failure> {
        let secret = connector.required_secret(secret_field(&connector.method))?;
        Ok(Self(Api::basic(url, connector.required_text("username")?, secret)))
    }

    /// The API at a URL without `/artifactory`, with an access token.
    pub(crate) fn with_token(token: impl Into<SecretOrText<'a>>, url: String) -> Self {
        Self(Api::bearer(url, token))
    }

    /// Checks that a repository takes pushes, and gives a note; creates a missing one if `create` says so.
    pub(crate) fn check(&self, name: &str, create: bool) -> Result<Option<String>, Failure> {
        let path = format!("{REPOSITORIES}/{}", percent_encoded(name));
        let unknown = match found(&self.0.get(&path)?, name)? {
            Found::Ready => return Ok(None),
            Found::Unknown(note) => note,
            Found::Missing if !create => {
                return Err(Failure::not_found(format!("Artifactory has no repository `{name}`")).hint(
                    "create it, or have it created with `--option create-repository=true`; where the host stands for \
                     one repository, name that with `--option repository=NAME`",
                ));
            }
            Found::Missing => String::new(),
        };
        if !create {
            return Ok(Some(unknown));
        }
        let body = json!({"key": name, "rclass": "local", "packageType": "docker"});
        let response = self.0.request(Method::Put, &path).json(&body).send()?;
        Ok(created(&response, name)?.then(|| format!("the local repository `{name}` was created")))
    }
}

/// The API's answer about a repository.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Found {
    /// It takes pushes.
    Ready,
    /// It does not exist.
    Missing,
    /// The credentials may not know; with a note about it.
    Unknown(String),
}

/// Reads the answer about a repository.
pub(crate) fn found(response: &Response, name: &str) -> Result<Found, Failure> {
    match response.status {
        404 => return Ok(Found::Missing),
        // 400 is a missing repository, and one that the user may not see.
        400 | 403 => {
            let said = SERVICE.said(response);
            return Ok(Found::Unknown(format!("repository `{name}` is missing, or may not be looked at{said}")));
        }
        _ => {}
    }
    let repository = SERVICE.object(response)?;
    let text = |member: &str| repository.get(member).and_then(Value::as_str).map(str::to_lowercase);
    if let Some(kind) = text("packageType").filter(|kind| !["docker", "oci"].contains(&kind.as_str())) {
        let message = format!("repository `{name}` is of type `{kind}`, expected `docker`");
        return Err(Failure::invalid_input(message).hint("push to a repository of type Docker or OCI"));
    }
    // Users who are no administrators are shown a part of the configuration: what is left out does not count.
    match (text("rclass").as_deref(), text("defaultDeploymentRepo").as_deref()) {
        (Some("remote"), _) => {
            Err(Failure::denied(format!("repository `{name}` is a remote one, which takes no pushes"))
                .hint("push to a local repository, or to a virtual one with a default deployment repository"))
        }
        (Some("virtual"), Some("")) => {
            Err(Failure::denied(format!("the virtual repository `{name}` has no default deployment repository"))
                .hint("have an administrator set one, or push to a local repository"))
        }
        _ => Ok(Found::Ready),
    }
}

/// Reads the answer to a creation: whether it created the repository. One that existed already is a success.
pub(crate) fn created(response: &Response, name: &str) -> Result<bool, Failure> {
    let said = SERVICE.said(response);
    match response.status {
        400 if said.contains("already exists") => Ok(false),
        403 => Err(Failure::denied(format!("the user may not create repository `{name}`{said}"))
            .hint("have an administrator create it, or use a user who may manage resources")),
        _ => SERVICE.check(response).map(|()| true),
    }
}
