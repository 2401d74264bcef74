//! Gitea's API: the packages of an owner, and the account of a connector.
//!
//! Forgejo has the same routes (`routers/api/v1/api.go` of both; <https://docs.gitea.com/api/>). A token with the scope
//! `write:package` alone, which is enough for a push, opens `/packages` and not `/user` or `/orgs`: so that owners are
//! looked up by their packages.

use crhost_flavor::http::{Api, Hints, Response, Service, percent_encoded};
use crhost_flavor::{Connector, Failure, Operation};

/// The option that names another API.
pub(crate) const ENDPOINT: &str = "gitea-endpoint";

const SERVICE: Service<'_> = Service {
    name: "Gitea",
    credential: "the credentials",
    error_pointers: &["/message"],
    option: ENDPOINT,
    hints: Hints {
        unauthenticated: "create an access token with the scope `write:package` below Settings, Applications, and \
                          update the connector; accounts with a second factor need one",
        denied: "give the token the scope `write:package`",
        other: "check the option `gitea-endpoint`; whoever runs Gitea can tell more",
    },
};

/// The field that holds the secret of an auth method.
pub(crate) fn secret_field(method: &str) -> &'static str {
    match method {
        "token" => "token",
        _ => "password",
    }
}

/// The operations with the secret of an auth method. Gitea takes a token in place of the password.
pub(crate) fn operations(method: &str) -> [Operation; 2] {
    let operation = |name, summary, path: &str| {
        let operation = Operation::new(name, summary).get().host("https://{registry}").endpoint(ENDPOINT).path(path);
        operation.basic(secret_field(method))
    };
    [
        operation("identify", "Asks whose the credentials are", "/api/v1/user"),
        operation("check-owner", "Reads the packages of an image's owner before a push", "/api/v1/packages/*")
            .query_of("type", ["container"])
            .query_of("limit", ["1"]),
    ]
}

/// The API, with an account's credentials.
pub(crate) struct GiteaApi<'a> {
    api: Api<'a>,
    username: &'a str,
}

impl<'a> GiteaApi<'a> {
    /// The API at a URL without `/api/v1`.
    pub(crate) fn new(connector: &'a Connector, url: String) -> Result<Self, Failure> {
        let username = connector.required_text("username")?;
        let secret = connector.required_secret(secret_field(&connector.method))?;
        Ok(Self { api: Api::basic(url, username, secret), username })
    }

    /// Checks that an owner exists, and gives a note where the credentials may not know.
    pub(crate) fn check(&self, owner: &str) -> Result<Option<String>, Failure> {
        let path = format!("/api/v1/packages/{}?type=container&limit=1", percent_encoded(owner));
        checked(&self.api.get(&path)?, owner)
    }

    /// The account's name.
    pub(crate) fn user(&self) -> Result<String, Failure> {
        user(&self.api.get("/api/v1/user")?, self.username)
    }
}

/// Reads the answer about an owner: a note, or none.
pub(crate) fn checked(response: &Response, owner: &str) -> Result<Option<String>, Failure> {
    let said = SERVICE.said(response);
    match response.status {
        403 => {
            Ok(Some(format!("whether `{owner}` takes packages was not checked: the credentials may not look{said}")))
        }
        404 => Err(Failure::not_found(format!(
            "this Gitea has no user or organization `{owner}`, or has no packages{said}"
        ))
        .hint("create the organization first, or push to an owner that is there")),
        _ => SERVICE.check(response).map(|()| None),
    }
}

/// Reads the answer to the question for the account. A token without the scope `read:user` is good all the same.
pub(crate) fn user(response: &Response, username: &str) -> Result<String, Failure> {
    match response.status {
        403 => Ok(format!("a token that may not say whose it is, given as that of `{username}`")),
        _ => SERVICE.text(response, "/login"),
    }
}
