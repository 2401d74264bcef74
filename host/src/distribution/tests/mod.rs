//! The client against a small fake registry, one HTTP answer at a time.

mod auth;
mod chunks;
mod content;
mod error;
mod fake;
mod kept;
mod lazy;
mod location;
mod probe;
mod reads;
mod referrers;
mod streams;
mod token;
mod token_redirect;
mod upload;
