//! Outbound HTTP: the operations that the flavor declares and the user grants, and no other request.
//!
//! ```no_run
//! use crhost_flavor::http::{Method, Request};
//!
//! # fn main() -> Result<(), crhost_flavor::Failure> {
//! let response = Request::new(Method::Get, "https://api.example.com/v1/repositories/train")
//!     .header("accept", "application/json")
//!     .send()?;
//! assert_eq!(response.status, 200);
//! # Ok(())
//! # }
//! ```
//!
//! [`Api`] sends requests with one set of credentials, and [`Service`] turns the service's answers into failures:
//!
//! ```no_run
//! use crhost_flavor::http::{Api, Hints, Service};
//! use crhost_flavor::{Connector, Failure};
//!
//! const ACME: Service<'_> = Service {
//!     name: "ACME",
//!     credential: "the token",
//!     error_pointers: &["/error/message"],
//!     option: "acme-endpoint",
//!     hints: Hints {
//!         unauthenticated: "create a token and update the connector",
//!         denied: "give the token the permission `push`",
//!         other: "see `https://status.acme.example`",
//!     },
//! };
//!
//! fn whose(connector: &Connector) -> Result<String, Failure> {
//!     let api = Api::bearer("https://api.acme.example", connector.required_secret("token")?);
//!     ACME.text(&api.get("/v1/user")?, "/name")
//! }
//! ```

mod api;
mod encoding;
mod endpoint;
mod form;
mod json;
mod no_response;
mod request;
mod response;
mod service;
mod url;
mod value;

pub use crate::bindings::crhost::flavor::http::{
    Body, Encoding, Error, Json, Method, Request, Response, SecretValue, Value, send,
};
pub use api::Api;
pub use encoding::percent_encoded;
pub use endpoint::Endpoint;
pub use form::Form;
pub use no_response::NoResponse;
pub use service::{Hints, Service};
pub use url::service_url;
