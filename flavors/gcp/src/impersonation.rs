//! Tokens of a service account, which somebody gets who may (`roles/iam.serviceAccountTokenCreator`).

use crhost_flavor::http::{Method, Request};
use crhost_flavor::{Failure, FailureKind, Options, clock};
use serde_json::{Value, json};

use crate::endpoint;
use crate::file::File;
use crate::jwt;
use crate::key;
use crate::refusal::{Refusal, unreadable};
use crate::token::{self, Token};

const WHO: &str = "Google's IAM";
const PERMISSION: &str = "iam.serviceAccounts.getAccessToken";

/// Seconds that a token lives if nobody says otherwise, and at most; more than an hour takes a policy of the
/// organisation.
const LIFE: u32 = 3_600;
const LONGEST: u32 = 43_200;

/// The service account, and for how long.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Target {
    pub(crate) email: String,
    seconds: u32,
    delegates: Vec<String>,
}

impl Target {
    /// What the user says.
    pub(crate) fn new(email: &str, seconds: Option<&str>) -> Result<Self, Failure> {
        key::check_email(email)?;
        let number = seconds.map_or(Some(LIFE), |text| text.parse().ok());
        let Some(seconds) = number.filter(|seconds| (1..=LONGEST).contains(seconds)) else {
            let text = seconds.unwrap_or_default();
            return Err(Failure::invalid_input(format!(
                "`duration-seconds` is `{text}`, expected a number of seconds from 1 to {LONGEST}"
            ))
            .hint(format!("leave it out for {LIFE}")));
        };
        Ok(Self { email: email.to_owned(), seconds, delegates: Vec::new() })
    }

    /// Its token, for somebody else's.
    pub(crate) fn token(&self, base: &Token<'_>, options: &Options) -> Result<Token<'static>, Failure> {
        let url = endpoint::IAM.url(options)?;
        let url = format!("{url}/v1/projects/-/serviceAccounts/{}:generateAccessToken", self.email);
        let mut body = json!({"scope": [jwt::SCOPE], "lifetime": format!("{}s", self.seconds)});
        if let (Some(members), false) = (body.as_object_mut(), self.delegates.is_empty()) {
            members.insert("delegates".to_owned(), json!(self.delegates));
        }
        let response = Request::new(Method::Post, url)
            .header("content-type", "application/json")
            .header_of("authorization", base.authorization())
            .body(body.to_string())
            .send()?;
        if response.status != 200 {
            let failure = Refusal::of_api(&response, WHO, endpoint::IAM, PERMISSION, clock::now());
            return Err(self.explained(failure));
        }
        let (token, end) = token::of_iam(&response, clock::now()).ok_or_else(|| unreadable(WHO))?;
        Ok(Token::Made(token, end))
    }

    /// Google does not say whether the account is missing or the permission; where it says something else, that is kept.
    fn explained(&self, failure: Failure) -> Failure {
        let message = format!("no token of `{}` was given: {}", self.email, failure.message);
        let lacks_permission = failure.hint.as_deref().is_some_and(|hint| hint.contains(PERMISSION));
        match failure.kind {
            FailureKind::Denied if !lacks_permission => Failure { message, ..failure },
            FailureKind::Denied | FailureKind::NotFound => Failure::denied(message).hint(format!(
                "see whether that service account exists; on it, grant `{PERMISSION}` (role Service Account Token \
                 Creator) to whom the connector is"
            )),
            _ => Failure { message, ..failure },
        }
    }
}

/// The target that a file names by the URL of its tokens.
pub(crate) fn of_file(file: &File<'_>, url: &str) -> Result<Target, Failure> {
    let text = |name: &str| file.public_member(name);
    let settings = text("service_account_impersonation").and_then(|json| serde_json::from_str::<Value>(&json).ok());
    let seconds = settings.and_then(|settings| settings.get("token_lifetime_seconds").map(Value::to_string));
    let delegates = text("delegates").and_then(|json| serde_json::from_str(&json).ok());
    Ok(Target { delegates: delegates.unwrap_or_default(), ..Target::new(&account_in(url)?, seconds.as_deref())? })
}

/// The account in `…/serviceAccounts/ACCOUNT:generateAccessToken`. Where the URL leads does not count: only Google's
/// IAM, or what the user put in its place, is asked.
fn account_in(url: &str) -> Result<String, Failure> {
    let account = url
        .strip_suffix(":generateAccessToken")
        .and_then(|url| url.split_once("/serviceAccounts/"))
        .map(|(_, account)| account.to_owned());
    account.ok_or_else(|| {
        let shown: String = url.chars().filter(|c| !c.is_control()).take(200).collect();
        Failure::invalid_input(format!(
            "the file's `service_account_impersonation_url` is `{shown}`, expected \
             `…/serviceAccounts/ACCOUNT:generateAccessToken`"
        ))
        .hint("store the whole file, as gcloud wrote it")
    })
}

#[cfg(test)]
mod tests {
    use crhost_flavor::http::Response;

    use super::*;

    const EMAIL: &str = "pusher@my-project.iam.gserviceaccount.com";

    #[test]
    fn a_target_is_an_account_and_a_time() {
        for (seconds, expected) in [(None, Some(3_600)), (Some("900"), Some(900)), (Some("43200"), Some(43_200))] {
            assert_eq!(Target::new(EMAIL, seconds).ok().map(|target| target.seconds), expected);
        }
        for seconds in ["0", "43201", "-1", "1h", ""] {
            assert!(Target::new(EMAIL, Some(seconds)).is_err(), "{seconds}");
        }
        assert!(Target::new("pusher", None).is_err());
    }

    #[test]
    fn a_file_s_url_gives_the_account_and_nothing_else() {
        let url = |host: &str| format!("https://{host}/v1/projects/-/serviceAccounts/{EMAIL}:generateAccessToken");
        assert_eq!(account_in(&url("iamcredentials.googleapis.com")).unwrap(), EMAIL);
        assert_eq!(account_in(&url("evil.example.com")).unwrap(), EMAIL);
        for url in ["", "https://x/serviceAccounts/a@b:signJwt", "https://x/a@b:generateAccessToken"] {
            assert!(account_in(url).is_err(), "{url}");
        }
    }

    #[test]
    fn who_may_not_have_a_token_is_told_what_to_grant() {
        let target = Target::new(EMAIL, None).unwrap();
        let denied = target.explained(Failure::not_found("gone"));
        assert_eq!(denied.kind, FailureKind::Denied);
        assert!(denied.hint.unwrap().contains("iam.serviceAccounts.getAccessToken"));
        let refused = |reason: &str| {
            let error = json!({"error": {"status": "PERMISSION_DENIED", "details": [{"reason": reason}]}});
            let response = Response { status: 403, headers: Vec::new(), body: error.to_string().into_bytes() };
            target.explained(Refusal::of_api(&response, WHO, endpoint::IAM, PERMISSION, 0)).hint.unwrap()
        };
        for reason in ["", "IAM_PERMISSION_DENIED", "SOMETHING_NEW"] {
            assert!(refused(reason).contains("role Service Account Token Creator"), "{reason}");
        }
        assert!(refused("SERVICE_DISABLED").contains("`gcloud services enable iamcredentials.googleapis.com`"));
        assert!(refused("ACCESS_TOKEN_SCOPE_INSUFFICIENT").contains("cloud-platform"));
        assert_eq!(target.explained(Failure::unavailable("busy").retry_after(3)).retry_after, Some(3));
    }
}
