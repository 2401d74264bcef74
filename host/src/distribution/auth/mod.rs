//! How a repository is opened: with the credential itself, or with tokens that a token server gives out for it.

pub(super) mod authorization;
mod header;
mod question;
pub(super) mod redact;
pub(super) mod renewal;
mod scope;
mod token;
