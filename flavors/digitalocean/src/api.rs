//! DigitalOcean's API: registries, and credentials for them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crhost_flavor::http::{Encoding, Method, NoResponse, Part, Request, Response};
use crhost_flavor::{Connector, Credential, Failure, Options, Password, Secret};
use serde_json::Value;

use crate::ENDPOINT;
use crate::uri::HOST;

/// Where it is.
pub(crate) const DEFAULT: &str = "https://api.digitalocean.com";

/// Seconds that issued credentials last: longer than nearly every push, and short if they get lost.
const SECONDS: u64 = 3600;

/// The API, as the owner of a token sees it.
pub(crate) struct Api<'a> {
    endpoint: String,
    token: &'a Secret,
}

impl<'a> Api<'a> {
    /// The API where an option says, or where it is for everyone.
    pub(crate) fn new(connector: &'a Connector, options: &Options) -> Result<Self, Failure> {
        let token = connector.secret("token").ok_or_else(|| {
            Failure::invalid_input("the connector lacks `token`, expected an API token")
                .hint("run `crhost connector describe NAME` to see what it holds")
        })?;
        Ok(Self { endpoint: options.url(ENDPOINT)?.unwrap_or_else(|| DEFAULT.to_owned()), token })
    }

    /// Checks that a registry exists; gives a note where the token may not know.
    pub(crate) fn check(&self, name: &str) -> Result<Option<String>, Failure> {
        let response = self.get(&format!("/v2/registries/{name}"))?;
        if let Some(note) = unchecked(&response, name) {
            return Ok(Some(note));
        }
        answer(&response, &Asked::Registry(name)).map(|_| None)
    }

    /// Has credentials issued that may push to a registry.
    pub(crate) fn issue(&self, name: &str, now: u64) -> Result<Credential, Failure> {
        let path = format!("/v2/registries/{name}/docker-credentials?read_write=true&expiry_seconds={SECONDS}");
        let config = answer(&self.get(&path)?, &Asked::Credentials(name))?;
        let (username, password) = credentials(&config).ok_or_else(odd)?;
        let basic = Credential::basic(username, Password::Plain(password));
        Ok(basic.expires_at(now.saturating_add(SECONDS)).for_whole_registry().into())
    }

    /// Whose token it is.
    pub(crate) fn account(&self) -> Result<String, Failure> {
        let response = self.get("/v2/account")?;
        if response.status == 403 {
            // It knows the token, and the token was not given what it takes to say whose it is, e.g. `account:read`.
            return Ok("an API token that may not say whose it is".to_owned());
        }
        let body = answer(&response, &Asked::Other)?;
        body.pointer("/account/email").and_then(Value::as_str).map(str::to_owned).ok_or_else(odd)
    }

    /// The names of all registries.
    pub(crate) fn registries(&self) -> Result<Vec<String>, Failure> {
        names(&answer(&self.get("/v2/registries")?, &Asked::Other)?).ok_or_else(odd)
    }

    fn get(&self, path: &str) -> Result<Response, NoResponse> {
        Request::new(Method::Get, format!("{}{path}", self.endpoint))
            .header("accept", "application/json")
            .header_of("authorization", vec!["Bearer ".into(), Part::secret(self.token, Encoding::Raw)])
            .send()
    }
}

/// The note about a registry that the token may not look at; a push may do all the same.
pub(crate) fn unchecked(response: &Response, name: &str) -> Option<String> {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    (response.status == 403).then(|| {
        let why = match said(&body) {
            said if said.is_empty() => ", e.g. for want of the scope `registry:read`".to_owned(),
            said => said,
        };
        format!("whether the registry `{name}` exists was not checked: the token may not look at it{why}")
    })
}

/// What the API was asked for.
pub(crate) enum Asked<'a> {
    Registry(&'a str),
    Credentials(&'a str),
    Other,
}

/// What the API answers, or why it does not.
pub(crate) fn answer(response: &Response, asked: &Asked<'_>) -> Result<Value, Failure> {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    if let Some(failure) = response.unavailable("DigitalOcean", message(&body)) {
        return Err(failure);
    }
    let said = said(&body);
    Err(match (response.status, asked) {
        (200..=299, _) => return Ok(body),
        (401, _) => Failure::unauthenticated(format!("DigitalOcean does not accept the API token{said}"))
            .hint("create one at `https://cloud.digitalocean.com/account/api/tokens` and update the connector"),
        (403, Asked::Credentials(name)) => {
            Failure::denied(format!("the API token may not have credentials issued for the registry `{name}`{said}"))
                .hint("give the token the scopes `registry:read`, `registry:create` and `registry:update`")
        }
        (403, _) => Failure::denied(format!("the API token may not read registries{said}"))
            .hint("give the token the scope `registry:read`"),
        (404, Asked::Registry(name) | Asked::Credentials(name)) => Failure::not_found(format!(
            "the team of the API token has no registry `{name}`{said}"
        ))
        .hint(format!("create it with `doctl registries create {name}`, or use a token of the team that has it")),
        (status, _) => Failure::other(format!("DigitalOcean answered {status}{said}"))
            .hint("see `https://status.digitalocean.com`, and check the option `api-endpoint`"),
    })
}

fn message(body: &Value) -> &str {
    body.get("message").and_then(Value::as_str).unwrap_or_default()
}

/// DigitalOcean's own words, behind a colon if there are any.
fn said(body: &Value) -> String {
    match message(body) {
        "" => String::new(),
        message => format!(": {message}"),
    }
}

/// User name and password in Docker's form of a configuration.
pub(crate) fn credentials(config: &Value) -> Option<(String, String)> {
    let pair = STANDARD.decode(config.get("auths")?.get(HOST)?.get("auth")?.as_str()?).ok()?;
    let (username, password) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    (!username.is_empty() && !password.is_empty()).then(|| (username.to_owned(), password.to_owned()))
}

pub(crate) fn names(body: &Value) -> Option<Vec<String>> {
    body.get("registries")?
        .as_array()?
        .iter()
        .map(|registry| Some(registry.get("name")?.as_str()?.to_owned()))
        .collect()
}

/// An answer that is no answer.
fn odd() -> Failure {
    Failure::other("DigitalOcean answered with something else than was asked for")
        .hint("try again, and check the option `api-endpoint`")
}
