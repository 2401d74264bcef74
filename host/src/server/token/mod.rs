//! Id tokens of callers (OpenID Connect Core 1.0, section 2; RFC 7519): verified, and their claims.
//!
//! Signatures are verified with `ring` and not by a library for tokens: three algorithms are accepted, and what such
//! libraries had to mend most is everything else that they can do. `none` and HMAC, whose key would be a public one,
//! don't exist here.

mod caller;
mod claims;
mod error;
mod keys;
#[cfg(test)]
mod tests;
mod unverified;

pub(crate) use caller::Caller;
pub(crate) use error::TokenError;
pub(crate) use keys::Keys;
#[cfg(test)]
pub(crate) use unverified::MAX_TOKEN;
pub(crate) use unverified::Unverified;
