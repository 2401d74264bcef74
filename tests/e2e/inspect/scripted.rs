//! A fake registry that answers as a test says.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;

use crate::support::fakes::web::Web;

/// A registry whose answers are those of `answer` to method and target; it is found, whatever that says.
pub(crate) fn registry(answer: impl Fn(&str, &str) -> Option<Response> + Clone + Send + Sync + 'static) -> Web {
    let router = Router::new().fallback(move |request: Request| {
        let (method, target) = (request.method().to_string(), request.uri().to_string());
        let answer = match target.as_str() {
            "/v2/" => say(200, &[], "{}"),
            target => answer(&method, target).unwrap_or_else(|| say(404, &[], "{}")),
        };
        async move { answer }
    });
    Web::serve(router)
}

/// An answer.
pub(crate) fn say(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
    let builder = Response::builder().status(StatusCode::from_u16(status).unwrap());
    headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value)).body(body.into()).unwrap()
}
