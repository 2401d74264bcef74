//! The requests that this flavor sends: to Microsoft Entra or the machine's metadata for tokens, to the registry's
//! token service to exchange them, and to Azure Resource Manager to list registries.

use crhost_flavor::Operation;

use crate::cloud::CLOUDS;
use crate::entra::{self, JWT_BEARER};
use crate::imds::{self, IMDS};
use crate::names::{
    AUTHORITY_ENDPOINT, AUTHORITY_HOST, CLIENT_SECRET, EXCHANGE_ENDPOINT, FEDERATED_TOKEN, IDENTITY_ENDPOINT,
    IDENTITY_HEADER, MANAGEMENT_ENDPOINT, PASSWORD, TOKEN,
};

/// The resources that tokens are requested for: registries, and Resource Manager in each cloud.
fn resources() -> impl Iterator<Item = &'static str> {
    [entra::REGISTRY].into_iter().chain(CLOUDS.iter().map(|cloud| cloud.management))
}

/// Signs an application in with its client secret.
pub(crate) fn sign_in() -> Operation {
    entra("sign-in", "Gets a token of Microsoft Entra for the client secret")
        .form_secret("client_secret", CLIENT_SECRET)
}

/// Signs an application in with the token of an identity provider.
pub(crate) fn federated_sign_in() -> Operation {
    entra("federated-sign-in", "Gets a token of Microsoft Entra for the token of an identity provider")
        .body_of("client_assertion_type", [JWT_BEARER])
        .form_secret("client_assertion", FEDERATED_TOKEN)
}

/// The same at the address that the machine's environment names.
pub(crate) fn also_at_authority_host(sign_in: Operation) -> Operation {
    sign_in.endpoint(AUTHORITY_HOST)
}

fn entra(name: &str, summary: &str) -> Operation {
    let scopes: Vec<String> = resources().map(entra::scope).collect();
    Operation::new(name, summary)
        .post()
        .hosts(CLOUDS.map(|cloud| cloud.authority))
        .endpoint(AUTHORITY_ENDPOINT)
        .path("/*/oauth2/v2.0/token")
        .body("client_id")
        .body_of("scope", scopes.iter().map(String::as_str))
        .body_of("grant_type", ["client_credentials"])
}

/// Gets a token of the managed identity of the machine that this runs on.
pub(crate) fn of_machine() -> Operation {
    managed("machine-identity", "Gets a token of the machine's managed identity", imds::VERSION)
        .at(IMDS)
        .path(imds::PATH)
}

/// Gets a token of the managed identity of a platform such as App Service.
pub(crate) fn of_platform() -> Operation {
    managed("platform-identity", "Gets a token of the platform's managed identity", imds::PLATFORM_VERSION)
        .endpoint(IDENTITY_ENDPOINT)
        .path("/")
        .header_secret("x-identity-header", "", IDENTITY_HEADER)
}

fn managed(name: &str, summary: &str, version: &str) -> Operation {
    Operation::new(name, summary)
        .get()
        .query_of("api-version", [version])
        .query_of("resource", resources())
        .query("client_id")
        .header_of("metadata", ["true"])
}

/// Exchanges a token that Entra issued, or one that the user stored, for the registry's password.
fn exchange() -> Operation {
    token_service("exchange", "Exchanges a token of Microsoft Entra for the registry's password")
        .post()
        .path("/oauth2/exchange")
        .body_of("grant_type", ["access_token"])
        .body("service")
        .body("tenant")
}

/// Exchanges a token that Entra issued.
pub(crate) fn exchange_of_issued_token() -> Operation {
    exchange().body("access_token")
}

/// Exchanges a token that the user stored.
pub(crate) fn exchange_of_stored_token() -> Operation {
    exchange().form_secret("access_token", TOKEN)
}

/// Asks for the permissions of a refresh token.
pub(crate) fn permission_of_issued_token() -> Operation {
    let operation = permission().post().body_of("grant_type", ["refresh_token"]);
    ["service", "scope", "refresh_token"].into_iter().fold(operation, Operation::body)
}

/// Asks for the permissions of a password.
pub(crate) fn permission_of_password() -> Operation {
    permission().get().query("service").query("scope").basic(PASSWORD)
}

fn permission() -> Operation {
    token_service("check-permission", "Asks the registry whether a push is allowed").path("/oauth2/token")
}

/// A request to the registry's token service, which is at the login server.
fn token_service(name: &str, summary: &str) -> Operation {
    Operation::new(name, summary).host("https://{registry}").endpoint(EXCHANGE_ENDPOINT)
}

/// Lists the manifests of a repository, and deletes tags, with an access token of the registry.
pub(crate) fn of_cleanup() -> [Operation; 2] {
    let call = |name, summary| token_service(name, summary);
    [
        call("list-manifests", "Lists the manifests of a repository, with their tags")
            .get()
            .path("/acr/v1/*/_manifests")
            .query("n")
            .query("last"),
        call("delete-tag", "Deletes a tag of a repository").delete().path("/acr/v1/*/_tags/*"),
    ]
}

/// Lists subscriptions and their registries. Azure says what the query of the next page is.
pub(crate) fn list() -> Operation {
    Operation::new("list-registries", "Lists registries in Azure Resource Manager")
        .get()
        .hosts(CLOUDS.map(|cloud| cloud.management))
        .endpoint(MANAGEMENT_ENDPOINT)
        .path("/subscriptions")
        .path("/subscriptions/*/providers/Microsoft.ContainerRegistry/registries")
        .query("*")
}

#[cfg(test)]
mod tests;
