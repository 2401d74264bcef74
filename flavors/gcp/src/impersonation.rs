//! Impersonation of a service account: IAM issues its tokens to principals that may create them
//! (`roles/iam.serviceAccountTokenCreator`).

use crhost_flavor::http::Api;
use crhost_flavor::text::excerpt;
use crhost_flavor::{Failure, FailureKind, Options, clock};
use serde_json::{Value, json};

use crate::endpoint;
use crate::file::File;
use crate::jwt;
use crate::key;
use crate::refusal::{ApiRefusal, Refusal, unreadable};
use crate::token::{self, Token};

const WHO: &str = "Google's IAM";
const PERMISSION: &str = "iam.serviceAccounts.getAccessToken";

/// Seconds that a token lives by default.
const LIFETIME: u32 = 3_600;
/// Longest lifetime; more than an hour needs a policy of the organisation.
const LONGEST: u32 = 43_200;

/// The service account, and the lifetime of its tokens.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Target {
    pub(crate) email: String,
    seconds: u32,
    delegates: Vec<String>,
}

impl Target {
    /// The account and the lifetime that the user gave.
    pub(crate) fn new(email: &str, seconds: Option<&str>) -> Result<Self, Failure> {
        key::check_email(email)?;
        let number = seconds.map_or(Some(LIFETIME), |text| text.parse().ok());
        let Some(seconds) = number.filter(|seconds| (1..=LONGEST).contains(seconds)) else {
            let text = seconds.unwrap_or_default();
            return Err(Failure::invalid_input(format!(
                "`duration-seconds` is `{text}`, expected a number of seconds from 1 to {LONGEST}"
            ))
            .hint(format!("leave it out for {LIFETIME}")));
        };
        Ok(Self { email: email.to_owned(), seconds, delegates: Vec::new() })
    }

    /// Its token, issued to the owner of another token.
    pub(crate) fn token(&self, base: Token<'_>, options: &Options) -> Result<Token<'static>, Failure> {
        let mut body = json!({"scope": [jwt::SCOPE], "lifetime": format!("{}s", self.seconds)});
        if let (Some(members), false) = (body.as_object_mut(), self.delegates.is_empty()) {
            members.insert("delegates".to_owned(), json!(self.delegates));
        }
        let response = Api::bearer(endpoint::IAM.url(options), base.value).post(&path(&self.email), &body)?;
        if response.status != 200 {
            return Err(self.explained(Refusal::of_api(&response, WHO, endpoint::IAM, PERMISSION, clock::now())));
        }
        token::of_iam(&response, clock::now()).map(Token::issued).ok_or_else(|| unreadable(WHO))
    }

    /// Names the account. Google does not say whether the account is missing or the permission, so that the hint names
    /// both.
    fn explained(&self, refusal: ApiRefusal) -> Failure {
        let ApiRefusal { failure, lacks_permission } = refusal;
        let message = format!("no token of `{}` was given: {}", self.email, failure.message);
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

/// The path of an account's tokens.
pub(crate) fn path(account: &str) -> String {
    format!("/v1/projects/-/serviceAccounts/{account}:generateAccessToken")
}

/// The target that a file names by the URL of its tokens.
pub(crate) fn of_file(file: &File<'_>, url: &str) -> Result<Target, Failure> {
    let text = |name: &str| file.public_member(name);
    let settings = text("service_account_impersonation").and_then(|json| serde_json::from_str::<Value>(&json).ok());
    let seconds = settings.and_then(|settings| settings.get("token_lifetime_seconds").map(Value::to_string));
    let delegates = text("delegates").and_then(|json| serde_json::from_str(&json).ok());
    Ok(Target { delegates: delegates.unwrap_or_default(), ..Target::new(&account_in(url)?, seconds.as_deref())? })
}

/// The account in `…/serviceAccounts/ACCOUNT:generateAccessToken`. The URL's host does not count: only Google's IAM, or
/// the address that the user put in its place, is asked.
pub(crate) fn account_in(url: &str) -> Result<String, Failure> {
    let account = url
        .strip_suffix(":generateAccessToken")
        .and_then(|url| url.split_once("/serviceAccounts/"))
        .map(|(_, account)| account.to_owned());
    account.ok_or_else(|| {
        let shown = excerpt(url, 200);
        Failure::invalid_input(format!(
            "the file's `service_account_impersonation_url` is `{shown}`, expected \
             `…/serviceAccounts/ACCOUNT:generateAccessToken`"
        ))
        .hint("store the whole file, as gcloud wrote it")
    })
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::answer;

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
        let refusal = |failure| ApiRefusal { failure, lacks_permission: false };
        let denied = target.explained(refusal(Failure::not_found("gone")));
        assert_eq!(denied.kind, FailureKind::Denied);
        assert!(denied.hint.unwrap().contains("iam.serviceAccounts.getAccessToken"));
        let refused = |reason: &str| {
            let error = json!({"error": {"status": "PERMISSION_DENIED", "details": [{"reason": reason}]}});
            let response = answer(403, &error.to_string());
            target.explained(Refusal::of_api(&response, WHO, endpoint::IAM, PERMISSION, 0)).hint.unwrap()
        };
        for reason in ["", "IAM_PERMISSION_DENIED", "SOMETHING_NEW"] {
            assert!(refused(reason).contains("role Service Account Token Creator"), "{reason}");
        }
        assert!(refused("SERVICE_DISABLED").contains("`gcloud services enable iamcredentials.googleapis.com`"));
        assert!(refused("ACCESS_TOKEN_SCOPE_INSUFFICIENT").contains("cloud-platform"));
        assert_eq!(target.explained(refusal(Failure::unavailable("busy").retry_after(3))).retry_after, Some(3));
    }
}
