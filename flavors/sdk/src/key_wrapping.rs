//! Keys that a service makes and wraps, so that the store of a team is sealed with one that no file has: two functions
//! of [`Flavor`](crate::Flavor). The host takes the key out of the service's answer; the flavor gets a handle.
//!
//! ```
//! use crhost_flavor::http::{Api, Encoding, Method};
//! use crhost_flavor::key_wrapping::WrappedKey;
//! use crhost_flavor::testing::{Host, answer};
//! use crhost_flavor::{Failure, Secret};
//!
//! fn make(token: &Secret) -> Result<WrappedKey, Failure> {
//!     let api = Api::bearer("https://keys.acme.example", token);
//!     let received = api.request(Method::Post, "/v1/data-keys").receive(["key"], Encoding::Base64)?;
//!     let wrapped = received.response.json()["wrapped"].as_str().unwrap_or_default().to_owned();
//!     let key = received.secret.ok_or_else(|| Failure::other("ACME answered no key"))?;
//!     Ok(WrappedKey { key, wrapped, by: "the key of team x".to_owned() })
//! }
//!
//! let host = Host::at(0).answers(
//!     Method::Post,
//!     "https://keys.acme.example/v1/data-keys",
//!     answer(200, r#"{"key": "aHVudGVyMg==", "wrapped": "w1"}"#),
//! );
//! let made = make(&host.secret("t0ken")).unwrap();
//! assert_eq!((made.wrapped.as_str(), host.revealed(&made.key).as_str()), ("w1", "hunter2"));
//! ```

pub use crate::bindings::crhost::flavor::received_secrets::Received;
pub use crate::bindings::exports::crhost::flavor::key_wrapping::WrappedKey;

use crate::bindings::crhost::flavor::received_secrets::receive;
use crate::http::{Encoding, NoResponse, Request};
use crate::types::Failure;

/// The failure of a flavor whose service makes no keys.
pub(crate) fn unsupported() -> Failure {
    Failure::unsupported("this flavor wraps no keys")
        .hint("flavors with the interface `key-wrapping` do, such as `transit` and `aws`")
}

impl Request<'_> {
    /// Sends the request, and takes a secret out of a success: the text of a JSON object that the names lead to, in the
    /// encoding that the service writes it in. A success without it has no body.
    ///
    /// Without a response the error says why, as for [`send`](Request::send).
    pub fn receive<'a>(
        &self,
        member: impl IntoIterator<Item = &'a str>,
        encoding: Encoding,
    ) -> Result<Received, NoResponse> {
        let member: Vec<String> = member.into_iter().map(str::to_owned).collect();
        receive(self, &member, encoding).map_err(|error| NoResponse::new(error, &self.url))
    }
}
