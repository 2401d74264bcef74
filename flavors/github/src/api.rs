//! GitHub's API: packages, and whose a token is.

use crhost_flavor::http::{Encoding, Method, NoResponse, Part, Request, Response, percent_encoded};
use crhost_flavor::{Connector, Failure, Secret};
use serde_json::Value;

/// The scope that a push takes.
const WRITE: &str = "write:packages";

/// The API, as the owner of a token sees it.
pub(crate) struct Api<'a> {
    endpoint: String,
    token: &'a Secret,
}

/// What an answer about a package says.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Package {
    Exists,
    Missing,
    /// The token may not know, in GitHub's words.
    Hidden(String),
}

impl<'a> Api<'a> {
    pub(crate) fn new(connector: &'a Connector, endpoint: String) -> Result<Self, Failure> {
        Ok(Self { endpoint, token: connector.secret("token").ok_or_else(no_token)? })
    }

    /// Checks what can be known of a push to a package: the token, its scopes, and whether the package exists.
    ///
    /// Gives a note. Fails only where GitHub says that the token is none or has not the scope; the push itself asks the
    /// registry, so an API that is busy or out of reach stops nothing.
    pub(crate) fn check(&self, owner: &str, name: &str) -> Result<Option<String>, Failure> {
        let mut found = Package::Missing;
        for kind in ["orgs", "users"] {
            let path = format!("/{kind}/{owner}/packages/container/{}", percent_encoded(name));
            let response = match self.get(&path) {
                Ok(response) => response,
                Err(error) => {
                    return Ok(Some(format!("the package was not checked: {}", Failure::from(error).message)));
                }
            };
            found = package(&response)?;
            if found == Package::Exists {
                break;
            }
        }
        Ok(match found {
            Package::Exists => None,
            Package::Missing => Some(format!(
                "the token sees no package `{owner}/{name}`: if there is none, the push creates it as a private one"
            )),
            Package::Hidden(why) => Some(format!("whether the package `{owner}/{name}` exists was not checked: {why}")),
        })
    }

    /// Whose token it is, with its scopes where it has some.
    pub(crate) fn user(&self) -> Result<String, Failure> {
        user(&self.get("/user")?)
    }

    fn get(&self, path: &str) -> Result<Response, NoResponse> {
        Request::new(Method::Get, format!("{}{path}", self.endpoint))
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28")
            .header_of("authorization", vec!["Bearer ".into(), Part::secret(self.token, Encoding::Raw)])
            .send()
    }
}

/// What the answer about a package says, or why no push can succeed with the token.
pub(crate) fn package(response: &Response) -> Result<Package, Failure> {
    let message = message(response);
    check_token(response, &message)?;
    // Only classic tokens have scopes; those of Actions and of Apps come without the header or with an empty one.
    if let Some(scopes) = scopes(response).filter(|scopes| !scopes.contains(&WRITE)) {
        return Err(Failure::denied(format!("the token has no scope `{WRITE}`, only `{}`", scopes.join("`, `"))).hint(
            format!("create a personal access token (classic) with the scope `{WRITE}` and update the connector"),
        ));
    }
    Ok(match response.status {
        200..=299 => Package::Exists,
        404 => Package::Missing,
        status if message.is_empty() => Package::Hidden(format!("GitHub answered {status}")),
        status => Package::Hidden(format!("GitHub answered {status}: {message}")),
    })
}

pub(crate) fn user(response: &Response) -> Result<String, Failure> {
    let message = message(response);
    check_token(response, &message)?;
    if let Some(failure) = response.unavailable("GitHub", &message) {
        return Err(failure);
    }
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    match (response.status, body.get("login").and_then(Value::as_str)) {
        (200..=299, Some(login)) => Ok(match scopes(response) {
            Some(scopes) => format!("{login} (scopes: {})", scopes.join(", ")),
            None => login.to_owned(),
        }),
        // It knows the token, which is no user's.
        (403, _) if message.contains("not accessible by integration") => {
            Ok("the token of an app, as GitHub Actions has it".to_owned())
        }
        (403, _) => Err(Failure::denied(format!("GitHub does not say whose the token is: {message}"))
            .hint("check the token's restrictions on GitHub")),
        (status, _) => Err(Failure::other(format!("GitHub answered {status} with something else than an account"))
            .hint("check the option `api-endpoint`")),
    }
}

/// The connector has no token.
pub(crate) fn no_token() -> Failure {
    Failure::invalid_input("the connector lacks `token`, expected a personal access token (classic)")
        .hint("run `crhost connector describe NAME` to see what it holds")
}

fn check_token(response: &Response, message: &str) -> Result<(), Failure> {
    match response.status {
        401 => Err(Failure::unauthenticated(match message {
            "" => "GitHub does not accept the token".to_owned(),
            words => format!("GitHub does not accept the token: {words}"),
        })
        .hint(format!("create a personal access token (classic) with the scope `{WRITE}` and update the connector"))),
        _ => Ok(()),
    }
}

fn message(response: &Response) -> String {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    body.get("message").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The scopes of a classic token; none for a token that has none.
fn scopes(response: &Response) -> Option<Vec<&str>> {
    let scopes: Vec<&str> = response.header("x-oauth-scopes")?.split(',').map(str::trim).collect();
    (!scopes.iter().all(|scope| scope.is_empty())).then_some(scopes)
}
