//! The API: the requests that are declared, and the code that sends them.

use crhost_flavor::http::{Api, Endpoint, Hints, Response, Service, percent_encoded};
use crhost_flavor::{Connector, Failure, Operation, Options};
use serde_json::json;

/// The API's address, and the option that names another.
pub(crate) const ENDPOINT: Endpoint = Endpoint { option: "endpoint", address: "https://api.my-registry.example" };

const SERVICE: Service<'_> = Service {
    name: "my-registry",
    credential: "the token",
    error_pointers: &["/message"],
    option: ENDPOINT.option,
    hints: Hints {
        unauthenticated: "create the token anew; `crhost connector update` takes it into a connector",
        denied: "give the token the permission, or use another",
        other: "check the option `endpoint`",
    },
};

/// What the token goes into. Nothing else is sent: the user reads these and grants them.
pub(crate) fn operations() -> [Operation; 2] {
    let operation = |name, summary| Operation::new(name, summary).at(ENDPOINT).bearer("token");
    [
        operation("check-repository", "Looks for the repository").get().path("/v1/repositories/*"),
        operation("create-repository", "Creates it").post().path("/v1/repositories").body("name"),
    ]
}

/// The API with the connector's token, of which only crhost has the value.
pub(crate) fn client<'a>(options: &Options, connector: &'a Connector) -> Result<Api<'a>, Failure> {
    Ok(Api::bearer(ENDPOINT.url(options), connector.required_secret("token")?))
}

/// Creates a missing repository where `create` says so, and tells what it did.
pub(crate) fn ensure_repository(api: &Api<'_>, name: &str, create: bool) -> Result<Option<String>, Failure> {
    if exists(&api.get(&format!("/v1/repositories/{}", percent_encoded(name)))?)? {
        return Ok(None);
    }
    if !create {
        return Err(Failure::not_found(format!("there is no repository `{name}`"))
            .hint("create it first, or set the option `create-repository`"));
    }
    let is_new = created(&api.post("/v1/repositories", &json!({ "name": name }))?)?;
    Ok(is_new.then(|| format!("created the repository `{name}`")))
}

pub(crate) fn exists(response: &Response) -> Result<bool, Failure> {
    match response.status {
        404 => Ok(false),
        _ => SERVICE.check(response).map(|()| true),
    }
}

pub(crate) fn created(response: &Response) -> Result<bool, Failure> {
    match response.status {
        // Another push was faster.
        409 => Ok(false),
        _ => SERVICE.check(response).map(|()| true),
    }
}
