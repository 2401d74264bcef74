//! Secrets redacted in answers that repeat them, as services do that explain a mistake by quoting the request.
//!
//! This guards against services that mean well. A malicious one could return a secret in another form; it has the
//! secret anyway, with the user's grant.

use memchr::memmem;
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::encoding::Encoding;
use super::request::Request;
use super::response::Response;
use super::secret::EgressSecret;

/// The secrets that a call has sent, in every form in which a request can hold them.
#[derive(Default)]
pub(super) struct UsedSecrets(Vec<Zeroizing<Vec<u8>>>);

/// Shorter than any token or key that a service issues. Redacting less would damage answers and hide nothing: the text
/// around a gap of a few bytes gives away the gap.
const MIN_BYTES: usize = 8;

impl UsedSecrets {
    /// Remembers the secrets of a request that is about to be sent.
    pub(super) fn remember(&mut self, request: &Request) {
        for text in request.secrets().flat_map(EgressSecret::texts) {
            let text = text.expose_secret();
            Encoding::ALL.map(|encoding| encoding.encode(text)).into_iter().for_each(|form| self.keep(form));
        }
        request.basic_credentials().for_each(|form| self.keep(form));
        // Longest first, so that no form is half redacted by a shorter one inside of it.
        self.0.sort_by_key(|form| std::cmp::Reverse(form.len()));
    }

    fn keep(&mut self, form: Zeroizing<Vec<u8>>) {
        if form.len() >= MIN_BYTES && !self.0.contains(&form) {
            self.0.push(form);
        }
    }

    /// The answer with `*` in place of each byte of a secret; its length stays.
    pub(super) fn redact(&self, mut response: Response) -> Response {
        for form in &self.0 {
            overwrite(&mut response.body, form);
            for (_, value) in &mut response.headers {
                overwrite(value, form);
            }
        }
        response
    }
}

fn overwrite(text: &mut [u8], form: &[u8]) {
    let mut rest = text;
    while let Some(at) = memmem::find(rest, form) {
        let (_, from) = std::mem::take(&mut rest).split_at_mut(at);
        let (found, after) = from.split_at_mut(form.len());
        found.fill(b'*');
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::super::request::Part;
    use super::*;

    fn answer(secret: &str, body: &str) -> String {
        answer_of(EgressSecret::new(secret.to_owned().into(), Vec::new()), body)
    }

    fn answer_of(secret: EgressSecret, body: &str) -> String {
        let part = Part::Secret(secret, Encoding::Raw);
        let request = Request { method: Method::GET, url: String::new(), headers: Vec::new(), body: vec![part] };
        let mut used = UsedSecrets::default();
        used.remember(&request);
        let headers = vec![("x".to_owned(), body.into())];
        let response = used.redact(Response { status: 200, headers, body: body.into() });
        assert_eq!(response.headers[0].1, response.body);
        String::from_utf8(response.body).unwrap()
    }

    #[test]
    fn an_answer_that_repeats_a_secret_does_not_tell_it() {
        assert_eq!(
            answer("hunter2hunter2", "no: hunter2hunter2, hunter2hunter2"),
            "no: **************, **************"
        );
        assert_eq!(answer("hunter 2&3", "x=hunter+2%263"), "x=************");
        assert_eq!(answer("hunter22", "Basic aHVudGVyMjI="), "Basic ************");
        assert_eq!(answer("hunter22", "hunter2hunter22"), "hunter2********");
    }

    #[test]
    fn a_part_of_a_secret_is_as_secret_as_the_whole() {
        let key = "{\"key\":\"hunter2hunter2\"}";
        let secret = || EgressSecret::new(key.to_owned().into(), vec!["hunter2hunter2".to_owned().into()]);
        assert_eq!(answer_of(secret(), "alice@example.com: hunter2hunter2"), "alice@example.com: **************");
        let quoted = serde_json::to_string(&serde_json::json!({ "sent": key })).unwrap();
        let answer = answer_of(secret(), &quoted);
        assert!(!answer.contains("hunter2"), "{answer}");
    }

    #[test]
    fn what_is_no_secret_stays() {
        assert_eq!(answer("hunter22", "hunter2"), "hunter2");
        assert_eq!(answer("a", "banana"), "banana");
        assert_eq!(answer("hunter22", ""), "");
    }
}
