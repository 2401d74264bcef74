//! Google's error answers, and the user's next step for each.

use crhost_flavor::http::{Endpoint, Response};
use crhost_flavor::text::one_line;
use crhost_flavor::{Failure, FailureKind};
use serde_json::Value;

/// An error answer.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    /// The error, e.g. `invalid_grant` or `PERMISSION_DENIED`; empty if the answer is not Google's.
    pub(crate) code: String,
    /// Google's description of it, in one line.
    words: String,
    /// The reason for programs, e.g. `SERVICE_DISABLED`; empty without one.
    reason: String,
}

/// The failure for an error answer of an API.
pub(crate) struct ApiRefusal {
    /// The failure.
    pub(crate) failure: Failure,
    /// Whether the principal seems to lack the permission of the call. Google gives no other reason then; it also
    /// answers so for projects and resources that do not exist.
    pub(crate) lacks_permission: bool,
}

/// Most characters of Google's words in a message: its longest sentences name a resource and a page.
const WORDS: usize = 600;

/// Most characters of a body that is not JSON: a proxy's page says in its first line which page it is.
const PLAIN_WORDS: usize = 200;

/// The hint for an answer that is not Google's.
pub(crate) const SOMETHING_BETWEEN: &str = "something in between, e.g. a proxy, may have answered in place of Google";

impl Refusal {
    /// Reads the error of OAuth (RFC 6749, section 5.2) or of Google's APIs; any other answer has neither code nor
    /// words.
    pub(crate) fn of(response: &Response) -> Self {
        Self::in_json(&response.json())
    }

    /// Reads the error in a body.
    pub(crate) fn in_json(body: &Value) -> Self {
        let error = body.get("error").unwrap_or(&Value::Null);
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let (code, words) = match error {
            Value::String(code) => (code.clone(), text(body.get("error_description"))),
            _ => (text(error.get("status")), text(error.get("message"))),
        };
        let details = error.get("details").and_then(Value::as_array);
        let reason = details.and_then(|details| details.iter().find_map(|detail| detail.get("reason")));
        let is_code = !code.is_empty()
            && code.len() <= 100
            && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        Self {
            code: if is_code { code } else { String::new() },
            words: one_line(&words, WORDS),
            reason: one_line(&text(reason), WORDS),
        }
    }

    /// Words and code, to end a message with.
    pub(crate) fn said(&self) -> String {
        match (self.code.as_str(), self.words.as_str()) {
            ("", "") => "nothing that Google would say".to_owned(),
            ("", words) => words.to_owned(),
            (code, "") => format!("`{code}`"),
            (code, words) => format!("{words} (`{code}`)"),
        }
    }

    /// The failure of a service that issues tokens for the credentials of `whom`; `advice` is the hint if they are not
    /// accepted and nothing better is known.
    pub(crate) fn of_tokens(response: &Response, who: &str, whom: &str, advice: &str, now: u64) -> Failure {
        let refusal = Self::of(response);
        if let Some(failure) = refusal.unavailable(response, who) {
            return failure;
        }
        let said = format!("{who} does not accept {whom}: {}", refusal.said());
        match response.status {
            403 if !refusal.code.is_empty() => Failure::denied(said).hint(advice),
            400 | 401 if !refusal.code.is_empty() => {
                Failure::unauthenticated(said).hint(refusal.why_unauthenticated(response, advice, now))
            }
            status => Failure::other(format!("{who} answered {status}: {}", refusal.said())).hint(SOMETHING_BETWEEN),
        }
    }

    /// The failure of an API; `permission` is the one that the call needs.
    pub(crate) fn of_api(response: &Response, who: &str, api: Endpoint, permission: &str, now: u64) -> ApiRefusal {
        let refusal = Self::of(response);
        let known_denial = refusal.known_denial(api);
        let lacks_permission = response.status == 403 && known_denial.is_none();
        let failure = refusal.unavailable(response, who).unwrap_or_else(|| {
            let said = format!("{who} answered {}: {}", response.status, refusal.said());
            match response.status {
                401 => Failure::unauthenticated(said).hint(refusal.why_unauthenticated(
                    response,
                    "the token has expired or was revoked, or the key of the service account was deleted: store fresh \
                     credentials",
                    now,
                )),
                403 => Failure::denied(said)
                    .hint(known_denial.unwrap_or_else(|| format!("grant `{permission}` to whom the connector is"))),
                404 => Failure::not_found(said),
                409 => Failure::conflict(said),
                _ if refusal.code.is_empty() => Failure::other(said).hint(SOMETHING_BETWEEN),
                _ => Failure::new(FailureKind::Other, said),
            }
        });
        ApiRefusal { failure, lacks_permission }
    }

    fn unavailable(&self, response: &Response, who: &str) -> Option<Failure> {
        let words = if self.code.is_empty() && self.words.is_empty() { String::new() } else { self.said() };
        response.unavailable(who, &words)
    }

    /// The hint for a denial that no grant of a permission would change.
    fn known_denial(&self, api: Endpoint) -> Option<String> {
        let hint = match self.reason.as_str() {
            "SERVICE_DISABLED" => {
                let name = api.host();
                return Some(format!(
                    "switch the API on in the project: `gcloud services enable {name}`, then wait some minutes"
                ));
            }
            "ACCESS_TOKEN_SCOPE_INSUFFICIENT" => {
                "the token lacks the scope `https://www.googleapis.com/auth/cloud-platform`"
            }
            "USER_PROJECT_DENIED" => {
                "a user's calls count for a project: name one where you have the role Service Usage Consumer with \
                 `gcloud auth application-default set-quota-project`, and store the file again"
            }
            "SECURITY_POLICY_VIOLATED" => {
                "VPC Service Controls keep this machine out: push from inside of the perimeter, or have it let in"
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }

    fn why_unauthenticated(&self, response: &Response, advice: &str, now: u64) -> String {
        if let Some(skew) = response.clock_skew(now, "Google's") {
            return format!("{skew}: set it, and try again");
        }
        let says = |words: &str| self.words.contains(words);
        if says("short-lived token") || says("Token must not be used before") || says("issued in the future") {
            "this machine's clock is wrong: set it, and try again".to_owned()
        } else if says("Invalid JWT Signature") {
            "the key was deleted, or it is another account's: create a key in IAM, and store its file".to_owned()
        } else if says("account not found") || says("Not a valid email") {
            "the service account was deleted or disabled, or its project was".to_owned()
        } else if says("expired or revoked") || says("reauth") || says("invalid_rapt") {
            "sign in again with `gcloud auth application-default login`, and store its file".to_owned()
        } else if self.code == "invalid_client" || self.code == "unauthorized_client" {
            "the OAuth client was deleted, or its secret is another one: sign in again, and store the new file"
                .to_owned()
        } else {
            advice.to_owned()
        }
    }
}

/// The failure for a successful answer that can't be read.
pub(crate) fn unreadable(who: &str) -> Failure {
    Failure::other(format!("the answer of {who} can't be read, expected what Google documents")).hint(SOMETHING_BETWEEN)
}

/// The error of an answer behind a colon, or the beginning of a body that is not Google's JSON; empty for an empty
/// body.
pub(crate) fn words_of(response: &Response) -> String {
    let refusal = Refusal::of(response);
    let words = match refusal.words.is_empty() && refusal.code.is_empty() {
        true => one_line(&String::from_utf8_lossy(&response.body), PLAIN_WORDS),
        false => refusal.said(),
    };
    if words.is_empty() { words } else { format!(": {words}") }
}

#[cfg(test)]
mod tests;
