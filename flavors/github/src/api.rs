//! GitHub's API: packages, and the owner of a token.

use crhost_flavor::http::{Api, Hints, Response, Service, percent_encoded};
use crhost_flavor::{Connector, Failure, FailureKind, Operation};

use serde_json::Value;

use crate::hosts;

/// The option that names another API.
pub(crate) const ENDPOINT: &str = "api-endpoint";

/// The version of the API that the answers are read by.
const VERSION: (&str, &str) = ("x-github-api-version", "2022-11-28");

/// The scope that a push takes.
const WRITE: &str = "write:packages";

pub(crate) const SERVICE: Service<'_> = Service {
    name: "GitHub",
    credential: "the token",
    error_pointers: &["/message"],
    option: ENDPOINT,
    hints: Hints {
        unauthenticated: "create a personal access token (classic) with the scope `write:packages` and update the connector",
        denied: "check the token's restrictions on GitHub",
        other: "check the option `api-endpoint`",
    },
};

/// The operations of [`GitHubApi::check`] and [`GitHubApi::user`].
pub(crate) fn operations() -> [Operation; 2] {
    [check_package(), identify()]
}

fn check_package() -> Operation {
    operation("check-package", "Looks the package up, to check the token before a push")
        .get()
        .path("/orgs/*/packages/container/*")
        .path("/users/*/packages/container/*")
}

fn identify() -> Operation {
    operation("identify", "Asks whose the token is").get().path("/user")
}

/// An operation with a token, without a method.
pub(crate) fn operation(name: &str, summary: &str) -> Operation {
    let operation = Operation::new(name, summary).host(hosts::API).host("https://api.*.ghe.com");
    operation.endpoint(ENDPOINT).header_of(VERSION.0, [VERSION.1]).bearer("token")
}

/// The API, with a token.
pub(crate) struct GitHubApi<'a>(Api<'a>);

/// The API's answer about a package.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Package {
    /// It exists, and is linked to a repository or the token is a user's.
    Exists,
    /// It exists and is linked to no repository, and the token is that of an app, e.g. of GitHub Actions.
    Unlinked,
    /// It does not exist, or the token may not see it.
    Missing,
    /// The token may not ask; in GitHub's words.
    Hidden(String),
}

impl<'a> GitHubApi<'a> {
    /// The API at a URL.
    pub(crate) fn new(connector: &'a Connector, url: String) -> Result<Self, Failure> {
        let api = Api::bearer(url, connector.required_secret("token")?);
        Ok(Self(api.header("accept", "application/vnd.github+json").header(VERSION.0, VERSION.1)))
    }

    /// Gets what is at a path.
    pub(crate) fn get(&self, path: &str) -> Result<Response, Failure> {
        Ok(self.0.get(path)?)
    }

    /// Deletes what is at a path.
    pub(crate) fn delete(&self, path: &str) -> Result<Response, Failure> {
        Ok(self.0.delete(path)?)
    }

    /// Checks before a push to a package: the token, its scopes, and whether the package exists; gives a note.
    ///
    /// Fails only if GitHub does not know the token or the token lacks the scope. The push itself asks the registry, so
    /// that an API that is busy or out of reach stops nothing.
    pub(crate) fn check(&self, owner: &str, name: &str) -> Result<Option<String>, Failure> {
        let mut found = Package::Missing;
        for kind in ["orgs", "users"] {
            let path = format!("/{kind}/{owner}/packages/container/{}", percent_encoded(name));
            let response = match self.0.get(&path) {
                Ok(response) => response,
                Err(error) => {
                    let failure = Failure::from(error);
                    let open = match failure.kind {
                        FailureKind::Denied => "; `--allow-secret-host` when registering the registry lets it be asked",
                        _ => "",
                    };
                    return Ok(Some(format!("the package was not checked: {}{open}", failure.message)));
                }
            };
            found = match (package(&response)?, found) {
                // The reason why it can't be seen says more than that another path has none.
                (Package::Missing, hidden @ Package::Hidden(_)) => hidden,
                (package, _) => package,
            };
            if matches!(found, Package::Exists | Package::Unlinked) {
                break;
            }
        }
        Ok(match found {
            Package::Exists => None,
            Package::Unlinked => Some(format!(
                "the package `{owner}/{name}` is linked to no repository, and `GITHUB_TOKEN` may push only to one that is \
                 linked to the workflow's or lets it in: add that repository in the package's settings under *Manage \
                 Actions access*, or label the image `org.opencontainers.image.source`"
            )),
            Package::Missing => Some(format!(
                "the token sees no package `{owner}/{name}`: if there is none, the push creates it as a private one; \
                 GitHub ends the upload of a layer that takes longer than 10 minutes"
            )),
            Package::Hidden(why) => Some(format!("whether the package `{owner}/{name}` exists was not checked: {why}")),
        })
    }

    /// The token's owner, with the token's scopes if it has some.
    pub(crate) fn user(&self) -> Result<String, Failure> {
        user(&self.0.get("/user")?)
    }
}

/// Reads the answer about a package; fails if the token can't push.
pub(crate) fn package(response: &Response) -> Result<Package, Failure> {
    if response.status == 401 {
        return Err(SERVICE.unauthenticated(response));
    }
    // Only classic tokens have scopes; those of Actions and of Apps come without the header or with an empty one.
    if let Some(scopes) = scopes(response).filter(|scopes| !scopes.contains(&WRITE)) {
        return Err(Failure::denied(format!("the token has no scope `{WRITE}`, only `{}`", scopes.join("`, `")))
            .hint(SERVICE.hints.unauthenticated));
    }
    Ok(match response.status {
        200..=299 if scopes(response).is_none() && is_unlinked(response) => Package::Unlinked,
        200..=299 => Package::Exists,
        404 => Package::Missing,
        status => Package::Hidden(format!("GitHub answered {status}{}", SERVICE.said(response))),
    })
}

/// Whether an answer about a package has no repository that it is linked to (GitHub's REST API, "Get a package": the
/// member `repository`, absent or null without one). An answer without the package's name is of something else.
fn is_unlinked(response: &Response) -> bool {
    let package = response.json();
    package.get("name").is_some_and(Value::is_string) && package.get("repository").is_none_or(Value::is_null)
}

/// Reads the answer about the token's owner.
pub(crate) fn user(response: &Response) -> Result<String, Failure> {
    let said = SERVICE.said(response);
    match response.status {
        // The token is good, and not a user's.
        403 if said.contains("not accessible by integration") => {
            Ok("the token of an app, as GitHub Actions has it".to_owned())
        }
        403 => Err(Failure::denied(format!("GitHub does not say whose the token is{said}")).hint(SERVICE.hints.denied)),
        _ => {
            let login = SERVICE.text(response, "/login")?;
            Ok(match scopes(response) {
                Some(scopes) => format!("{login} (scopes: {})", scopes.join(", ")),
                None => login,
            })
        }
    }
}

/// The scopes of a classic token; `None` for a token without scopes.
fn scopes(response: &Response) -> Option<Vec<&str>> {
    let scopes: Vec<&str> = response.header("x-oauth-scopes")?.split(',').map(str::trim).collect();
    (!scopes.iter().all(|scope| scope.is_empty())).then_some(scopes)
}
