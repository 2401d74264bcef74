//! Who asks, and whether that is too often.

use std::sync::Arc;
use std::time::Instant;

use axum::http::{HeaderMap, header};

use super::problem::Answer;
use super::state::State;
use crate::server::issuers::CallerError;
use crate::server::metrics::Metrics;
use crate::server::rules::Rules;
use crate::server::token::{Caller, TokenError};

/// The caller of a request, and the rules as they are now.
pub(super) async fn of(state: &State, headers: &HeaderMap) -> Result<(Caller, Arc<Rules>), Answer> {
    // The reason is in the log since the file changed.
    let rules = state.rules.now().map_err(|_| Answer::Rules)?;
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token =
        token.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, token)) = token else {
        Metrics::count(&state.metrics.unknown);
        return Err(Answer::Caller(CallerError::Token(TokenError::Missing)));
    };
    let caller = state.issuers.caller(&rules, token.trim()).await.map_err(|error| {
        Metrics::count(&state.metrics.unknown);
        tracing::info!("a caller is not known: {error}");
        Answer::Caller(error)
    })?;
    state.limits.take(&format!("{} {}", caller.issuer, caller.subject), Instant::now()).map_err(|wait| {
        Metrics::count(&state.metrics.limited);
        Answer::Limited(wait)
    })?;
    Ok((caller, rules))
}
