//! A fake token server: the distribution specification's token authentication for the real `docker-registry`, which
//! trusts its signatures. Its only user is alice; repositories below `locked/` are not granted.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::fakes::signer::{LIFETIME, Signer};
use crate::support::fakes::web::Web;
use crate::support::programs::registry::{PASSWORD, USER};

/// The registry's name, as its tokens have it.
pub(crate) const SERVICE: &str = "crhost-test-registry";
/// The identity token that `docker login` would have stored in place of a password.
pub(crate) const IDENTITY_TOKEN: &str = "identity-of-alice";

/// A running token server.
pub(crate) struct TokenServer {
    web: Web,
    issuer: Arc<Issuer>,
}

/// A request for a token that was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GrantedToken {
    /// How the client authenticated: `none`, `basic`, or the grant type of OAuth2.
    pub(crate) by: String,
    /// The scopes of the request.
    pub(crate) scopes: Vec<String>,
}

/// Signs tokens, and remembers them.
struct Issuer {
    signer: Signer,
    granted: Mutex<Vec<GrantedToken>>,
}

impl TokenServer {
    /// Starts one with a key of its own.
    pub(crate) fn start() -> Self {
        let issuer = Arc::new(Issuer { signer: Signer::new(), granted: Mutex::default() });
        let router = Router::new().route("/token", get(by_basic).post(by_oauth2)).with_state(Arc::clone(&issuer));
        Self { web: Web::serve(router), issuer }
    }

    /// Where tokens are to be had.
    pub(crate) fn realm(&self) -> String {
        format!("http://{}/token", self.web.host())
    }

    /// What signs the tokens.
    pub(crate) fn signer(&self) -> &Signer {
        &self.issuer.signer
    }

    /// The tokens that were given out.
    pub(crate) fn granted(&self) -> Vec<GrantedToken> {
        self.issuer.granted.lock().clone()
    }
}

type Answer = (StatusCode, String);

/// `GET` with Basic authentication (distribution specification, "Token Authentication").
async fn by_basic(State(issuer): State<Arc<Issuer>>, RawQuery(query): RawQuery, headers: HeaderMap) -> Answer {
    let form = form(&query.unwrap_or_default());
    let by = match headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap()) {
        None => "none",
        Some(value) if value == format!("Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}"))) => "basic",
        Some(_) => return refused(),
    };
    issuer.token(by, &form)
}

/// `POST` with a grant of OAuth2 ("Token Authentication Implementation: OAuth2").
async fn by_oauth2(State(issuer): State<Arc<Issuer>>, body: String) -> Answer {
    let form = form(&body);
    let field = |name: &str| form.get(name).map_or("", |values| values[0].as_str());
    match field("grant_type") {
        "refresh_token" if field("refresh_token") == IDENTITY_TOKEN => issuer.token("refresh_token", &form),
        "password" if (field("username"), field("password")) == (USER, PASSWORD) => issuer.token("password", &form),
        _ => refused(),
    }
}

fn refused() -> Answer {
    let body = json!({"errors": [{"code": "UNAUTHORIZED", "message": "incorrect username or password"}]});
    (StatusCode::UNAUTHORIZED, body.to_string())
}

impl Issuer {
    fn token(&self, by: &str, form: &HashMap<String, Vec<String>>) -> Answer {
        let scopes: Vec<String> =
            form.get("scope").into_iter().flatten().flat_map(|scopes| scopes.split(' ')).map(str::to_owned).collect();
        let access: Vec<Value> = scopes.iter().map(|scope| access_of(by, scope)).collect();
        let token = self.signer.access_token(SERVICE, USER, &access);
        self.granted.lock().push(GrantedToken { by: by.to_owned(), scopes });
        (StatusCode::OK, json!({"token": token, "access_token": token, "expires_in": LIFETIME}).to_string())
    }
}

/// The access that a scope `repository:<name>:<actions>` gets.
fn access_of(by: &str, scope: &str) -> Value {
    let (rest, actions) = scope.rsplit_once(':').unwrap();
    let (kind, name) = rest.split_once(':').unwrap();
    let actions: Vec<&str> =
        if by == "none" || name.starts_with("locked/") { Vec::new() } else { actions.split(',').collect() };
    json!({"type": kind, "name": name, "actions": actions})
}

/// Names and values of `application/x-www-form-urlencoded`.
pub(crate) fn form(text: &str) -> HashMap<String, Vec<String>> {
    let mut form: HashMap<String, Vec<String>> = HashMap::new();
    for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
        form.entry(decoded(name)).or_default().push(decoded(value));
    }
    form
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(bytes).unwrap()
}
