//! Fakes of providers' REST APIs: they keep what they are asked, and answer what the test says.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

use super::web::Web;

/// A request that an API was sent.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// As `GET /v2/account`, with the query.
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Asked {
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
    asked: Arc<Mutex<Vec<Asked>>>,
}

type Answering = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;

impl FakeApi {
    /// Starts one that answers what a function says.
    pub(crate) fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let answer: Answering = Arc::new(answer);
        let router = Router::new().fallback(serve).with_state((Arc::clone(&asked), answer));
        Self { web: Web::serve(router), asked }
    }

    /// `http://localhost:<port>`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.web.host())
    }

    /// The requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Their lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

async fn serve(State((kept, answer)): State<(Arc<Mutex<Vec<Asked>>>, Answering)>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let asked = Asked {
        line: format!("{} {}", head.method, head.uri),
        headers: head.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let (status, headers, json) = answer(&asked);
    kept.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    let response = headers
        .into_iter()
        .fold(Response::builder().status(status), |response, (name, value)| response.header(name, value));
    response.body(Body::from(json.to_string())).unwrap()
}
