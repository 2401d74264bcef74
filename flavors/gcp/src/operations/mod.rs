//! The requests that this flavor sends: to Google's token services and to the machine's metadata for tokens, and with
//! those to Artifact Registry's API.

use crhost_flavor::Operation;

use crate::endpoint::{ARTIFACT_REGISTRY, IAM, METADATA, STS, TOKEN};
use crate::given::{AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN};
pub(crate) use crate::subject::by_job;
use crate::subject::executable;
use crate::{external, impersonation, key, metadata, subject, user};

/// Artifact Registry's API that keeps to a region.
const REGIONAL: &str = "https://artifactregistry.*.rep.googleapis.com";

/// The member of a key file that signs.
const PRIVATE_KEY: &str = "private_key";

/// What opens Artifact Registry's API.
#[derive(Clone, Copy)]
pub(crate) enum Bearer {
    /// A token that Google issued, which the flavor knows as text.
    Issued,
    /// The token in a field.
    Stored(&'static str),
    /// A token that the key file in a field signs.
    Signed(&'static str),
}

/// Gets an access token for an assertion that the key file in `field` signs.
pub(crate) fn sign_in(field: &str) -> Operation {
    Operation::new("sign-in", "Gets an access token for an assertion that the key signs")
        .post()
        .at(TOKEN)
        .path("/token")
        .body_of("grant_type", [key::GRANT_TYPE])
        .signature_form("assertion", field)
        .member(PRIVATE_KEY)
}

/// Gets an access token for the refresh token in the file in `field`.
pub(crate) fn refresh(field: &str) -> Operation {
    Operation::new("refresh", "Gets an access token for the refresh token")
        .post()
        .at(TOKEN)
        .path("/token")
        .body_of("grant_type", [user::GRANT_TYPE])
        .body("client_id")
        .form_secret("client_secret", field)
        .member("client_secret")
        .form_secret("refresh_token", field)
        .member("refresh_token")
}

/// Exchanges the token of another provider in `field`, or in a member of it, for an access token.
pub(crate) fn exchange(field: &str) -> Operation {
    exchange_of("exchange").form_secret("subject_token", field)
}

/// The same for a token in `field`, or in what a program printed.
pub(crate) fn exchange_of_file(field: &str, printed: &str) -> Operation {
    let tokens = executable::TOKENS.into_iter();
    tokens.fold(exchange(field), |exchange, token| exchange.form_secret("subject_token", printed).member(token))
}

/// The same with a request to AWS's STS in the token's place, which is signed with keys of the connector.
pub(crate) fn with_keys_of_aws(exchange: Operation) -> Operation {
    exchange.signature_form("subject_token", AWS_SECRET_ACCESS_KEY).form_secret("subject_token", AWS_SESSION_TOKEN)
}

/// The exchange, without the token.
fn exchange_of(name: &str) -> Operation {
    let operation = Operation::new(name, "Exchanges the token of another provider for an access token")
        .post()
        .at(STS)
        .path(external::PATH)
        .body_of("grant_type", [external::GRANT_TYPE]);
    let rest = ["audience", "scope", "requested_token_type", "subject_token_type", "options"];
    rest.into_iter().fold(operation, Operation::body)
}

/// Gets a token of a service account that the owner of an issued token impersonates.
pub(crate) fn impersonate() -> Operation {
    Operation::new("impersonate", "Gets an access token of a service account that is impersonated")
        .post()
        .at(IAM)
        .path(impersonation::path("*"))
}

/// Gets a token and the address of the service account of the machine that this runs on.
pub(crate) fn of_machine() -> Operation {
    Operation::new("machine-token", "Gets an access token of the machine's service account, and its address")
        .get()
        .at(METADATA)
        .path(format!("{}{}", metadata::ACCOUNT, metadata::TOKEN))
        .path(format!("{}/", metadata::ACCOUNT))
        .query("recursive")
        .header_of("metadata-flavor", ["Google"])
}

/// Gets what stands for a machine of another provider, and exchanges it: both are known as text.
pub(crate) fn of_other_machine() -> impl Iterator<Item = Operation> {
    let [session, keys] = subject::by_instance();
    [subject::by_azure(), session, keys, exchange_of("exchange-known").body("subject_token")].into_iter()
}

/// Asks whose an issued token is.
pub(crate) fn owner_of_issued_token() -> Operation {
    owner().body("access_token")
}

/// Asks whose the token in `field` is.
pub(crate) fn owner_of_stored_token(field: &str) -> Operation {
    owner().form_secret("access_token", field)
}

fn owner() -> Operation {
    Operation::new("token-owner", "Asks whose the token is").post().at(TOKEN).path("/tokeninfo")
}

/// A call of Artifact Registry's API, without a method and paths.
fn call(bearer: Bearer, name: &str, summary: &str) -> Operation {
    let operation = Operation::new(name, summary).at(ARTIFACT_REGISTRY).host(REGIONAL);
    match bearer {
        Bearer::Issued => operation.header("x-goog-user-project"),
        Bearer::Stored(field) => operation.bearer(field),
        Bearer::Signed(field) => operation.signature_header("authorization", "Bearer ", field).member(PRIVATE_KEY),
    }
}

/// Calls that list what a repository has.
pub(crate) fn of_cleanup(bearer: Bearer) -> [Operation; 2] {
    let list = |name, summary| call(bearer, name, summary).get().query("pageSize").query("pageToken");
    [
        list("list-packages", "Lists the images of a repository")
            .path("/v1/projects/*/locations/*/repositories/*/packages"),
        list("list-versions", "Lists the versions of an image, which are manifests, with their tags")
            .path("/v1/projects/*/locations/*/repositories/*/packages/*/versions")
            .query_of("view", ["FULL"]),
    ]
}

/// Calls of Artifact Registry's API.
pub(crate) fn of_registries(bearer: Bearer) -> [Operation; 3] {
    let call = |name: &str, summary: &str| call(bearer, name, summary);
    [
        call("check-repository", "Looks for the repository, and whether it has been created")
            .get()
            .path("/v1/projects/*/locations/*/repositories/*")
            .path("/v1/projects/*/locations/*/operations/*"),
        call("create-repository", "Creates the repository")
            .post()
            .path("/v1/projects/*/locations/*/repositories")
            .query("repositoryId"),
        call("list-repositories", "Lists the repositories of a project")
            .get()
            .path("/v1/projects/*/locations")
            .path("/v1/projects/*/locations/*/repositories")
            .query("pageSize")
            .query("pageToken"),
    ]
}

#[cfg(test)]
mod tests;
