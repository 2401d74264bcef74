//! HTTP requests of a flavor, by the operations that it declared and the user granted: the only way out of the sandbox.
//!
//! The author of a flavor chooses its URLs, and may own the name in a URL and the DNS server of that name. So a request
//! takes these steps in this order, each on the result of the step before:
//!
//! 1. Its URL is parsed once.
//! 2. It must be one of a declared operation, each secret at its place, and the user must have granted that operation's
//!    host, for secrets if it holds one.
//! 3. The name is resolved once. Private addresses are dropped, unless the user granted that exact host.
//! 4. The connection goes to one of the addresses that are left, through a proxy too.
//! 5. TLS proves the name, and the secrets are written into the request.
//! 6. The answer comes back whole, with all secrets of the call redacted. A redirect is an answer like any other: to
//!    follow it is a new request, which takes all steps again.
//!
//! The policy is pure and decides; the client sends. Of a flavor, both know only the name that denials and the log
//! repeat.
//!
//! # Why an own client
//! HTTP is hyper's and TLS is rustls's; connecting is done here. A general client (reqwest with a `dns_resolver`) falls
//! short in four points:
//!
//! * Through a proxy it sends the name, which the proxy resolves again: a DNS server can give the proxy another address
//!   than the one that was judged here (DNS rebinding). Here the proxy is given the address.
//! * It pools connections, so that a request could travel on a connection that an earlier policy opened.
//! * Its errors name addresses, proxies and URLs, which the author of a flavor must not learn.
//! * Decoding and redirects have to be switched off one by one, and new features may come switched on. An answer that
//!   was decoded after the redaction could still repeat a secret.

mod assemble;
mod body;
mod client;
mod closed_endpoint;
mod connect;
mod denial;
mod encoding;
mod error;
mod exchange;
mod limits;
mod matching;
mod policy;
mod proxy;
mod received;
mod redaction;
mod request;
mod resolve;
mod response;
mod secret;
mod stream;
mod tls;
mod transport;
mod value;

pub(crate) use body::{Body, Form, Json};
pub(crate) use client::{EgressClient, Surroundings};
pub(crate) use closed_endpoint::ClosedEndpoint;
pub(crate) use encoding::Encoding;
pub(crate) use error::EgressError;
pub(crate) use exchange::{Answers, Exchange, ShownBody, ShownRequest, Witness};
pub(crate) use limits::{FIELDS, HEADERS, REQUESTS};
pub(crate) use policy::{Consent, DeclaredOperation, EgressPolicy, GrantedOperations};
pub(crate) use received::WantedSecret;
pub(crate) use redaction::{LentSecret, Redaction};
pub(crate) use request::Request;
pub(crate) use response::Response;
pub(crate) use secret::{EgressSecret, Origin, Source};
pub(crate) use transport::Transport;
pub(crate) use value::{SecretValue, Value};

#[cfg(test)]
mod tests;
