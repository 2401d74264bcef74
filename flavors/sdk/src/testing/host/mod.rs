//! What stands in for crhost in a unit test: the answers of services, a clock, a log, and secrets.
//!
//! ```
//! use crhost_flavor::http::{Api, Method};
//! use crhost_flavor::testing::{Host, answer};
//! use crhost_flavor::{Failure, Secret, log};
//!
//! fn create(token: &Secret) -> Result<bool, Failure> {
//!     log::info("looking for the repository");
//!     let api = Api::bearer("https://api.acme.example", token);
//!     Ok(api.get("/v1/repositories/train")?.status == 404)
//! }
//!
//! let host = Host::at(1_795_176_000)
//!     .answers(Method::Get, "https://api.acme.example/v1/repositories/train", answer(404, "{}"));
//! assert!(create(&host.secret("t0ken")).unwrap());
//! assert_eq!(host.sent()[0].header("authorization"), Some("Bearer t0ken"));
//! assert_eq!(host.logged(), ["info: looking for the repository"]);
//! ```

mod exchange;
mod operations;
mod secrets;
mod state;

use std::collections::VecDeque;
use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::bindings::crhost::flavor::http::{Error, Method, Response};
use crate::bindings::crhost::flavor::secrets::Secret;
use crate::flavor::Flavor;
use crate::id_tokens::Claims;

use exchange::Expected;
pub use exchange::Sent;
use operations::Declared;
use secrets::Secrets;
use state::{CURRENT, State};
pub(crate) use state::{exists, with};

/// Stands in for crhost until it is dropped, on the thread that made it.
///
/// The answers are given in their order, each to its own request: a request that was not expected, or that is not sent,
/// fails the test in words.
#[must_use = "the imports work as long as it lives"]
#[derive(Debug)]
pub struct Host {
    /// It belongs to one thread.
    thread: PhantomData<*const ()>,
}

impl Host {
    /// A host whose clock stands at a Unix time in seconds.
    ///
    /// # Panics
    /// If the test has one already.
    pub fn at(now: u64) -> Self {
        assert!(!exists(), "the test has a `testing::Host` already");
        let state = State {
            now,
            lines: Vec::new(),
            secrets: Secrets::default(),
            expected: VecDeque::new(),
            sent: Vec::new(),
            declared: None,
        };
        CURRENT.set(Some(state));
        Self { thread: PhantomData }
    }

    /// Holds requests to the operations that a flavor declares: another request is denied, as crhost would deny it.
    /// This compares methods, hosts, paths and places of secrets; `crhost flavor test` compares all.
    pub fn holding<F: Flavor>(self) -> Self {
        with("testing::Host::holding", |state| state.declared = Some(Declared::of::<F>()));
        self
    }

    /// Expects a request next, and answers it.
    pub fn answers(self, method: Method, url: &str, answer: Response) -> Self {
        self.expects(method, url, Ok(answer))
    }

    /// Expects a request next, which gets no answer.
    pub fn fails(self, method: Method, url: &str, error: Error) -> Self {
        self.expects(method, url, Err(error))
    }

    fn expects(self, method: Method, url: &str, answer: Result<Response, Error>) -> Self {
        let expected = Expected { method, url: url.to_owned(), answer };
        with("testing::Host", |state| state.expected.push_back(expected));
        self
    }

    /// Moves the clock on.
    pub fn wait(&self, seconds: u64) {
        with("testing::Host::wait", |state| state.now += seconds);
    }

    /// A handle on a secret text. A flavor can't read it; the test sees where it went ([`sent`](Self::sent)).
    pub fn secret(&self, text: &str) -> Secret {
        with("testing::Host::secret", |state| state.secrets.keep(text.as_bytes().to_vec(), &[]))
    }

    /// A handle on an id token of the machine with these claims, as crhost fills a field with one; its signature is
    /// none.
    pub fn id_token(&self, claims: &Claims) -> Secret {
        let payload = serde_json::json!({
            "iss": claims.issuer, "sub": claims.subject, "aud": claims.audience,
            "iat": crate::clock::now(), "exp": crate::clock::now() + 300,
        });
        let header = serde_json::json!({"typ": "JWT", "alg": "RS256"});
        let parts = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        self.secret(&format!("{}.{}.c2lnbmF0dXJl", parts[0], parts[1]))
    }

    /// A handle on a secret JSON object, some of whose members are public.
    pub fn secret_json(&self, object: &serde_json::Value, public: &[&str]) -> Secret {
        let bytes = object.to_string().into_bytes();
        with("testing::Host::secret_json", |state| state.secrets.keep(bytes, public))
    }

    /// The text behind a handle, e.g. behind one that `credentials` handed back.
    ///
    /// # Panics
    /// If the handle is of another host, or the value is no text.
    pub fn revealed(&self, secret: &Secret) -> String {
        with("testing::Host::revealed", |state| state.secrets.text(secret))
    }

    /// The requests so far.
    pub fn sent(&self) -> Vec<Sent> {
        with("testing::Host::sent", |state| state.sent.clone())
    }

    /// The lines of the log so far, each as `level: text`.
    pub fn logged(&self) -> Vec<String> {
        with("testing::Host::logged", |state| state.lines.clone())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let missing = CURRENT.take().and_then(|mut state| state.expected.pop_front());
        if let (Some(missing), false) = (missing, std::thread::panicking()) {
            panic!("the test expects `{}`, which was not sent", missing.line());
        }
    }
}

#[cfg(test)]
mod tests;
