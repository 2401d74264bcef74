//! What a test's host knows, on the test's thread.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::exchange::{Expected, Sent, sent};
use super::operations::Declared;
use super::secrets::{Secrets, decoded};
use crate::bindings::crhost::flavor::http::{Error, Request, Response};
use crate::bindings::crhost::flavor::received_secrets::Received;
use crate::bindings::crhost::flavor::secrets::Encoding;

thread_local! {
    /// The host of the test that runs on this thread.
    pub(super) static CURRENT: RefCell<Option<State>> = const { RefCell::new(None) };
}

/// What a test's host knows.
pub(crate) struct State {
    /// Unix time in seconds.
    pub(crate) now: u64,
    /// The lines that were logged, each as `level: text`.
    pub(crate) lines: Vec<String>,
    /// The values behind the handles.
    pub(crate) secrets: Secrets,
    /// The requests that the test expects, with their answers.
    pub(super) expected: VecDeque<Expected>,
    pub(super) sent: Vec<Sent>,
    /// What the flavor declares, if it is held to it.
    pub(super) declared: Option<Declared>,
}

/// Whether the test of this thread has a host.
pub(crate) fn exists() -> bool {
    CURRENT.with_borrow(Option::is_some)
}

/// Asks the host of this thread's test on behalf of an import.
///
/// # Panics
/// If there is none.
pub(crate) fn with<T>(import: &str, ask: impl FnOnce(&mut State) -> T) -> T {
    CURRENT.with_borrow_mut(|current| match current {
        Some(state) => ask(state),
        None => panic!(
            "`{import}` exists only in crhost: make a `crhost_flavor::testing::Host` before the test calls it, and keep \
             it until the end"
        ),
    })
}

impl State {
    /// Answers a request as the test says.
    ///
    /// # Panics
    /// If the test expects another request, or none.
    pub(crate) fn exchange(&mut self, request: &Request<'_>) -> Result<Response, Error> {
        let sent = sent(&self.secrets, request);
        let line = sent.line();
        if let Some(refused) = self.declared.as_ref().and_then(|declared| declared.refusal(request)) {
            return Err(Error::Denied(refused));
        }
        let Some(expected) = self.expected.pop_front() else {
            panic!("the flavor sent `{line}`, and the test expects no further request");
        };
        assert!(expected.line() == line, "the flavor sent `{line}`, and the test expects `{}` next", expected.line());
        self.sent.push(sent);
        expected.answer
    }

    /// The same, with a secret taken out of the answer as crhost does it.
    pub(crate) fn receive(
        &mut self,
        request: &Request<'_>,
        member: &[String],
        encoding: Encoding,
    ) -> Result<Received, Error> {
        let mut response = self.exchange(request)?;
        if !(200..300).contains(&response.status) {
            return Ok(Received { response, secret: None });
        }
        let mut body = response.json();
        response.body.clear();
        let found = member.iter().try_fold(&mut body, |value, name| value.get_mut(name));
        let decoded = found.and_then(|value| decoded(value.as_str()?, encoding).map(|bytes| (value, bytes)));
        let secret = decoded.map(|(value, bytes)| {
            *value = "*".into();
            self.secrets.keep(bytes, &[])
        });
        if secret.is_some() {
            response.body = body.to_string().into_bytes();
        }
        Ok(Received { response, secret })
    }
}
