//! A fake of Google: the token endpoint, the Security Token Service, IAM's credentials, the metadata server, and
//! Artifact Registry's API, all on one host. It verifies signatures and claims; google-auth, Google's own client, gets
//! along with it.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::thread;

use serde_json::{Value, json};

use super::artifact_registry::Repositories;
use super::files::{AUDIENCE, CLIENT_ID, CLIENT_SECRET, EMAIL, KEY_ID, REFRESH_TOKEN, SUBJECT_TOKEN, TARGET};
use super::keys::{self, Key};
use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::fakes::token_server::form;
use crate::support::judges::needle::Needle;
use crate::support::programs::registry::GOOGLE_TOKEN;

/// A token that opens nothing but the way to another one.
pub(super) const STEP: &str = "ya29.one-step-on-the-way";

/// For whom keys sign, wherever the token endpoint is.
const AUDIENCE_OF_KEYS: &str = "https://oauth2.googleapis.com/token";
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// The scopes that a key may ask for; google-auth takes the second where it only wants another account's token.
const SCOPES: [&str; 2] = [SCOPE, "https://www.googleapis.com/auth/iam"];

/// The running fake.
pub(super) struct Google {
    api: FakeApi,
    services: Arc<Services>,
}

/// Its counters, and what they do at present.
#[derive(Default)]
struct Services {
    /// What each counter gives, where that is not the token that opens the registry: `/token` and the others, by path.
    gives: Mutex<HashMap<&'static str, &'static str>>,
    repositories: Mutex<Repositories>,
}

type Instead = Box<dyn Fn(&RecordedRequest) -> Option<Answer> + Send + Sync>;

impl Google {
    /// One with the repository `my-repo` of `my-project` in `europe-west1`.
    pub(super) fn start() -> Self {
        Self::instead(|_| None)
    }

    /// One that answers something else where a function says so.
    pub(super) fn instead(instead: impl Fn(&RecordedRequest) -> Option<Answer> + Send + Sync + 'static) -> Self {
        let (services, instead): (_, Instead) = (Arc::<Services>::default(), Box::new(instead));
        let usual = Arc::clone(&services);
        let api = FakeApi::start(move |request| instead(request).unwrap_or_else(|| usual.answer(request)));
        Self { api, services }
    }

    pub(super) fn url(&self) -> String {
        self.api.url()
    }

    /// Has a counter give another token.
    pub(super) fn gives(&self, path: &'static str, token: &'static str) {
        self.services.gives.lock().insert(path, token);
    }

    /// What Artifact Registry keeps.
    pub(super) fn repositories<T>(&self, use_them: impl FnOnce(&mut Repositories) -> T) -> T {
        use_them(&mut self.services.repositories.lock())
    }

    /// The requests so far, e.g. `POST /token`.
    pub(super) fn lines(&self) -> Vec<String> {
        self.api.lines()
    }

    /// The values of a header, in requests that begin like that.
    pub(super) fn headers(&self, line: &str, name: &str) -> Vec<String> {
        let requests = self.api.requests().into_iter().filter(|request| request.line.starts_with(line));
        requests.filter_map(|request| Some(request.headers.get(name)?.to_str().unwrap().to_owned())).collect()
    }

    /// How many requests begin like that.
    pub(super) fn count(&self, line: &str) -> usize {
        self.lines().iter().filter(|request| request.starts_with(line)).count()
    }
}

impl Drop for Google {
    /// Secrets went where the protocol wants them, and nowhere else.
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let line_of_key = Key::known().pem.lines().nth(5).unwrap();
        let secrets =
            [(line_of_key, ""), (REFRESH_TOKEN, "/token"), (CLIENT_SECRET, "/token"), (SUBJECT_TOKEN, "/v1/token")];
        for request in self.api.requests() {
            let path = request.line.split(' ').nth(1).unwrap();
            for (secret, place) in secrets {
                let needle = Needle::new(secret);
                needle.assert_not_in(
                    format!("{}{:?}", request.line, request.headers).as_bytes(),
                    "the head of a request",
                );
                if path != place {
                    needle.assert_not_in(request.body.as_bytes(), "the body of a request");
                }
            }
        }
    }
}

impl Services {
    fn answer(&self, request: &RecordedRequest) -> Answer {
        let (method, path) = request.line.split_once(' ').unwrap();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        match (method, path) {
            ("POST", "/token") => self.token(request),
            ("POST", "/tokeninfo") => tokeninfo(request),
            ("POST", "/v1/token") => self.exchange(request),
            ("POST", path) if path.ends_with(":generateAccessToken") => self.generate(request, path),
            ("GET", path) if path.starts_with("/computeMetadata/") => self.metadata(request, path),
            (method, path) if path.starts_with("/v1/projects/") => match opens_apis(request) {
                true => {
                    let mut repositories = self.repositories.lock();
                    repositories.answer(method, path, query, &request.body)
                }
                false => refused(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
            },
            _ => (404, Vec::new(), json!("Not Found")),
        }
    }

    fn given(&self, path: &str) -> &'static str {
        self.gives.lock().get(path).copied().unwrap_or(GOOGLE_TOKEN)
    }

    /// `oauth2.googleapis.com/token`.
    fn token(&self, request: &RecordedRequest) -> Answer {
        let form = form(&request.body);
        let field = |name: &str| form.get(name).map_or("", |values| values[0].as_str());
        match field("grant_type") {
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
                let Some(claims) = Key::known().claims(field("assertion"), KEY_ID) else {
                    return invalid_grant("Invalid JWT Signature.");
                };
                if claims["iss"] != EMAIL {
                    return invalid_grant("Invalid grant: account not found");
                } else if claims["aud"] != AUDIENCE_OF_KEYS
                    || !SCOPES.contains(&claims["scope"].as_str().unwrap_or_default())
                    || !claims["sub"].is_null()
                {
                    return invalid_grant("Invalid JWT: Failed audience check.");
                } else if !keys::are_timely(&claims) {
                    return invalid_grant(TOO_LONG);
                }
            }
            "refresh_token" if (field("client_id"), field("client_secret")) != (CLIENT_ID, CLIENT_SECRET) => {
                let words = "The provided client secret is invalid.";
                return (401, Vec::new(), json!({"error": "invalid_client", "error_description": words}));
            }
            "refresh_token" if field("refresh_token") == REFRESH_TOKEN => {}
            "refresh_token" => return invalid_grant("Bad Request"),
            _ => return (400, Vec::new(), json!({"error": "unsupported_grant_type"})),
        }
        granted(self.given("/token"))
    }

    /// `sts.googleapis.com/v1/token` (RFC 8693).
    fn exchange(&self, request: &RecordedRequest) -> Answer {
        let form = form(&request.body);
        let field = |name: &str| form.get(name).map_or("", |values| values[0].as_str());
        let expected = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("audience", AUDIENCE),
            ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ];
        match expected.iter().find(|(name, value)| field(name) != *value) {
            Some((name, _)) => {
                (400, Vec::new(), json!({"error": "invalid_request", "error_description": format!("Invalid {name}.")}))
            }
            None if !SCOPES.contains(&field("scope")) => {
                (400, Vec::new(), json!({"error": "invalid_scope", "error_description": "Invalid scope."}))
            }
            None if field("subject_token") != SUBJECT_TOKEN => {
                invalid_grant("ID Token issued at 1 is stale to sign-in.")
            }
            None => granted(self.given("/v1/token")),
        }
    }

    /// `iamcredentials.googleapis.com`.
    fn generate(&self, request: &RecordedRequest, path: &str) -> Answer {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        if bearer(request) != STEP {
            return refused(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
        }
        if path != format!("/v1/projects/-/serviceAccounts/{TARGET}:generateAccessToken") {
            let words = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).";
            return refused(403, "PERMISSION_DENIED", words);
        }
        if body["scope"] != json!([SCOPE]) || !body["lifetime"].as_str().is_some_and(|text| text.ends_with('s')) {
            return refused(400, "INVALID_ARGUMENT", "Request contains an invalid argument.");
        }
        // Far too late: a client that caches the token has a limit of its own.
        let token = json!({"accessToken": self.given("iam"), "expireTime": "2099-01-01T00:00:00Z"});
        (200, Vec::new(), token)
    }

    /// The metadata server, which refuses requests without its own header.
    fn metadata(&self, request: &RecordedRequest, path: &str) -> Answer {
        if request.headers.get("metadata-flavor").is_none_or(|flavor| flavor != "Google") {
            return (403, Vec::new(), json!("Missing Metadata-Flavor:Google header."));
        }
        let header = vec![("metadata-flavor", "Google".to_owned()), ("content-type", "application/json".to_owned())];
        let account = path.strip_prefix("/computeMetadata/v1/instance/service-accounts/").unwrap_or_default();
        match account.split_once('/') {
            Some(("default" | EMAIL, "token")) => (200, header, granted(self.given("metadata")).2),
            Some(("default", "")) => (200, header, json!({"aliases": ["default"], "email": EMAIL, "scopes": [SCOPE]})),
            _ => (404, header, json!("")),
        }
    }
}

const TOO_LONG: &str = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. \
                        Check your \
                        iat and exp values in the JWT claim.";

/// Whose token it is.
fn tokeninfo(request: &RecordedRequest) -> Answer {
    match form(&request.body).get("access_token").map(|values| values[0].as_str()) {
        Some(GOOGLE_TOKEN) => {
            (200, Vec::new(), json!({"azp": CLIENT_ID, "email": "alice@example.com", "scope": SCOPE}))
        }
        _ => (400, Vec::new(), json!({"error": "invalid_token", "error_description": "Invalid Value"})),
    }
}

/// Artifact Registry takes access tokens, and what a key signed for itself.
fn opens_apis(request: &RecordedRequest) -> bool {
    let claims = Key::known().claims(bearer(request), KEY_ID);
    let own = |claims: Value| {
        claims["iss"] == EMAIL && claims["sub"] == EMAIL && claims["scope"] == SCOPE && keys::are_timely(&claims)
    };
    bearer(request) == GOOGLE_TOKEN || claims.is_some_and(own)
}

fn bearer(request: &RecordedRequest) -> &str {
    request.authorization().strip_prefix("Bearer ").unwrap_or_default()
}

fn granted(token: &str) -> Answer {
    (200, Vec::new(), json!({"access_token": token, "expires_in": 3599, "token_type": "Bearer"}))
}

fn invalid_grant(words: &str) -> Answer {
    (400, Vec::new(), json!({"error": "invalid_grant", "error_description": words}))
}

/// As all of Google's APIs refuse.
pub(super) fn refused(code: u16, status: &str, words: &str) -> Answer {
    (code, Vec::new(), json!({"error": {"code": code, "message": words, "status": status}}))
}
