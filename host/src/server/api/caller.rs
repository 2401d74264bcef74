//! Who asks, and whether that is too often.

use std::sync::Arc;
use std::time::Instant;

use axum::http::{HeaderMap, header};

use super::problem::Answer;
use super::state::State;
use crate::server::issuers::CallerError;
use crate::server::rules::Rules;
use crate::server::token::{Caller, TokenError};

/// The rules as they are now.
pub(super) fn rules(state: &State) -> Result<Arc<Rules>, Answer> {
    // The reason is in the log since the file changed.
    state.rules.now().map_err(|_| Answer::Rules)
}

/// The caller of a request, by these rules.
pub(super) async fn of(state: &State, rules: &Rules, headers: &HeaderMap) -> Result<Caller, Answer> {
    // By a wrong clock, a token that holds would be refused, or one that ended would do.
    state.clock.check().map_err(Answer::Clock)?;
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token =
        token.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, token)) = token else {
        return Err(Answer::Caller(CallerError::Token(TokenError::Missing)));
    };
    state.issuers.caller(rules, token.trim()).await.map_err(|error| {
        tracing::info!("a caller is not known: {error}");
        Answer::Caller(error)
    })
}

/// Counts a request of a caller, who may ask so often and not more.
pub(super) fn limit(state: &State, caller: &Caller) -> Result<(), Answer> {
    state.limits.take(&caller.key(), Instant::now()).map_err(Answer::Limited)
}
