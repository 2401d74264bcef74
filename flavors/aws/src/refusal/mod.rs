//! Error answers of AWS, and the user's next step for each.

use crhost_flavor::http::Response;
use crhost_flavor::{Failure, FailureKind, text};

use crate::xml;

/// A call of an API, for messages.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    /// The service's name.
    pub(crate) service: &'a str,
    /// The permission that it needs, which is also its name.
    pub(crate) permission: &'a str,
    /// Its region.
    pub(crate) region: &'a str,
}

/// An error answer.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    /// AWS's name of the error, e.g. `RepositoryNotFoundException`; empty if the answer is not AWS's.
    pub(crate) code: String,
    /// AWS's description of it, in one line.
    pub(crate) words: String,
}

/// Most characters of AWS's words in a message: the longest sentences name two ARNs.
const WORDS: usize = 600;

/// Errors that mean: the keys are not accepted.
const UNAUTHENTICATED: &[&str] = &[
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "ExpiredTokenException",
    "TokenRefreshRequired",
    "RequestExpired",
    "InvalidAccessKeyId",
    "AuthFailure",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidIdentityToken",
    "IDPRejectedClaim",
    "NotSignedUp",
];
/// Errors that mean: the keys do not allow it.
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "NotAuthorized",
    "OptInRequired",
    "RegionDisabledException",
];
/// Errors that mean: the principal may not call this. ECR asks for other permissions to push, so that these stop none
/// (AWS's "IAM permissions for pushing an image" has no `ecr:DescribeRepositories`).
pub(crate) const MAY_NOT: [&str; 4] =
    ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"];
/// Errors that mean: there were too many requests.
const BUSY: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
];

/// Errors that mean: a parameter is not valid.
const INVALID: &[&str] =
    &["InvalidParameterException", "InvalidParameterValue", "ValidationError", "ValidationException"];

impl Refusal {
    /// Reads an error in JSON or XML; any other answer has neither code nor words.
    pub(crate) fn of(response: &Response) -> Self {
        let body = String::from_utf8_lossy(&response.body);
        let json = response.json();
        let member = |names: [&str; 3]| names.iter().find_map(|name| json.get(name)?.as_str().map(str::to_owned));
        let code = member(["__type", "code", "Code"])
            .or_else(|| xml::element(&body, "Code"))
            .or_else(|| response.header("x-amzn-errortype").map(str::to_owned))
            .unwrap_or_default();
        let words = member(["message", "Message", "errorMessage"]).or_else(|| xml::element(&body, "Message"));
        // `namespace#Code:http://…` in the older services.
        let code = code.rsplit('#').next().unwrap_or_default().split(':').next().unwrap_or_default();
        let is_code =
            !code.is_empty() && code.len() <= 100 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
        Self {
            code: if is_code { code.to_owned() } else { String::new() },
            words: one_line(&words.unwrap_or_default()),
        }
    }

    /// The failure for it.
    pub(crate) fn failure(&self, response: &Response, call: Call<'_>, now: u64) -> Failure {
        let said = match (self.code.as_str(), self.words.as_str()) {
            ("", "") => format!("{} answered {} and nothing that AWS would say", call.service, response.status),
            ("", words) => format!("{} answered {}: {words}", call.service, response.status),
            (code, "") => format!("{} answered {} ({code})", call.service, response.status),
            (code, words) => format!("{} refused `{}`: {words} ({code})", call.service, call.permission),
        };
        let code = self.code.as_str();
        if BUSY.contains(&code) {
            return Failure::rate_limited(said).retry_after(response.retry_after().unwrap_or(2));
        }
        if UNAUTHENTICATED.contains(&code) {
            return Failure::unauthenticated(said).hint(self.why_unauthenticated(response, call, now));
        }
        if DENIED.contains(&code) {
            return Failure::denied(said).hint(self.why_denied(call));
        }
        if let Some(failure) = response.unavailable(call.service, &one_line(&format!("{} {}", self.code, self.words))) {
            return failure;
        }
        if INVALID.contains(&code) {
            return Failure::invalid_input(said);
        }
        match response.status {
            401 | 403 if code.is_empty() => {
                Failure::denied(said).hint("something in between, e.g. a proxy, may have answered in place of AWS")
            }
            409 => Failure::conflict(said),
            _ => Failure::new(FailureKind::Other, said),
        }
    }

    fn why_unauthenticated(&self, response: &Response, call: Call<'_>, now: u64) -> String {
        if let Some(skew) = response.clock_skew(now, "AWS's") {
            return format!("{skew}: set it, and try again");
        }
        match self.code.as_str() {
            _ if self.words.contains("valid region") => {
                format!("`{}` is not the region of that endpoint: give the right one", call.region)
            }
            _ if self.words.contains("ignature expired") || self.words.contains("not yet current") => {
                "this machine's clock is wrong: set it, and try again".to_owned()
            }
            "InvalidSignatureException" | "SignatureDoesNotMatch" | "AuthFailure" => {
                "the secret access key is not the one of this access key id: store both again".to_owned()
            }
            "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" | "RequestExpired" => {
                "the temporary keys or the token have expired: get fresh ones, and store them".to_owned()
            }
            "InvalidIdentityToken" | "IDPRejectedClaim" => {
                "the role trusts another identity provider or its keys of before, or the token is for another audience: \
                 compare with what `crhost connector explain` says"
                    .to_owned()
            }
            _ => {
                "the access key id is unknown, disabled, or of another partition of AWS; temporary keys (`ASIA…`) need \
                  their session token"
                    .to_owned()
            }
        }
    }

    fn why_denied(&self, call: Call<'_>) -> String {
        if ["OptInRequired", "RegionDisabledException"].contains(&self.code.as_str()) {
            return format!("region `{}` is not enabled for this account", call.region);
        }
        let named = self.words.split_once("to perform: ").and_then(|(_, rest)| rest.split([' ', ',']).next());
        let permission = named.filter(|name| name.contains(':')).unwrap_or(call.permission);
        // The role's trust policy decides here, and not only the caller's; a token has no policy at all.
        match permission {
            "sts:AssumeRoleWithWebIdentity" => {
                return "let the role's trust policy have the token's issuer as principal, and its audience (`aud`) and \
                        subject (`sub`) in its conditions, as `crhost connector explain` writes it"
                    .to_owned();
            }
            "sts:AssumeRole" => {
                return "let the role's trust policy have whom the connector is as principal, and ask for no other external \
                        id; of another account, whom the connector is needs `sts:AssumeRole` in an IAM policy, too"
                    .to_owned();
            }
            _ => {}
        }
        format!("allow `{permission}` in an IAM policy of whom the connector is")
    }
}

/// The first paragraph in one line: the others, in messages about signatures, repeat the request with its session
/// token.
pub(crate) fn one_line(text: &str) -> String {
    let first = text.split("\n\n").next().unwrap_or_default();
    let first = first.split("The Canonical String").next().unwrap_or_default();
    text::one_line(first, WORDS)
}

#[cfg(test)]
mod tests;
