//! A service's answers, as failures that say what to do.

use serde_json::Value;

use crate::bindings::crhost::flavor::http::Response;
use crate::types::Failure;

/// A service with an HTTP API: what messages about its answers say.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// Its name in messages, e.g. `Quay`.
    pub name: &'a str,
    /// What it is asked with, in messages, e.g. `the token`.
    pub credential: &'a str,
    /// Where an answer that is no success has the service's own words, as JSON pointers (RFC 6901), e.g.
    /// `/errors/0/message`; the first that leads to text counts.
    pub error_pointers: &'a [&'a str],
    /// The option that names another address of it; for the hint where something else seems to answer.
    pub option: &'a str,
    /// What to do next.
    pub hints: Hints<'a>,
}

/// The hints of a service's failures: the next step, without a full stop.
#[derive(Clone, Copy, Debug)]
pub struct Hints<'a> {
    /// The credential is not accepted (401).
    pub unauthenticated: &'a str,
    /// The credential does not allow it (403).
    pub denied: &'a str,
    /// Any other status that was not expected.
    pub other: &'a str,
}

impl Service<'_> {
    /// The service's own words in an answer; empty if there are none.
    pub fn words(&self, response: &Response) -> String {
        let body = response.json();
        let mut texts = self.error_pointers.iter().filter_map(|pointer| body.pointer(pointer)?.as_str());
        texts.next().unwrap_or_default().to_owned()
    }

    /// The service's own words behind a colon, to end a message with; empty if there are none.
    pub fn said(&self, response: &Response) -> String {
        match self.words(response) {
            words if words.is_empty() => words,
            words => format!(": {words}"),
        }
    }

    /// The failure of a service that can't answer now; see [`Response::unavailable`].
    pub fn unavailable(&self, response: &Response) -> Option<Failure> {
        response.unavailable(self.name, &self.words(response))
    }

    /// Fails unless the answer is a success: as `rate-limited` (429), `unavailable`, `unauthenticated` (401), `denied`
    /// (403) or `other`.
    pub fn check(&self, response: &Response) -> Result<(), Failure> {
        if let Some(failure) = self.unavailable(response) {
            return Err(failure);
        }
        let (name, said) = (self.name, self.said(response));
        match response.status {
            200..=299 => Ok(()),
            401 => Err(self.unauthenticated(response)),
            403 => Err(Failure::denied(format!("{name} does not allow it{said}")).hint(self.hints.denied)),
            status => Err(Failure::other(format!("{name} answered {status}{said}")).hint(self.hints.other)),
        }
    }

    /// The JSON object in an answer that is a success.
    pub fn object(&self, response: &Response) -> Result<Value, Failure> {
        self.check(response)?;
        Some(response.json()).filter(Value::is_object).ok_or_else(|| self.unreadable())
    }

    /// The text at a JSON pointer in an answer that is a success.
    pub fn text(&self, response: &Response, pointer: &str) -> Result<String, Failure> {
        let text = self.object(response)?.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        text.ok_or_else(|| self.unreadable())
    }

    /// The failure for a credential that the service does not know.
    pub fn unauthenticated(&self, response: &Response) -> Failure {
        let (name, credential, said) = (self.name, self.credential, self.said(response));
        Failure::unauthenticated(format!("{name} does not accept {credential}{said}")).hint(self.hints.unauthenticated)
    }

    /// The failure for an answer that is a success and not what the service documents.
    pub fn unreadable(&self) -> Failure {
        Failure::other(format!("{}'s API answered something else than expected", self.name))
            .hint(format!("check the option `{}`", self.option))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::answer;
    use crate::types::FailureKind;

    const ACME: Service<'_> = Service {
        name: "Acme",
        credential: "the token",
        error_pointers: &["/errors/0/message", "/detail"],
        option: "acme-endpoint",
        hints: Hints { unauthenticated: "make a token", denied: "ask for a role", other: "look elsewhere" },
    };

    #[test]
    fn an_answer_that_is_no_success_becomes_a_failure_with_the_service_s_words_and_the_next_step() {
        for (status, body, kind, message, hint) in [
            (
                401,
                r#"{"detail":"bad"}"#,
                FailureKind::Unauthenticated,
                "Acme does not accept the token: bad",
                "make a token",
            ),
            (
                403,
                r#"{"errors":[{"message":"no"}]}"#,
                FailureKind::Denied,
                "Acme does not allow it: no",
                "ask for a role",
            ),
            (403, "<html>", FailureKind::Denied, "Acme does not allow it", "ask for a role"),
            (302, r#"{"detail":7}"#, FailureKind::Other, "Acme answered 302", "look elsewhere"),
        ] {
            let failure = ACME.check(&answer(status, body)).unwrap_err();
            assert_eq!((failure.kind, failure.message.as_str()), (kind, message));
            assert_eq!(failure.hint.as_deref(), Some(hint));
        }
        let busy = ACME.check(&answer(429, r#"{"detail":"slow down"}"#)).unwrap_err();
        assert_eq!((busy.kind, busy.retry_after), (FailureKind::RateLimited, Some(2)));
        assert_eq!(ACME.check(&answer(204, "")), Ok(()));
    }

    #[test]
    fn a_success_is_a_json_object_or_something_else_has_answered() {
        assert_eq!(ACME.text(&answer(200, r#"{"user":{"name":"alice"}}"#), "/user/name").unwrap(), "alice");
        for body in ["", "[]", "<html>", "{}"] {
            let failure = ACME.text(&answer(200, body), "/user/name").unwrap_err();
            assert_eq!(failure.kind, FailureKind::Other, "{body}");
            assert!(failure.hint.unwrap().contains("`acme-endpoint`"));
        }
        assert_eq!(ACME.object(&answer(401, "{}")).unwrap_err().kind, FailureKind::Unauthenticated);
    }
}
