//! The body of a refusal: the server's explanation, made safe to print.

use std::fmt;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::Value;

use crate::bounded;
use crate::text::{Escaped, Printable, first_words};

/// A server's explanation of a refusal. Control characters and characters that turn the direction of text are escaped,
/// secrets that the client sent are replaced, and the whole is at most a few lines of a terminal long.
#[derive(Debug, Clone, Default, Printable)]
pub(crate) struct ErrorBody {
    text: Escaped,
    /// The code of each error, empty where it has none. They are compared and never shown.
    codes: Vec<Escaped>,
}

/// Bytes that are read of a body; the part that is shown is in its first lines.
const MAX_BODY: usize = 64 * 1024;
/// How long a body is waited for; the refusal itself is known by then.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Characters that are shown, one paragraph. Registries write less, and a longer text is no explanation.
const MAX_TEXT: usize = 500;
/// Errors that are shown. A registry lists each missing blob of a manifest; the first few are enough to understand it.
const MAX_ERRORS: usize = 4;
/// Bytes of a secret that is replaced. A shorter one would hide common words rather than itself.
const MIN_SECRET: usize = 6;

/// The start of a refusal's body, or the part of it that arrives in reasonable time.
pub(super) async fn read(response: reqwest::Response) -> Vec<u8> {
    let in_time = response.bytes_stream().take_until(tokio::time::sleep(BODY_TIMEOUT));
    bounded::start(in_time, MAX_BODY).await
}

impl ErrorBody {
    /// Reads a body: the error format of the distribution specification ("Error Codes"), OAuth 2's (RFC 6749, section
    /// 5.2), or else the first line with a letter or digit. `hide` are secrets that must not be shown.
    pub(super) fn decode(body: &[u8], hide: &[&str]) -> Self {
        let body = String::from_utf8_lossy(body);
        let clean = |text: &str| {
            let text = without_full_stop(text.trim());
            let hidden = hide.iter().filter(|secret| secret.len() >= MIN_SECRET);
            Escaped::new(&hidden.fold(text.to_owned(), |text, secret| text.replace(secret, "…")), MAX_TEXT)
        };
        match serde_json::from_str::<Value>(&body) {
            Ok(Value::Object(answer)) => {
                let errors = answer.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                let code = |error: &Value| clean(error.get("code").and_then(Value::as_str).unwrap_or_default());
                let codes = errors.iter().map(code).collect();
                let sentences: Vec<_> = errors.iter().take(MAX_ERRORS).filter_map(sentence).collect();
                let text =
                    if sentences.is_empty() { oauth(&Value::Object(answer)) } else { Some(sentences.join("; ")) };
                Self { text: clean(&text.unwrap_or_default()), codes }
            }
            _ => Self { text: clean(&first_words(&body)), codes: Vec::new() },
        }
    }

    /// The next step after a denial. A reason of the registry's own, such as a quota, is not about the account.
    #[must_use]
    pub(crate) fn hint_to_a_denial(&self) -> String {
        let usual = "check that the repository exists and that this account may push to it";
        match self.text.is_empty() || self.codes.iter().any(|code| self.text.as_str() == code.as_str()) {
            true => usual.to_owned(),
            false => format!("the reason is the registry's own; if it is about rights, {usual}"),
        }
    }

    /// Whether one of the errors has this code, such as `DIGEST_INVALID`.
    #[must_use]
    pub(super) fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|own| own.as_str() == code)
    }

    /// Whether there are errors, and each of them has one of these codes.
    #[must_use]
    pub(super) fn has_only_codes(&self, codes: &[&str]) -> bool {
        !self.codes.is_empty() && self.codes.iter().all(|own| codes.contains(&own.as_str()))
    }

    /// Whether one of the errors has a code that is not this one.
    #[must_use]
    pub(super) fn has_other_code_than(&self, code: &str) -> bool {
        self.codes.iter().any(|own| own.as_str() != code)
    }

    /// Whether it says that something has expired. Some registries tell so with 400 or 403 and without a challenge.
    #[must_use]
    pub(super) fn says_expired(&self) -> bool {
        self.text.to_ascii_lowercase().contains("expired")
    }
}

impl fmt::Display for ErrorBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.text.is_empty() { "it gave no reason" } else { &self.text })
    }
}

/// A text without the full stop at its end, for the middle of a sentence; an ellipsis stays.
fn without_full_stop(text: &str) -> &str {
    text.strip_suffix('.').filter(|rest| !rest.ends_with('.')).unwrap_or(text)
}

/// `CODE: message (detail)`, as far as these are there.
fn sentence(error: &Value) -> Option<String> {
    let word = |key: &str| error.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (code, message, detail) = (word("code"), word("message"), word("detail"));
    let (message, detail) = (message.map(without_full_stop), detail.map(without_full_stop));
    let detail = detail.filter(|detail| message.is_none_or(|message| !message.contains(detail)));
    let main = match (code, message) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (code, message) => code.or(message)?.to_owned(),
    };
    Some(detail.map_or(main.clone(), |detail| format!("{main} ({detail})")))
}

/// The explanation in the format of OAuth 2, and of token servers that follow no format.
fn oauth(answer: &Value) -> Option<String> {
    ["error_description", "message", "details", "detail", "error"]
        .iter()
        .find_map(|key| answer.get(key).and_then(Value::as_str))
        .map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_saying_no_is_read() {
        for (body, text) in [
            (r#"{"errors":[{"code":"DENIED","message":"not yours","detail":null}]}"#, "DENIED: not yours"),
            (r#"{"errors":[{"code":"DENIED"},{"message":"and more","detail":"why"}]}"#, "DENIED; and more (why)"),
            (r#"{"errors":[{"code":"X","message":"m","detail":[{"Action":"push"}]}]}"#, "X: m"),
            (r#"{"error":"invalid_grant","error_description":"token is too old"}"#, "token is too old"),
            (r#"{"details":"incorrect username or password"}"#, "incorrect username or password"),
            ("<html>\r\n<head><title>413 Request Entity Too Large</title></head>", "413 Request Entity Too Large"),
            ("\n\n  plain words\nmore", "plain words"),
            ("Not now.", "Not now"),
            ("and so on...", "and so on..."),
            (
                r#"{"errors":[{"code":"DENIED","message":"Quota exceeded.","detail":"10 of 10."}]}"#,
                "DENIED: Quota exceeded (10 of 10)",
            ),
            ("", "it gave no reason"),
            ("{}", "it gave no reason"),
            ("[1,", "[1,"),
        ] {
            assert_eq!(ErrorBody::decode(body.as_bytes(), &[]).to_string(), text, "{body}");
        }
    }

    #[test]
    fn no_character_that_a_terminal_would_obey_gets_through() {
        let body = ErrorBody::decode("{\"message\":\"\\u001b[31mred\\r\\n\\u202eback\"}".as_bytes(), &[]);
        assert_eq!(body.to_string(), r"\u{1b}[31mred\r\n\u{202e}back");
        assert!(ErrorBody::decode(&b"x".repeat(100_000), &[]).to_string().len() < 600);
        assert!(ErrorBody::decode(&[0xff, 0xfe, b'a'], &[]).to_string().contains('a'));
    }

    #[test]
    fn an_echoed_secret_is_replaced() {
        let body =
            ErrorBody::decode(br#"{"errors":[{"code":"X","message":"bad password hunter22"}]}"#, &["hunter22", "X"]);
        assert_eq!(body.to_string(), "X: bad password …");
    }
}
