//! A fake of GitHub's OIDC provider: the endpoint at which jobs request id tokens, the tokens, signed with RS256, and
//! the keys by which anybody verifies them (`/.well-known/jwks`).

use parking_lot::Mutex;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use crate::support::fakes::signer::now;
use crate::support::fakes::token_server::form;
use crate::support::fakes::web::Web;
use crate::support::programs::crhost::Home;
use crate::support::programs::process;

/// Whom the tokens are about.
pub(crate) const SUBJECT: &str = "repo:acme/train:ref:refs/heads/main";
/// Who issues them.
pub(crate) const ISSUER: &str = "https://token.actions.githubusercontent.com";
/// What a job requests tokens with.
pub(crate) const REQUEST_TOKEN: &str = "cAnary-request~token/of+a=job";
/// A path as `ACTIONS_ID_TOKEN_REQUEST_URL` has it.
const JOB_PATH: &str = "/42//idtoken/76eeab0c/35c7e8dd";
/// How long tokens live, in seconds, if a test does not say otherwise.
const LIFETIME: u64 = 300;

/// The running fake.
pub(crate) struct GithubOidc {
    web: Web,
    provider: Arc<Provider>,
}

/// What issues tokens, and says how they are verified.
pub(crate) struct Provider {
    /// The key, with its name.
    key: Mutex<(RsaKeyPair, String)>,
    /// Those of before that are still published.
    previous: Mutex<Vec<Value>>,
    state: Mutex<Moving>,
}

/// What changes.
struct Moving {
    /// Seconds that have passed here besides those of the machine's clock; negative for a clock that is behind.
    passed: i64,
    lifetime: u64,
    /// Claims in place of the usual ones.
    claims: Value,
    /// An answer in place of a token.
    instead: Option<(u16, &'static str)>,
    issued: Vec<String>,
    audiences: Vec<String>,
    keys_read: usize,
}

impl GithubOidc {
    pub(crate) fn start() -> Self {
        let key = Mutex::new((new_key(), "k1".to_owned()));
        let moving = Moving {
            passed: 0,
            lifetime: LIFETIME,
            claims: json!({}),
            instead: None,
            issued: Vec::new(),
            audiences: Vec::new(),
            keys_read: 0,
        };
        let provider = Arc::new(Provider { key, previous: Mutex::default(), state: Mutex::new(moving) });
        let router = Router::new()
            .route("/token", get(token))
            .route(JOB_PATH, get(token))
            .route("/.well-known/jwks", get(jwks))
            .route("/.well-known/openid-configuration", get(configuration))
            .with_state(Arc::clone(&provider));
        Self { web: Web::serve(router), provider }
    }

    /// Makes a home that of a job with the permission `id-token: write`. The request token is its only secret.
    pub(crate) fn permit(&self, home: &mut Home) {
        home.set("ACTIONS_ID_TOKEN_REQUEST_URL", format!("http://{}/token?api-version=2.0", self.web.host()));
        home.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN);
    }

    /// The address at which a job requests tokens, in the form that GitHub's has.
    pub(crate) fn job_url(&self) -> String {
        format!("http://{}{JOB_PATH}?api-version=2.0", self.web.host())
    }

    /// The provider, for services that verify its tokens.
    pub(crate) fn provider(&self) -> Arc<Provider> {
        Arc::clone(&self.provider)
    }

    /// Has tokens live for so long.
    pub(crate) fn live_for(&self, seconds: u64) {
        self.provider.state.lock().lifetime = seconds;
    }

    /// Has tokens say something else.
    pub(crate) fn claim(&self, claims: Value) {
        self.provider.state.lock().claims = claims;
    }

    /// Has tokens say one thing more.
    pub(crate) fn claim_more(&self, name: &str, value: &str) {
        self.provider.state.lock().claims[name] = value.into();
    }

    /// The URL of an issuer at the fake's own address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.web.host())
    }

    /// Has tokens name the fake's own address as their issuer, where its keys are discovered.
    pub(crate) fn be_its_own_issuer(&self) {
        self.claim_more("iss", &self.url());
    }

    /// Answers something else.
    pub(crate) fn answer(&self, status: u16, body: &'static str) {
        self.provider.state.lock().instead = Some((status, body));
    }

    /// Sets the provider's clock apart from the machine's.
    pub(crate) fn pass(&self, seconds: i64) {
        self.provider.pass(seconds);
    }

    /// The tokens that were issued.
    pub(crate) fn issued(&self) -> Vec<String> {
        self.provider.state.lock().issued.clone()
    }

    /// The audiences that tokens were requested for.
    pub(crate) fn audiences(&self) -> Vec<String> {
        self.provider.state.lock().audiences.clone()
    }
}

impl Provider {
    /// Lets time pass for the provider and for those who verify its tokens.
    pub(crate) fn pass(&self, seconds: i64) {
        self.state.lock().passed += seconds;
    }

    /// The keys, as a JSON Web Key Set.
    pub(crate) fn jwks(&self) -> Value {
        let keys: Vec<Value> = [self.jwk()].into_iter().chain(self.previous.lock().clone()).collect();
        json!({ "keys": keys })
    }

    fn jwk(&self) -> Value {
        let key = self.key.lock();
        let public = PublicKeyComponents::<Vec<u8>>::from(key.0.public_key());
        let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.1, "n": number(&public.n), "e": number(&public.e)
        })
    }

    /// Signs with another key from now on, and publishes the old one as well, as issuers do for a while.
    pub(crate) fn rotate_gently(&self) {
        let old = self.jwk();
        self.previous.lock().push(old);
        self.rotate();
    }

    /// Publishes none but the key that signs.
    pub(crate) fn retire(&self) {
        self.previous.lock().clear();
    }

    /// Signs with another key from now on, which has another name.
    pub(crate) fn rotate(&self) {
        let mut key = self.key.lock();
        *key = (new_key(), format!("{}-next", key.1));
    }

    /// How often the keys were read.
    pub(crate) fn keys_read(&self) -> usize {
        self.state.lock().keys_read
    }

    /// Another token.
    pub(crate) fn issue(&self, audience: &str) -> String {
        let key_id = self.key.lock().1.clone();
        self.issue_with(audience, &key_id)
    }

    /// Another token, which names this key.
    pub(crate) fn issue_with(&self, audience: &str, key_id: &str) -> String {
        let mut state = self.state.lock();
        let now = now().checked_add_signed(state.passed).unwrap();
        let mut claims = json!({
            "iss": ISSUER, "sub": SUBJECT, "aud": audience, "iat": now, "nbf": now, "exp": now + state.lifetime,
            "repository": "acme/train", "ref": "refs/heads/main", "jti": state.issued.len().to_string(),
        });
        for (name, value) in state.claims.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": key_id});
        let signed = [&header, &claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        let key = self.key.lock();
        let mut signature = vec![0; key.0.public().modulus_len()];
        key.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        state.issued.push(token.clone());
        state.audiences.push(audience.to_owned());
        token
    }

    /// The claims of a token for an audience, if one of the keys has signed it and it holds now; as services verify it,
    /// with no time between the clocks.
    pub(crate) fn verified(&self, token: &str, audience: &str) -> Result<Value, &'static str> {
        let jwks = self.jwks();
        let (signed, signature) = token.rsplit_once('.').ok_or("it is no token")?;
        let (header, claims) = signed.split_once('.').ok_or("it is no token")?;
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| "it is no base64");
        let json = |text: &str| serde_json::from_slice::<Value>(&decoded(text)?).map_err(|_| "it is no JSON");
        let (header, claims) = (json(header)?, json(claims)?);
        let key = jwks["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]);
        let key = key.filter(|_| header["alg"] == "RS256").ok_or("no key is known that signed it")?;
        let part = |name: &str| decoded(key[name].as_str().unwrap());
        let key = PublicKeyComponents { n: part("n")?, e: part("e")? };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &decoded(signature)?)
            .map_err(|_| "bad signature")?;
        let now = now().checked_add_signed(self.state.lock().passed).unwrap();
        let is_over = claims["exp"].as_u64().is_none_or(|end| end <= now);
        match (claims["iss"] == ISSUER, claims["aud"] == audience, is_over) {
            (true, true, false) => Ok(claims),
            (false, ..) => Err("Incorrect token issuer"),
            (_, false, _) => Err("Incorrect token audience"),
            (.., true) => Err("Token must be in date"),
        }
    }
}

fn new_key() -> RsaKeyPair {
    let pem = process::tool("openssl", ["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
    let base64: String = pem.ok().stdout.lines().filter(|line| !line.starts_with('-')).collect();
    RsaKeyPair::from_pkcs8(&STANDARD.decode(base64).unwrap()).unwrap()
}

async fn jwks(State(provider): State<Arc<Provider>>) -> String {
    provider.state.lock().keys_read += 1;
    provider.jwks().to_string()
}

async fn configuration(headers: HeaderMap) -> String {
    let url = format!("http://{}", headers["host"].to_str().unwrap());
    json!({"issuer": url, "jwks_uri": format!("{url}/.well-known/jwks")}).to_string()
}

async fn token(State(provider): State<Arc<Provider>>, uri: Uri, headers: HeaderMap) -> Response {
    let bearer = format!("Bearer {REQUEST_TOKEN}");
    if headers.get("authorization").is_none_or(|given| given != bearer.as_str()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let query = form(uri.query().unwrap_or_default());
    let field = |name: &str| query.get(name).map(|values| values[0].as_str());
    if field("api-version") != Some("2.0") {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let instead = provider.state.lock().instead;
    if let Some((status, body)) = instead {
        return (StatusCode::from_u16(status).unwrap(), body).into_response();
    }
    let audience = field("audience").unwrap_or("https://github.com/acme");
    json!({"count": 1, "value": provider.issue(audience)}).to_string().into_response()
}
