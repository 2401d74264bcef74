//! The metadata of a machine in Azure (IMDS), which issues the tokens of its managed identity, and its counterpart on
//! platforms such as App Service.

use crhost_flavor::http::{Endpoint, Method, Request, Response, percent_encoded};
use crhost_flavor::oauth::TokenResponse;
use crhost_flavor::{Failure, FailureKind, Options, clock};

use crate::connector::{Managed, Platform};
use crate::endpoint::{METADATA, granted};
use crate::names::IMDS_ENDPOINT;
use crate::refusal;

/// The metadata's address, which answers on the machine itself only.
pub(crate) const IMDS: Endpoint = Endpoint { option: IMDS_ENDPOINT, address: METADATA };
/// The path of its tokens.
pub(crate) const PATH: &str = "/metadata/identity/oauth2/token";
/// Version of its API.
pub(crate) const VERSION: &str = "2018-02-01";
/// Version of the platforms' API.
pub(crate) const PLATFORM_VERSION: &str = "2019-08-01";

/// The service in messages.
const WHO: &str = "the machine's metadata";

/// A token for `resource`, of a managed identity.
pub(crate) fn token(managed: &Managed<'_>, options: &Options, resource: &str) -> Result<String, Failure> {
    ask(managed, options, resource).map_err(|failure| match managed.is_last_resort {
        true => Failure {
            message: format!(
                "the environment has neither a client secret nor a federated token, and {}",
                failure.message
            ),
            ..failure
        },
        false => failure,
    })
}

fn ask(managed: &Managed<'_>, options: &Options, resource: &str) -> Result<String, Failure> {
    let replacement = IMDS.replacement(options);
    let resource = percent_encoded(resource);
    let which = managed.client.as_ref().map(|client| format!("&client_id={}", percent_encoded(client)));
    let which = which.unwrap_or_default();
    let response = match (&replacement, &managed.platform) {
        (None, Some(Platform { endpoint, header })) => {
            let url = format!("{endpoint}?api-version={PLATFORM_VERSION}&resource={resource}{which}");
            // The header `metadata` is for Azure Automation, which wants it as machines do.
            let request = Request::new(Method::Get, &url).header("metadata", "true");
            send(request.header("x-identity-header", *header), "--allow-secret-host")?
        }
        _ => {
            let endpoint = replacement.as_deref().unwrap_or(IMDS.address);
            let url = format!("{endpoint}{PATH}?api-version={VERSION}&resource={resource}{which}");
            // The header proves that the request does not come from a page in a browser.
            send(Request::new(Method::Get, url).header("metadata", "true"), "--allow-host")?
        }
    };
    match response.status {
        200 => TokenResponse::read(&response.body)
            .map(|answer| answer.access_token)
            .ok_or_else(|| refusal::unreadable(WHO)),
        _ => Err(refused(&response, clock::now())),
    }
}

/// Sends a request to an address that the user grants with a flag.
fn send(request: Request<'_>, flag: &str) -> Result<Response, Failure> {
    request.send().map_err(|error| nowhere(granted(error.into(), &request.url, flag)))
}

fn refused(response: &Response, now: u64) -> Failure {
    // 404 and 410 mean that the service is being renewed, for a minute at most (its documentation, "Retry guidance").
    if [404, 410].contains(&response.status) {
        return Failure::unavailable(format!("{WHO} answered {}, as it does while it is renewed", response.status))
            .retry_after(5)
            .hint("try again in a minute; where this is no machine of Azure, use another auth method");
    }
    let failure = refusal::of_entra(response, WHO, now);
    match failure.kind {
        FailureKind::Unauthenticated | FailureKind::Denied | FailureKind::Other if response.status < 500 => {
            Failure::unauthenticated(failure.message)
                .hint("give the machine a managed identity; where it has more than one, `client-id` says which")
        }
        _ => failure,
    }
}

/// Explains a missing answer: where nothing answers, this is not a machine of Azure.
fn nowhere(failure: Failure) -> Failure {
    let message = format!("this machine has no managed identity: {}", failure.message);
    match failure.kind {
        FailureKind::Denied => Failure { message, kind: FailureKind::Unauthenticated, ..failure },
        FailureKind::Unavailable => {
            Failure { message, ..failure }.hint("only machines of Azure have one; elsewhere use `service-principal`")
        }
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::answer;

    use super::*;

    fn failure(status: u16, body: &str) -> Failure {
        refused(&answer(status, body), 0)
    }

    #[test]
    fn a_machine_without_identity_is_told_from_one_that_is_busy() {
        let none = failure(400, r#"{"error":"invalid_request","error_description":"Identity not found"}"#);
        assert_eq!(none.kind, FailureKind::Unauthenticated);
        assert!(none.message.contains("Identity not found") && none.hint.unwrap().contains("`client-id`"));
        assert_eq!(failure(404, "").kind, FailureKind::Unavailable);
        let busy = failure(429, "{}");
        assert_eq!((busy.kind, busy.retry_after), (FailureKind::RateLimited, Some(2)));
        assert_eq!(failure(500, "").kind, FailureKind::Unavailable);
    }

    #[test]
    fn an_address_that_is_closed_or_silent_means_that_there_is_no_identity() {
        let closed = nowhere(granted(Failure::denied("no"), &format!("{}/x", IMDS.address), "--allow-host"));
        assert_eq!(closed.kind, FailureKind::Unauthenticated);
        assert!(closed.hint.unwrap().contains("`--allow-metadata azure`"));
        assert_eq!(nowhere(Failure::unavailable("no answer")).kind, FailureKind::Unavailable);
    }
}
