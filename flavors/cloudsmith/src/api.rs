//! Cloudsmith's API: repositories, and the owner of a key (<https://docs.cloudsmith.com/api>, and `cloudsmith-api` on
//! PyPI, `repos_api.py` and `user_api.py`).

use crhost_flavor::http::{Api, Endpoint, Hints, Response, Service};
use crhost_flavor::{Failure, Operation, Options, SecretOrText};
use serde_json::{Value, json};

/// The API's address, and the option that names another.
pub(crate) const ENDPOINT: Endpoint = Endpoint { option: "api-endpoint", address: "https://api.cloudsmith.io" };

/// The user of the registry whose password is a key or a token.
pub(crate) const USER: &str = "token";

/// The header that a key or a token goes into.
pub(crate) const HEADER: &str = "x-api-key";

pub(crate) const SERVICE: Service<'_> = Service {
    name: "Cloudsmith",
    credential: "the credentials",
    error_pointers: &["/detail"],
    option: ENDPOINT.option,
    hints: Hints {
        unauthenticated: "copy the API key from the settings of the user or service account, and update the connector",
        denied: "have an owner of the organization give the account the privilege `Write` in the repository",
        other: "see `https://status.cloudsmith.com`, and check the option `api-endpoint`",
    },
};

/// The operations, without what authorizes them.
pub(crate) fn operations() -> [Operation; 3] {
    let operation = |name, summary| Operation::new(name, summary).at(ENDPOINT);
    [
        operation("check-repository", "Reads the repository of an image before a push").get().path("/v1/repos/*/*/"),
        operation("create-repository", "Creates a missing repository, where the option says so")
            .post()
            .path("/v1/repos/*/"),
        operation("identify", "Asks whose the key is").get().path("/v1/user/self/"),
    ]
}

/// The API, with a key or a token.
pub(crate) struct CloudsmithApi<'a>(Api<'a>);

impl<'a> CloudsmithApi<'a> {
    /// The API at its own address, or at the one of the option.
    pub(crate) fn new(options: &Options, key: impl Into<SecretOrText<'a>>) -> Self {
        Self(Api::with_token_header(ENDPOINT.url(options), HEADER, key))
    }

    /// Checks that a repository exists, and gives a note; creates a missing one if `create` says whether as a public
    /// one.
    pub(crate) fn check(&self, owner: &str, name: &str, create: Option<bool>) -> Result<Option<String>, Failure> {
        let response = self.0.get(&format!("/v1/repos/{owner}/{name}/"))?;
        let Some(public) = create.filter(|_| response.status == 404) else { return found(&response, owner, name) };
        // The kinds that `repository_type_str` of the API has; its default is a public one.
        let kind = if public { "Public" } else { "Private" };
        let body = json!({"name": name, "slug": name, "repository_type_str": kind});
        created(&self.0.post(&format!("/v1/repos/{owner}/"), &body)?, owner, name)?;
        Ok(Some(format!("repository `{owner}/{name}` was created, {}", kind.to_ascii_lowercase())))
    }

    /// The owner of the key.
    pub(crate) fn user(&self) -> Result<String, Failure> {
        SERVICE.text(&self.0.get("/v1/user/self/")?, "/slug")
    }
}

/// Reads the answer about a repository: a note where the key may not look, since it may push all the same.
pub(crate) fn found(response: &Response, owner: &str, name: &str) -> Result<Option<String>, Failure> {
    let said = SERVICE.said(response);
    match response.status {
        403 => Ok(Some(format!("whether repository `{owner}/{name}` exists was not checked{said}"))),
        404 => Err(Failure::not_found(format!(
            "Cloudsmith has no repository `{owner}/{name}`, or the key can't see it"
        ))
        .hint(
            "`--option create-repository=private` creates it before the push; write `ORGANIZATION/REPOSITORY/IMAGE`",
        )),
        _ => SERVICE.check(response).map(|()| None),
    }
}

/// Reads the answer to a creation.
pub(crate) fn created(response: &Response, owner: &str, name: &str) -> Result<(), Failure> {
    let fields = response.json();
    let first = fields.pointer("/fields").and_then(Value::as_object).and_then(|fields| fields.values().next()?.get(0));
    let said = first.and_then(Value::as_str).map_or_else(|| SERVICE.said(response), |words| format!(": {words}"));
    match response.status {
        403 | 404 => Err(Failure::denied(format!("the key may not create repositories in `{owner}`{said}"))
            .hint("use a key of an owner or manager of the organization, or have one create it")),
        400 | 422 => {
            Err(Failure::invalid_input(format!("Cloudsmith does not create repository `{owner}/{name}`{said}"))
                .hint("create it at `https://app.cloudsmith.com`"))
        }
        _ => SERVICE.check(response),
    }
}
