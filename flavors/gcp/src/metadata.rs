//! The metadata server of a machine in Google's cloud: it gives tokens of the service account that the machine runs as.

use crhost_flavor::http::{Method, Request, Response};
use crhost_flavor::{Failure, FailureKind, Options, clock};
use serde::Deserialize;

use crate::endpoint;
use crate::refusal::{SOMETHING_BETWEEN, unreadable, words_of};
use crate::token::{self, Token};

/// The service in messages.
const WHO: &str = "the metadata server";
/// The path of the machine's service account.
pub(crate) const ACCOUNT: &str = "/computeMetadata/v1/instance/service-accounts/default";
/// The path of its tokens, below that.
pub(crate) const TOKEN: &str = "/token";

#[derive(Deserialize)]
struct Account {
    email: String,
}

/// A token of the machine's service account.
pub(crate) fn token(options: &Options) -> Result<Token<'static>, Failure> {
    let response = get(options, TOKEN)?;
    token::of_oauth(&response, clock::now()).map(Token::issued).ok_or_else(|| unreadable(WHO))
}

/// The address of the machine's service account.
pub(crate) fn email(options: &Options) -> Result<String, Failure> {
    let response = get(options, "/?recursive=true")?;
    let account: Account = serde_json::from_slice(&response.body).map_err(|_| unreadable(WHO))?;
    if account.email.contains(char::is_control) { Err(unreadable(WHO)) } else { Ok(account.email) }
}

fn get(options: &Options, path: &str) -> Result<Response, Failure> {
    let base = endpoint::METADATA.url(options);
    let request = Request::new(Method::Get, format!("{base}{ACCOUNT}{path}")).header("metadata-flavor", "Google");
    let response = request.send().map_err(|error| granted(error.into(), &base))?;
    given(response)
}

/// Fails unless the answer is a success.
fn given(response: Response) -> Result<Response, Failure> {
    let said = words_of(&response);
    if let Some(failure) = response.unavailable(WHO, said.trim_start_matches(": ")) {
        return Err(failure);
    }
    match response.status {
        // Other servers at that address, e.g. of a proxy or another cloud, do not send this header.
        200 if response.header("metadata-flavor") == Some("Google") => Ok(response),
        200 => Err(unreadable(WHO)),
        404 => Err(Failure::unauthenticated(format!("this machine runs as no service account{said}"))
            .hint("attach a service account to it, or run `gcloud auth application-default login`")),
        403 => Err(Failure::denied(format!("{WHO} answered 403{said}"))
            .hint("give the machine the scope `https://www.googleapis.com/auth/cloud-platform`")),
        status => Err(Failure::other(format!("{WHO} answered {status}{said}")).hint(SOMETHING_BETWEEN)),
    }
}

/// Explains why there is no answer. Only the user can grant an address inside a network; the hint says how.
fn granted(failure: Failure, url: &str) -> Failure {
    let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let (kind, hint) = match failure.kind {
        FailureKind::Denied => {
            let flag = match origin == endpoint::METADATA.origin() {
                true => "--allow-metadata gcp".to_owned(),
                false => format!("--allow-host {origin}"),
            };
            (FailureKind::Denied, format!("`{flag}` when registering the registry lets it be asked"))
        }
        kind => (
            kind,
            "outside of Google's cloud, set `GOOGLE_APPLICATION_CREDENTIALS` or run `gcloud auth application-default \
             login`"
                .to_owned(),
        ),
    };
    let message =
        format!("this machine has no file of Google credentials, and of its metadata server: {}", failure.message);
    Failure { retry_after: failure.retry_after, ..Failure::new(kind, message).hint(hint) }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::response;

    use super::*;

    #[test]
    fn an_address_that_is_not_open_comes_with_the_words_that_open_it() {
        let hint = |failure| granted(failure, "http://metadata.google.internal/x").hint.unwrap();
        assert!(hint(Failure::denied("no")).contains("`--allow-metadata gcp`"));
        let elsewhere = granted(Failure::denied("no"), "http://127.0.0.1:8080/x").hint.unwrap();
        assert!(elsewhere.contains("`--allow-host http://127.0.0.1:8080`"), "{elsewhere}");
        assert!(hint(Failure::unavailable("no route")).contains("GOOGLE_APPLICATION_CREDENTIALS"));
    }

    #[test]
    fn what_the_metadata_server_says_is_kept_in_one_line() {
        let answer = |status, headers: &[(&str, &str)], body: &str| given(response(status, headers, body));
        assert!(answer(200, &[("metadata-flavor", "Google")], "{}").is_ok());
        assert!(answer(200, &[], "{}").is_err());
        for (status, body, kind, words) in [
            (
                403,
                "Missing Metadata-Flavor:\nGoogle header.\n",
                FailureKind::Denied,
                "403: Missing Metadata-Flavor: Google header",
            ),
            (
                404,
                r#"{"error":"invalid_request","error_description":"no account"}"#,
                FailureKind::Unauthenticated,
                "no account (`invalid_request`)",
            ),
            (404, "", FailureKind::Unauthenticated, "runs as no service account"),
            (400, "<h1>Bad Request</h1>", FailureKind::Other, "400: <h1>Bad Request</h1>"),
            (503, "try\tlater", FailureKind::Unavailable, "503: try later"),
            (429, "", FailureKind::RateLimited, "429"),
        ] {
            let failure = answer(status, &[], body).unwrap_err();
            assert_eq!(failure.kind, kind, "{status}");
            assert!(failure.message.contains(words), "{}", failure.message);
        }
        assert!(answer(403, &[], &"x".repeat(9_000)).unwrap_err().message.len() < 300);
    }
}
