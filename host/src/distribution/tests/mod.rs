//! The client against a small fake registry, one HTTP answer at a time.

mod auth;
mod fake;
mod live;
mod probe;
mod token;
mod upload;
