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
use tracing::Instrument as _;

use problem::Answer;
pub(crate) use state::State;

use crate::spans;
use crate::telemetry::continue_from;

/// Longest time for an answer: a provider may be slow.
const ANSWER: Duration = Duration::from_secs(75);

/// The paths, by which spans are named: no other path is repeated.
const ROUTES: [&str; 6] = ["/v1/credentials", "/v1/registries", "/v1/openapi.json", "/healthz", "/readyz", "/metrics"];

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

/// Ends what takes too long, and makes each request a span, below that of its caller.
async fn within_time(request: Request, next: axum::middleware::Next) -> Response<Body> {
    let route = ROUTES.into_iter().find(|route| *route == request.uri().path()).unwrap_or("/");
    let span = spans::served(request.method(), route);
    continue_from(&span, request.headers());
    let mut response = match timeout(ANSWER, next.run(request)).instrument(span.clone()).await {
        Ok(response) => response,
        Err(_) => Answer::Slow.into_response(),
    };
    spans::answered(&span, response.status().as_u16());
    // Answers hold credentials.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
