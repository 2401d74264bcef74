//! Who asks, and whether that is too often.

use std::sync::Arc;
use std::time::Instant;

use axum::http::header;
use axum::http::request::Parts;

use super::problem::Answer;
use super::state::State;
use crate::server::certificate::Shown;
use crate::server::issuers::CallerError;
use crate::server::rules::Rules;
use crate::server::token::{Caller, TokenError};

/// The rules as they are now.
pub(super) fn rules(state: &State) -> Result<Arc<Rules>, Answer> {
    // The reason is in the log since the file changed.
    state.rules.now().map_err(|_| Answer::Rules)
}

/// The caller of a request, by these rules: by the token that came with it, and where none did, by the certificate that
/// the connection was made with.
pub(super) async fn of(state: &State, rules: &Rules, head: &Parts) -> Result<Caller, Answer> {
    // By a wrong clock, a token that holds would be refused, or one that ended would do.
    state.clock.check().map_err(Answer::Clock)?;
    let known = match (head.headers.get(header::AUTHORIZATION), head.extensions.get::<Shown>()) {
        (None, Some(shown)) => state.authorities.caller(rules, &shown.0).map_err(CallerError::from),
        (authorization, _) => {
            let token = authorization.and_then(|value| value.to_str().ok()).and_then(|value| value.split_once(' '));
            match token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) {
                Some((_, token)) => state.issuers.caller(rules, token.trim()).await,
                None => Err(TokenError::Missing.into()),
            }
        }
    };
    known.map_err(|error| {
        tracing::info!("a caller is not known: {error}");
        Answer::Caller(error)
    })
}

/// Counts a request of a caller, who may ask so often and not more.
pub(super) fn limit(state: &State, caller: &Caller) -> Result<(), Answer> {
    state.limits.take(&caller.key(), Instant::now()).map_err(Answer::Limited)
}
