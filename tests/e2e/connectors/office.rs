//! A fake office of the guest `vault`: it knows one user and her password.

use parking_lot::Mutex;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::SECRET;
use crate::support::fakes::web::Web;
use crate::support::programs::crhost::Home;

/// The office, gone when this goes.
pub(super) struct Office {
    web: Web,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Office {
    /// Opens it, and lets the flavor `vault` send secrets there.
    pub(super) fn open(home: &Home) -> Self {
        let asked = Arc::new(Mutex::default());
        let web = Web::serve(Router::new().fallback(answer).with_state(Arc::clone(&asked)));
        let office = Self { web, asked };
        home.ok(&["flavor", "grant", "vault", "--allow-secret-host", &office.url()]);
        office
    }

    fn url(&self) -> String {
        format!("http://{}", self.web.host())
    }

    /// The option that says where it is.
    pub(super) fn option(&self) -> String {
        format!("--option=office={}", self.url())
    }

    /// The paths that it was asked for.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().clone()
    }
}

async fn answer(State(asked): State<Arc<Mutex<Vec<String>>>>, request: Request) -> (StatusCode, &'static str) {
    let path = request.uri().path().to_owned();
    asked.lock().push(path.clone());
    let expected = format!("Basic {}", STANDARD.encode(format!("alice:{SECRET}")));
    let shown = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    match (shown == Some(&expected), path.as_str()) {
        (false, _) => (StatusCode::UNAUTHORIZED, ""),
        (true, "/whoami") => (StatusCode::OK, "Alice of the first floor"),
        (true, _) => (StatusCode::OK, "localhost:5000/vault\nlocalhost:5001/vault\n"),
    }
}
