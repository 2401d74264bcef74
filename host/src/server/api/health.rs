//! What those who run the server ask: `/healthz`, `/readyz`, `/metrics`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

use super::json::json as answer;
use super::state::State;
use crate::server::logins::NoLogin;
use crate::store::Store;

/// The process answers.
pub(super) async fn alive() -> Response<Body> {
    answer(StatusCode::OK, "application/json", &json!({"status": "ok"}))
}

/// It can give logins: the rules are valid, the database answers, the audit takes rows, secrets open, and the clock is
/// the database's.
pub(super) async fn ready(Shared(state): Shared<Arc<State>>) -> Response<Body> {
    let rules = state.rules.now().is_ok();
    let asked = |store: &Store| {
        let sight = store.look()?;
        store.audit_goes_on().and_then(|()| store.has_key()).map(|_| sight).map_err(NoLogin::from)
    };
    let seen = state.stores.with(asked).await;
    let store = seen.is_ok();
    let clock = match seen {
        Ok(sight) => state.clock.note(sight).is_ok(),
        Err(_) => state.clock.check().is_ok(),
    };
    let status = if rules && store && clock { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    answer(status, "application/json", &json!({"rules": rules, "store": store, "clock": clock}))
}

/// Numbers for Prometheus.
pub(super) async fn metrics(Shared(state): Shared<Arc<State>>) -> Response<Body> {
    let mut response = Response::new(Body::from(state.metrics.text()));
    let kind = HeaderValue::from_static("text/plain; version=0.0.4");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
