//! Secrets that a service answers with: they are taken out of the answer before the flavor sees it.

use serde_json::Value;
use zeroize::Zeroizing;

use super::encoding::Encoding;
use super::response::Response;

/// A member of the JSON object in an answer that is a secret.
pub(crate) struct WantedSecret {
    /// The names that lead to it, the outermost first.
    pub(crate) path: Vec<String>,
    /// How the service writes it.
    pub(crate) encoding: Encoding,
}

/// An answer, and the secret that was in it.
pub(crate) struct Received {
    /// The answer, in which nothing of the secret is left.
    pub(crate) response: Response,
    /// The secret, if there was one.
    pub(crate) secret: Option<Zeroizing<Vec<u8>>>,
}

/// What stands in the place of the secret.
const REMOVED: &str = "*";

impl WantedSecret {
    /// Takes the secret out of an answer. A success without it loses its body: the secret may stand elsewhere in it.
    pub(super) fn take(&self, response: &mut Response) -> Option<Zeroizing<Vec<u8>>> {
        if !(200..300).contains(&response.status) {
            return None;
        }
        let body = Zeroizing::new(std::mem::take(&mut response.body));
        let mut object: Value = serde_json::from_slice(&body).ok()?;
        let member = self.path.iter().try_fold(&mut object, |value, name| value.get_mut(name.as_str()))?;
        let Value::String(text) = member else { return None };
        let text = Zeroizing::new(std::mem::replace(text, REMOVED.to_owned()));
        let secret = self.encoding.decode(text.as_bytes()).filter(|secret| !secret.is_empty())?;
        response.body = serde_json::to_vec(&object).unwrap_or_default();
        Some(secret)
    }

    /// The same for an answer that was recorded, in which something else stands in the secret's place.
    pub(super) fn take_recorded(&self, response: &mut Response) -> Option<Zeroizing<Vec<u8>>> {
        let mut copy = response.clone();
        let found = self.take(&mut copy);
        let member = || {
            let object: Value = serde_json::from_slice(&response.body).ok()?;
            self.path.iter().try_fold(&object, |value, name| value.get(name.as_str())).map(|_| ())
        };
        let placeholder = || member().map(|()| Zeroizing::new(vec![b'*'; PLACEHOLDER]));
        found.or_else(|| placeholder().filter(|_| (200..300).contains(&response.status)))
    }
}

/// Bytes of what stands for a secret in a replay: those of a key.
const PLACEHOLDER: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Response {
        Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    fn wanted(path: &[&str], encoding: Encoding) -> WantedSecret {
        WantedSecret { path: path.iter().map(|name| (*name).to_owned()).collect(), encoding }
    }

    #[test]
    fn a_secret_is_taken_out_of_an_answer_as_the_service_writes_it() {
        for (encoding, written) in [
            (Encoding::Raw, "key!"),
            (Encoding::Hex, "6B657921"),
            (Encoding::Base64, "a2V5IQ=="),
            (Encoding::Base64Url, "a2V5IQ"),
        ] {
            let mut response = answer(200, &format!(r#"{{"data":{{"plaintext":"{written}","version":1}}}}"#));
            let secret = wanted(&["data", "plaintext"], encoding).take(&mut response).unwrap();
            assert_eq!(**secret, *b"key!");
            assert_eq!(response.body, br#"{"data":{"plaintext":"*","version":1}}"#);
        }
    }

    #[test]
    fn a_success_without_the_secret_is_not_shown_and_a_failure_is() {
        for body in [
            "",
            "[]",
            "{}",
            r#"{"data":"a2V5IQ=="}"#,
            r#"{"data":{"plaintext":7}}"#,
            r#"{"data":{"plaintext":"%"}}"#,
            r#"{"data":{"plaintext":""}}"#,
            r#"{"data":[{"plaintext":"a2V5IQ=="}]}"#,
        ] {
            let mut response = answer(201, body);
            assert!(wanted(&["data", "plaintext"], Encoding::Base64).take(&mut response).is_none(), "{body}");
            assert!(response.body.is_empty(), "{body}");
        }
        let mut failure = answer(403, r#"{"errors":["permission denied"]}"#);
        assert!(wanted(&["data", "plaintext"], Encoding::Base64).take(&mut failure).is_none());
        assert!(!failure.body.is_empty());
    }
}
