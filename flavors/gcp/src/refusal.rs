//! What Google says when it refuses, and what a person can do about it.

use crhost_flavor::http::Response;
use crhost_flavor::{Failure, FailureKind, time};
use serde_json::Value;

use crate::endpoint::Service;

/// An answer that is no success.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    /// `invalid_grant`, `PERMISSION_DENIED`; empty if the answer is none of Google's.
    pub(crate) code: String,
    /// What Google says about it, in one line.
    pub(crate) words: String,
    /// The reason that a program is given, e.g. `SERVICE_DISABLED`; empty without one.
    pub(crate) reason: String,
}

/// Characters of Google's words that are shown: its longest sentences name a resource and a page.
const WORDS: usize = 600;

/// Characters that are shown of a body that is no JSON: a page of a proxy says what it is in its first line.
const PLAIN_WORDS: usize = 200;

/// Seconds by which a clock may be wrong: Google bears with a few minutes.
const SKEW: u64 = 300;

/// What to do where nothing better is known.
pub(crate) const SOMETHING_BETWEEN: &str = "something in between, e.g. a proxy, may have answered in place of Google";

impl Refusal {
    /// Reads the JSON of OAuth (RFC 6749) and that of Google's APIs; whatever else there is has neither code nor words.
    pub(crate) fn of(response: &Response) -> Self {
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        Self::in_json(&body)
    }

    /// The same, of a body that was read.
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
            words: one_line(&words),
            reason: one_line(&text(reason)),
        }
    }

    /// Code and words, as they are shown behind a colon.
    pub(crate) fn said(&self) -> String {
        match (self.code.as_str(), self.words.as_str()) {
            ("", "") => "nothing that Google would say".to_owned(),
            ("", words) => words.to_owned(),
            (code, "") => format!("`{code}`"),
            (code, words) => format!("{words} (`{code}`)"),
        }
    }

    /// The failure for a service that gives tokens for the credentials of `whom`; `advice` is what to do if they are
    /// not accepted and nothing better is known.
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

    /// The failure for an API that a token opens; `permission` is what the call takes.
    pub(crate) fn of_api(response: &Response, who: &str, api: Service, permission: &str, now: u64) -> Failure {
        let refusal = Self::of(response);
        if let Some(failure) = refusal.unavailable(response, who) {
            return failure;
        }
        let said = format!("{who} answered {}: {}", response.status, refusal.said());
        match response.status {
            401 => Failure::unauthenticated(said).hint(refusal.why_unauthenticated(
                response,
                "the token has expired or was revoked, or the key of the service account was deleted: store fresh \
                 credentials",
                now,
            )),
            403 => Failure::denied(said).hint(refusal.why_denied(api, permission)),
            404 => Failure::not_found(said),
            _ if refusal.code.is_empty() => Failure::other(said).hint(SOMETHING_BETWEEN),
            _ => Failure::new(FailureKind::Other, said),
        }
    }

    fn unavailable(&self, response: &Response, who: &str) -> Option<Failure> {
        let words = if self.code.is_empty() && self.words.is_empty() { String::new() } else { self.said() };
        response.unavailable(who, &words)
    }

    fn why_denied(&self, api: Service, permission: &str) -> String {
        match self.reason.as_str() {
            "SERVICE_DISABLED" => {
                let name = api.name();
                format!("switch the API on in the project: `gcloud services enable {name}`, then wait some minutes")
            }
            "ACCESS_TOKEN_SCOPE_INSUFFICIENT" => {
                "the token lacks the scope `https://www.googleapis.com/auth/cloud-platform`".to_owned()
            }
            "USER_PROJECT_DENIED" => {
                "a user's calls count for a project: name one where you have the role Service Usage Consumer with \
                 `gcloud auth application-default set-quota-project`, and store the file again"
                    .to_owned()
            }
            "SECURITY_POLICY_VIOLATED" => {
                "VPC Service Controls keep this machine out: push from inside of the perimeter, or have it let in"
                    .to_owned()
            }
            _ => format!("grant `{permission}` to whom the connector is"),
        }
    }

    fn why_unauthenticated(&self, response: &Response, advice: &str, now: u64) -> String {
        let sent = response.header("date").and_then(time::from_http);
        if let Some(minutes) = sent.map(|sent| sent.abs_diff(now)).filter(|skew| *skew >= SKEW).map(|skew| skew / 60) {
            let side = if sent > Some(now) { "behind" } else { "ahead of" };
            return format!("this machine's clock is {minutes} minutes {side} Google's: set it, and try again");
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

/// The failure for an answer that is a success and can't be read.
pub(crate) fn unreadable(who: &str) -> Failure {
    Failure::other(format!("the answer of {who} can't be read, expected what Google documents")).hint(SOMETHING_BETWEEN)
}

/// The beginning of a body that is none of Google's JSON, in one line behind a colon; nothing of one that is empty.
pub(crate) fn words_of(response: &Response) -> String {
    let refusal = Refusal::of(response);
    let words = match refusal.words.is_empty() && refusal.code.is_empty() {
        true => one_line(&String::from_utf8_lossy(&response.body)).chars().take(PLAIN_WORDS).collect(),
        false => refusal.said(),
    };
    if words.is_empty() { words } else { format!(": {words}") }
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|c| !c.is_control()).take(WORDS).collect();
    line.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
