//! IBM's APIs: tokens for an API key (IAM; `ibm-cloud-sdk-core`, `iam_token_manager.py`), and the registry's namespaces
//! (`ibm-container-registry` 1.1.5, `container_registry_v1.py`; <https://cloud.ibm.com/apidocs/container-registry>).

use crhost_flavor::http::{Api, Endpoint, Form, Hints, Method, Request, Response, Service, percent_encoded};
use crhost_flavor::{Connector, Failure, Operation, Options, Secret, SecretOrText, jwt, oauth};
use serde_json::Value;

/// IAM's address, and the option that names another.
pub(crate) const IAM: Endpoint = Endpoint { option: "iam-endpoint", address: "https://iam.cloud.ibm.com" };

/// The option that names another API of the registry.
pub(crate) const ENDPOINT: &str = "registry-endpoint";

/// The grant of IAM for an API key.
const GRANT: &str = "urn:ibm:params:oauth:grant-type:apikey";

const SIGN_IN: Service<'_> = Service {
    name: "IBM Cloud IAM",
    credential: "the API key",
    error_pointers: &["/errorMessage", "/errorDetails"],
    option: IAM.option,
    hints: Hints {
        unauthenticated: "create an API key with `ibmcloud iam api-key-create` and update the connector",
        denied: "create an API key with `ibmcloud iam api-key-create` and update the connector",
        other: "see `https://cloud.ibm.com/status`, and check the option `iam-endpoint`",
    },
};

const REGISTRY: Service<'_> = Service {
    name: "IBM's registry",
    credential: "the token",
    error_pointers: &["/message", "/errors/0/message"],
    option: ENDPOINT,
    hints: Hints {
        unauthenticated: "have a new token issued with `ibmcloud iam oauth-tokens` and update the connector",
        denied: "give the identity the role `Manager` in the service `container-registry`",
        other: "see `https://cloud.ibm.com/status`, and check the option `registry-endpoint`",
    },
};

/// The operation that exchanges an API key for a token.
pub(crate) fn sign_in() -> Operation {
    Operation::new("sign-in", "Exchanges the API key for a token")
        .post()
        .at(IAM)
        .path("/identity/token")
        .body_of("grant_type", [GRANT])
        .form_secret("apikey", "api-key")
}

/// The operations on namespaces, without their secrets.
pub(crate) fn operations() -> [Operation; 2] {
    let operation =
        |name, summary| Operation::new(name, summary).host("https://{registry}").endpoint(ENDPOINT).header("account");
    [
        operation("list-namespaces", "Looks for the namespace of an image before a push")
            .get()
            .path("/api/v1/namespaces"),
        operation("create-namespace", "Creates a missing namespace, where the option says so")
            .put()
            .path("/api/v1/namespaces/*"),
    ]
}

/// A token of IAM for an API key.
pub(crate) fn token(key: &Secret, options: &Options) -> Result<String, Failure> {
    let form = Form::new().text("grant_type", GRANT).secret("apikey", key);
    let request = Request::new(Method::Post, format!("{}/identity/token", IAM.url(options)));
    let response = request.header("accept", "application/json").form(form).send()?;
    // An unknown key is a bad request.
    if response.status == 400 {
        return Err(SIGN_IN.unauthenticated(&response));
    }
    let answer = SIGN_IN.object(&response)?;
    oauth::token(&answer, "access_token").ok_or_else(|| SIGN_IN.unreadable())
}

/// The account that a token is of: the claim `account.bss`, as IBM's provider for Terraform reads it.
pub(crate) fn account(token: &str) -> Option<String> {
    jwt::claims(token).pointer("/account/bss").and_then(Value::as_str).map(str::to_owned)
}

/// The registry's API, with a token of an account.
pub(crate) struct IbmRegistry<'a>(Api<'a>);

impl<'a> IbmRegistry<'a> {
    /// The API at a URL without `/api`.
    pub(crate) fn new(url: String, token: impl Into<SecretOrText<'a>>, account: &str) -> Self {
        Self(Api::bearer(url, token).header("account", account))
    }

    /// Checks that a namespace exists, and gives a note; creates a missing one if `create` says so.
    pub(crate) fn check(&self, name: &str, create: bool) -> Result<Option<String>, Failure> {
        match (namespaces(&self.0.get("/api/v1/namespaces")?)?, create) {
            (Listed::Names(names), _) if names.iter().any(|known| known == name) => Ok(None),
            (Listed::Names(_), false) => {
                Err(Failure::not_found(format!("the account has no namespace `{name}` in this region")).hint(format!(
                    "create it with `ibmcloud cr namespace-add {name}`, or have it created with `--option \
                     create-namespace=true`"
                )))
            }
            (Listed::Hidden(said), false) => Ok(Some(format!(
                "whether the namespace `{name}` exists was not checked: it may not be looked at{said}"
            ))),
            (_, true) => {
                let path = format!("/api/v1/namespaces/{}", percent_encoded(name));
                let created = created(&self.0.request(Method::Put, &path).send()?, name)?;
                Ok(created.then(|| format!("the namespace `{name}` was created")))
            }
        }
    }
}

/// The API's answer about namespaces.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Listed {
    /// Their names.
    Names(Vec<String>),
    /// They may not be listed; with IBM's words behind a colon.
    Hidden(String),
}

/// Reads the list of namespaces.
pub(crate) fn namespaces(response: &Response) -> Result<Listed, Failure> {
    if response.status == 403 {
        return Ok(Listed::Hidden(REGISTRY.said(response)));
    }
    REGISTRY.check(response)?;
    match response.json() {
        Value::Array(names) => Ok(Listed::Names(names.iter().filter_map(Value::as_str).map(str::to_owned).collect())),
        _ => Err(REGISTRY.unreadable()),
    }
}

/// Reads the answer to a creation: whether it created the namespace, which may have been there already (200).
pub(crate) fn created(response: &Response, name: &str) -> Result<bool, Failure> {
    let said = REGISTRY.said(response);
    match response.status {
        200 => Ok(false),
        403 => Err(Failure::denied(format!("the identity may not create the namespace `{name}`{said}"))
            .hint(REGISTRY.hints.denied)),
        409 => Err(Failure::conflict(format!("the namespace `{name}` belongs to another account{said}"))
            .hint("choose another name: namespaces are unique in a region")),
        _ => REGISTRY.check(response).map(|()| true),
    }
}

/// The identity of a connector with an API key.
pub(crate) fn identity(connector: &Connector, options: &Options) -> Result<String, Failure> {
    let token = token(connector.required_secret("api-key")?, options)?;
    let claims = jwt::claims(&token);
    let text = |member: &str| claims.get(member).and_then(Value::as_str);
    let name = text("email").or_else(|| text("name")).or_else(|| text("sub")).or_else(|| text("iam_id"));
    Ok(match (name, account(&token)) {
        (Some(name), Some(account)) => format!("{name} (account {account})"),
        (Some(name), None) => name.to_owned(),
        _ => "an API key that IBM Cloud knows".to_owned(),
    })
}
