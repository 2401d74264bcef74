//! The metadata server of a machine in Google's cloud: it gives tokens of the service account that the machine runs as.

use crhost_flavor::http::{Method, Request, Response};
use crhost_flavor::{Failure, FailureKind, Options, clock};
use serde::Deserialize;

use crate::endpoint;
use crate::refusal::unreadable;
use crate::token::{self, Token};

const WHO: &str = "the metadata server";
const ACCOUNT: &str = "/computeMetadata/v1/instance/service-accounts/default";

#[derive(Deserialize)]
struct Account {
    email: String,
}

/// A token of the machine's service account.
pub(crate) fn token(options: &Options) -> Result<Token<'static>, Failure> {
    let response = get(options, "/token")?;
    let (token, end) = token::of_oauth(&response, clock::now()).ok_or_else(|| unreadable(WHO))?;
    Ok(Token::Made(token, end))
}

/// The address of that account.
pub(crate) fn email(options: &Options) -> Result<String, Failure> {
    let response = get(options, "/?recursive=true")?;
    let account: Account = serde_json::from_slice(&response.body).map_err(|_| unreadable(WHO))?;
    if account.email.contains(char::is_control) { Err(unreadable(WHO)) } else { Ok(account.email) }
}

fn get(options: &Options, path: &str) -> Result<Response, Failure> {
    let base = endpoint::METADATA.url(options)?;
    let request = Request::new(Method::Get, format!("{base}{ACCOUNT}{path}")).header("metadata-flavor", "Google");
    let response = request.send().map_err(|error| granted(error.into(), &base))?;
    if let Some(failure) = response.unavailable(WHO, "") {
        return Err(failure);
    }
    match response.status {
        // Whoever else answers there, e.g. a proxy or another cloud, does not say this.
        200 if response.header("metadata-flavor") == Some("Google") => Ok(response),
        404 => Err(Failure::unauthenticated("this machine runs as no service account")
            .hint("attach a service account to it, or run `gcloud auth application-default login`")),
        403 => Err(Failure::denied(format!("{WHO} answered 403"))
            .hint("give the machine the scope `https://www.googleapis.com/auth/cloud-platform`")),
        _ => Err(unreadable(WHO)),
    }
}

/// Such addresses are opened by the user alone; the hint says how.
fn granted(failure: Failure, url: &str) -> Failure {
    let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let (kind, hint) = match failure.kind {
        FailureKind::Denied => {
            (FailureKind::Denied, format!("`--allow-host {origin}` when registering the registry lets it be asked"))
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
    use super::*;

    #[test]
    fn an_address_that_is_not_open_comes_with_the_words_that_open_it() {
        let hint = |failure| granted(failure, "http://metadata.google.internal").hint.unwrap();
        assert!(hint(Failure::denied("no")).contains("`--allow-host http://metadata.google.internal`"));
        assert!(hint(Failure::unavailable("no route")).contains("GOOGLE_APPLICATION_CREDENTIALS"));
    }
}
