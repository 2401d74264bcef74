//! Fakes of providers' REST APIs: they keep each request, and answer what the test says.

use parking_lot::Mutex;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

use crate::support::fakes::web::Web;

/// A request that an API was sent.
#[derive(Debug, Clone)]
pub(crate) struct RecordedRequest {
    /// As `GET /v2/account`, with the query.
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl RecordedRequest {
    /// The header `authorization`; empty without one.
    pub(crate) fn authorization(&self) -> &str {
        self.headers.get("authorization").map_or("", |value| value.to_str().unwrap())
    }
}

/// What an API answers: a status, headers, and JSON.
pub(crate) type Answer = (u16, Vec<(&'static str, String)>, Value);

/// An API on loopback.
pub(crate) struct FakeApi {
    web: Web,
    requests: Arc<Mutex<Vec<RecordedRequest>>>,
}

type Answering = Arc<dyn Fn(&RecordedRequest) -> Answer + Send + Sync>;

impl FakeApi {
    /// Starts one that answers what a function says.
    pub(crate) fn start(answer: impl Fn(&RecordedRequest) -> Answer + Send + Sync + 'static) -> Self {
        let requests = Arc::<Mutex<Vec<RecordedRequest>>>::default();
        let answer: Answering = Arc::new(answer);
        let router = Router::new().fallback(serve).with_state((Arc::clone(&requests), answer));
        Self { web: Web::serve(router), requests }
    }

    /// `http://localhost:<port>`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.web.host())
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.requests.lock().clone()
    }

    /// Their lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.line).collect()
    }
}

async fn serve(
    State((kept, answer)): State<(Arc<Mutex<Vec<RecordedRequest>>>, Answering)>,
    received: Request,
) -> Response {
    let (head, body) = received.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let request = RecordedRequest {
        line: format!("{} {}", head.method, head.uri),
        headers: head.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let (status, headers, json) = answer(&request);
    kept.lock().push(request);
    let response = headers
        .into_iter()
        .fold(Response::builder().status(status), |response, (name, value)| response.header(name, value));
    response.body(Body::from(json.to_string())).unwrap()
}
