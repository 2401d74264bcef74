//! The place of an attempt: the servers, the secrets, and the words for what came of it.

use crhost_flavor::http::{Error, Form, Json, Method, NoResponse, Request, Response, SecretValue, Value};
use crhost_flavor::{Connector, Image, Registry, Secret};

/// The header in which the author shows an own account.
pub(crate) const OWN_ACCOUNT: &str = "Bearer the-author-s-own";

/// Characters of an answer that are told.
const TOLD: usize = 600;

pub(crate) struct Scene<'a> {
    /// The attempt: the last component of the image's repository.
    pub(crate) name: &'a str,
    pub(crate) service: &'a str,
    pub(crate) own: &'a str,
    /// The registry's own host.
    pub(crate) host: &'a str,
    pub(crate) connector: &'a Connector,
}

/// What came of an attempt; none if it is another module's.
pub(crate) type Outcome = Option<Vec<String>>;

impl<'a> Scene<'a> {
    pub(crate) fn new(registry: &'a Registry, connector: &'a Connector, image: &'a Image) -> Self {
        let [service, own] = ["service", "own"].map(|name| registry.option(name).unwrap_or("https://unknown.example"));
        let name = image.repository.rsplit('/').next().unwrap_or_default();
        Self { name, service, own, host: &image.host, connector }
    }

    pub(crate) fn secret(&self, field: &str) -> &'a Secret {
        self.connector.secret(field).expect("a connector has all of its fields")
    }

    pub(crate) fn token(&self) -> &'a Secret {
        self.secret("token")
    }

    /// A request to the service.
    pub(crate) fn get<'b>(&self, path: &str) -> Request<'b> {
        Request::new(Method::Get, format!("{}{path}", self.service))
    }

    /// The same, that writes.
    pub(crate) fn post<'b>(&self, path: &str) -> Request<'b> {
        Request::new(Method::Post, format!("{}{path}", self.service))
    }

    /// The request that asks who the token belongs to, which is declared, with a path and query of its own.
    pub(crate) fn whoami<'b>(&self, path: &str) -> Request<'b>
    where
        'a: 'b,
    {
        self.get(path).header("authorization", bearer(self.token()))
    }

    /// The request that signs in, which is declared, with further fields.
    pub(crate) fn sign_in<'b>(&self, further: impl FnOnce(Form<'b>) -> Form<'b>) -> Request<'b> {
        self.post("/oauth/token").form(further(Form::new().text("grant_type", "client_credentials")))
    }
}

pub(crate) fn bearer(secret: &Secret) -> Value<'_> {
    SecretValue::new(secret).before("Bearer ").into()
}

/// A JSON object with secrets in it.
pub(crate) fn json<'b>(object: &str, secrets: &[(&str, &'b Secret)]) -> Json<'b> {
    let secret = |(name, secret): &(&str, &'b Secret)| ((*name).to_owned(), SecretValue::new(secret));
    Json { object: object.to_owned(), secrets: secrets.iter().map(secret).collect() }
}

/// Sends a request and tells what came of it.
pub(crate) fn tell(request: &Request<'_>) -> Vec<String> {
    vec![words(&request.send())]
}

pub(crate) fn words(outcome: &Result<Response, NoResponse>) -> String {
    match outcome {
        Ok(Response { status, body, .. }) => {
            format!("{status} {}", String::from_utf8_lossy(body).chars().take(TOLD).collect::<String>())
        }
        Err(NoResponse { error, .. }) => match error {
            Error::Denied(why) => format!("denied: {why}"),
            Error::InvalidRequest(why) => format!("invalid: {why}"),
            Error::Unreachable(why) => format!("unreachable: {why}"),
            Error::Timeout => "timeout".to_owned(),
            Error::TooLarge => "too-large".to_owned(),
            Error::Exhausted => "exhausted".to_owned(),
        },
    }
}
