//! HTTP: routes, who asks, and answers in JSON. Every failure is a problem detail (RFC 9457).

mod caller;
mod credentials;
mod health;
mod json;
mod openapi;
mod problem;
mod refused;
mod registries;
mod state;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Response, header};
use axum::routing::{get, post};
use tokio::time::timeout;

use problem::Answer;
pub(crate) use state::State;

/// Longest time for an answer: a provider may be slow.
const ANSWER: Duration = Duration::from_secs(75);

/// The routes.
pub(crate) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/v1/credentials", post(credentials::answer))
        .route("/v1/registries", get(registries::answer))
        .route("/v1/openapi.json", get(openapi::answer))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(async || Answer::NotFound.into_response())
        .method_not_allowed_fallback(async || Answer::Method.into_response())
        .layer(axum::middleware::from_fn(within_time))
        .with_state(state)
}

/// Ends what takes too long.
async fn within_time(request: Request, next: axum::middleware::Next) -> Response<Body> {
    let mut response = match timeout(ANSWER, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Answer::Slow.into_response(),
    };
    // Answers hold credentials.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
