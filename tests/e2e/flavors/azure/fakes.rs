//! Fakes of what no emulator has: Microsoft Entra, the token service of an Azure registry, Azure Resource Manager, and the
//! metadata of a machine. The registry that their tokens open is a real one.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::fake_api::{Answer, Asked, FakeApi};
use crate::support::registry::Registry;
use crate::support::signer::{Signer, now};
use crate::support::token_server::form;

pub(super) const TENANT: &str = "11111111-aaaa-bbbb-cccc-111111111111";
pub(super) const CLIENT: &str = "22222222-aaaa-bbbb-cccc-222222222222";
/// One that every encoding changes.
pub(super) const SECRET: &str = "cAnary8Q~cl1ent/secret+=&%Zx9tKv.";
/// One that was good.
pub(super) const EXPIRED: &str = "cAnary8Q~of-last-year";
/// What an identity provider that the application trusts says.
pub(super) const ASSERTION: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyZXBvOmFjbWUvdHJhaW4ifQ.c2ln";
/// The same, of an hour ago.
pub(super) const OLD_ASSERTION: &str = "eyJhbGciOiJub25lIn0.eyJleHAiOjF9.c2ln";
/// The registry's admin user, and her password.
pub(super) const ADMIN: (&str, &str) = ("contoso", "cAnary/adm1n+passw0rd=");
/// What the registry calls itself.
pub(super) const LOGIN_SERVER: &str = "contoso.azurecr.io";
/// Subscriptions, of which the second has no more than one registry.
const SUBSCRIPTIONS: [&str; 2] = ["33333333-aaaa-bbbb-cccc-333333333333", "44444444-aaaa-bbbb-cccc-444444444444"];

const REGISTRY: &str = "https://containerregistry.azure.net";
const MANAGEMENT: &str = "https://management.azure.com";
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
/// Seconds that a refresh token lives.
const THREE_HOURS: u64 = 3 * 3_600;

/// Azure: four services, and what they know of each other.
pub(super) struct Azure {
    pub(super) entra: FakeApi,
    pub(super) tokens: FakeApi,
    pub(super) management: FakeApi,
    pub(super) imds: FakeApi,
    pub(super) registry: Registry,
    books: Arc<Books>,
}

/// What Azure knows.
struct Books {
    signer: Signer,
    /// Tokens of Entra that were given out, and what they are for.
    entra: Mutex<HashMap<String, String>>,
    /// Refresh tokens of the registry that are good.
    refresh: Mutex<HashSet<String>>,
    /// What is answered next, before anything else is looked at.
    instead: Mutex<Vec<(u16, Vec<(&'static str, String)>, Value)>>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Azure {
    /// One with an empty registry.
    pub(super) fn start() -> Self {
        let books = Arc::new(Books {
            signer: Signer::new(),
            entra: Mutex::default(),
            refresh: Mutex::default(),
            instead: Mutex::default(),
        });
        let service = |answer: fn(&Books, &Asked) -> Answer| {
            let books = Arc::clone(&books);
            FakeApi::start(move |asked| {
                let instead = held(&books.instead).pop();
                instead.unwrap_or_else(|| answer(&books, asked))
            })
        };
        let tokens = service(Books::token_service);
        let realm = format!("{}/oauth2/token", tokens.url());
        let judge = Some(format!("{}:{}", ADMIN.0, ADMIN.1));
        let registry = Registry::with_tokens_of(&realm, LOGIN_SERVER, &books.signer, judge);
        Self {
            entra: service(Books::entra),
            tokens,
            management: service(Books::management),
            imds: service(Books::imds),
            registry,
            books,
        }
    }

    /// Has whichever service is asked next answer this instead.
    pub(super) fn next(&self, status: u16, headers: Vec<(&'static str, String)>, body: Value) {
        held(&self.books.instead).push((status, headers, body));
    }

    /// Has the registry refuse all refresh tokens that it gave.
    pub(super) fn revoke(&self) {
        held(&self.books.refresh).clear();
    }

    /// A token of Entra, as `az account get-access-token` gives it.
    pub(super) fn access_token(&self, resource: &str) -> String {
        self.books.token_of_entra(resource)
    }

    /// How often the registry gave a refresh token.
    pub(super) fn exchanges(&self) -> usize {
        self.tokens.lines().iter().filter(|line| line.starts_with("POST /oauth2/exchange")).count()
    }

    /// Every request to any service, as text.
    pub(super) fn requests(&self) -> Vec<String> {
        let services = [&self.entra, &self.tokens, &self.management, &self.imds];
        let text = |asked: Asked| format!("{} {:?} {}", asked.line, asked.headers, asked.body);
        services.into_iter().flat_map(FakeApi::asked).map(text).collect()
    }
}

impl Books {
    fn token_of_entra(&self, resource: &str) -> String {
        let mut given = held(&self.entra);
        let claims = json!({
            "aud": resource, "appid": CLIENT, "tid": TENANT, "iss": "https://sts.windows.net/",
            "exp": now() + 3_599, "uti": given.len(),
        });
        let token = self.signer.jwt(&claims);
        given.insert(token.clone(), resource.to_owned());
        token
    }

    fn is_for(&self, token: &str, resource: &str) -> bool {
        held(&self.entra).get(token).is_some_and(|given| given == resource)
    }

    /// Microsoft Entra, which knows one application of one tenant.
    fn entra(&self, asked: &Asked) -> Answer {
        let tenant = asked.line.split('/').nth(1).unwrap_or_default();
        if asked.line == format!("GET /{TENANT}/v2.0/.well-known/openid-configuration") {
            let own = format!("https://login.microsoftonline.com/{TENANT}");
            return (
                200,
                Vec::new(),
                json!({
                    "issuer": format!("{own}/v2.0"),
                    "authorization_endpoint": format!("{own}/oauth2/v2.0/authorize"),
                    "token_endpoint": format!("{own}/oauth2/v2.0/token"),
                }),
            );
        }
        if asked.line != format!("POST /{tenant}/oauth2/v2.0/token") {
            return (404, Vec::new(), json!({}));
        }
        if tenant != TENANT {
            return aadsts(
                400,
                90_002,
                "invalid_request",
                &format!("Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID."),
            );
        }
        let form = form(&asked.body);
        let field = |name: &str| form.get(name).map_or("", |values| values[0].as_str());
        assert_eq!(field("grant_type"), "client_credentials");
        if field("client_id") != CLIENT {
            return aadsts(
                400,
                700_016,
                "unauthorized_client",
                "Application with identifier was not found in the directory 'Contoso'.",
            );
        }
        let by_assertion = field("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        match (field("client_secret"), field("client_assertion")) {
            (SECRET, "") => {}
            ("", ASSERTION) if by_assertion => {}
            (EXPIRED, "") => {
                return aadsts(
                    401,
                    7_000_222,
                    "invalid_client",
                    "The provided client secret keys for app are expired.",
                );
            }
            ("", OLD_ASSERTION) => {
                return aadsts(401, 700_024, "invalid_client", "Client assertion is not within its valid time range.");
            }
            _ => {
                return aadsts(
                    401,
                    7_000_215,
                    "invalid_client",
                    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.",
                );
            }
        }
        let Some(resource) = field("scope").strip_suffix("/.default") else {
            return aadsts(400, 1_002_012, "invalid_scope", "The provided value for scope is not valid.");
        };
        let token = self.token_of_entra(resource);
        (
            200,
            Vec::new(),
            json!({"token_type": "Bearer", "expires_in": 3_599, "ext_expires_in": 3_599, "access_token": token}),
        )
    }

    /// The registry's own token service.
    fn token_service(&self, asked: &Asked) -> Answer {
        let (path, query) = asked.line.split_once('?').unwrap_or((asked.line.as_str(), ""));
        match path {
            "POST /oauth2/exchange" => self.exchange(&asked.body),
            "POST /oauth2/token" => self.by_refresh_token(&asked.body),
            "GET /oauth2/token" => self.by_basic(asked.authorization(), query),
            _ => (404, Vec::new(), json!({"errors": [{"code": "NOT_FOUND", "message": "not found"}]})),
        }
    }

    fn exchange(&self, body: &str) -> Answer {
        let form = form(body);
        let field = |name: &str| form.get(name).map_or("", |values| values[0].as_str());
        let of_tenant = ["", TENANT].contains(&field("tenant"));
        let good = field("grant_type") == "access_token" && of_tenant && self.is_for(field("access_token"), REGISTRY);
        if !good || field("service").is_empty() {
            return unauthorized();
        }
        let mut given = held(&self.refresh);
        let claims = json!({
            "aud": LOGIN_SERVER, "grant_type": "refresh_token", "appid": CLIENT, "tenant": TENANT,
            "iat": now(), "exp": now() + THREE_HOURS, "jti": given.len(),
        });
        let token = self.signer.jwt(&claims);
        given.insert(token.clone());
        (200, Vec::new(), json!({"refresh_token": token}))
    }

    fn by_refresh_token(&self, body: &str) -> Answer {
        let form = form(body);
        let field = |name: &str| form.get(name).map_or("", |values| values[0].as_str());
        let good = field("grant_type") == "refresh_token" && held(&self.refresh).contains(field("refresh_token"));
        if good { self.access(&form) } else { unauthorized() }
    }

    fn by_basic(&self, authorization: &str, query: &str) -> Answer {
        let pair = authorization.strip_prefix("Basic ").and_then(|pair| STANDARD.decode(pair).ok()).unwrap_or_default();
        let pair = String::from_utf8(pair).unwrap();
        let good = match pair.split_once(':') {
            Some((NOBODY, password)) => held(&self.refresh).contains(password),
            Some(pair) => pair == ADMIN,
            None => false,
        };
        if good { self.access(&form(query)) } else { unauthorized() }
    }

    /// A token that opens what is asked for. To repositories below `locked/` nobody may push.
    fn access(&self, form: &HashMap<String, Vec<String>>) -> Answer {
        let scopes: Vec<&str> = form.get("scope").into_iter().flatten().flat_map(|scopes| scopes.split(' ')).collect();
        if scopes.iter().any(|scope| scope.starts_with("repository:locked/") && scope.contains("push")) {
            return unauthorized();
        }
        let granted = |scope: &&str| {
            let (rest, actions) = scope.rsplit_once(':').unwrap();
            let (kind, name) = rest.split_once(':').unwrap();
            json!({"type": kind, "name": name, "actions": actions.split(',').collect::<Vec<_>>()})
        };
        let access: Vec<Value> = scopes.iter().map(granted).collect();
        (200, Vec::new(), json!({"access_token": self.signer.access_token(LOGIN_SERVER, CLIENT, &access)}))
    }

    /// Azure Resource Manager, with two subscriptions on two pages.
    fn management(&self, asked: &Asked) -> Answer {
        let token = asked.authorization().strip_prefix("Bearer ").unwrap_or_default();
        if !self.is_for(token, MANAGEMENT) {
            let error = json!({"code": "InvalidAuthenticationTokenAudience", "message": "The access token has been obtained for wrong audience or resource."});
            return (401, Vec::new(), json!({"error": error}));
        }
        let subscription = |id: &str| json!({"subscriptionId": id, "state": "Enabled", "displayName": "Contoso"});
        let registry = |server: &str| json!({"name": "x", "properties": {"loginServer": server}});
        let host = asked.headers.get("host").unwrap().to_str().unwrap();
        let [one, two] = SUBSCRIPTIONS;
        let registries = |id: &str| {
            format!("GET /subscriptions/{id}/providers/Microsoft.ContainerRegistry/registries?api-version=2023-07-01")
        };
        let page = match asked.line.as_str() {
            "GET /subscriptions?api-version=2022-12-01" => {
                let next = format!("http://{host}/subscriptions?api-version=2022-12-01&$skiptoken=two");
                json!({"value": [subscription(one)], "nextLink": next})
            }
            "GET /subscriptions?api-version=2022-12-01&$skiptoken=two" => json!({"value": [subscription(two)]}),
            line if line == registries(one) => {
                json!({"value": [registry("fabrikam.azurecr.io"), registry("Contoso.azurecr.io")]})
            }
            line if line == registries(two) => json!({"value": [registry("tailwind-e7ggejfuhzhgedc8.azurecr.io")]}),
            _ => {
                let error = json!({"code": "SubscriptionNotFound", "message": "The subscription could not be found."});
                return (404, Vec::new(), json!({"error": error}));
            }
        };
        (200, Vec::new(), page)
    }

    /// The metadata of a machine with one managed identity.
    fn imds(&self, asked: &Asked) -> Answer {
        let refused = |words: &str| (400, Vec::new(), json!({"error": "invalid_request", "error_description": words}));
        let Some((path, query)) = asked.line.split_once('?') else { return (404, Vec::new(), json!({})) };
        let query = form(query);
        let field = |name: &str| query.get(name).map_or("", |values| values[0].as_str());
        if path != "GET /metadata/identity/oauth2/token" || field("api-version") != "2018-02-01" {
            return (404, Vec::new(), json!({}));
        }
        if asked.headers.get("metadata").is_none_or(|value| value != "true") {
            return refused("Required metadata header not specified");
        }
        if !["", CLIENT].contains(&field("client_id")) {
            return refused("Identity not found");
        }
        let token = self.token_of_entra(field("resource"));
        (
            200,
            Vec::new(),
            json!({"access_token": token, "expires_in": "3599", "token_type": "Bearer", "resource": field("resource")}),
        )
    }
}

/// A refusal by Entra, with what it adds for its support.
fn aadsts(status: u16, number: u64, error: &str, words: &str) -> Answer {
    let support = "Trace ID: 5e1b Correlation ID: 9a2c Timestamp: 2026-11-20 12:00:00Z";
    let body = json!({
        "error": error,
        "error_description": format!("AADSTS{number}: {words} {support}"),
        "error_codes": [number],
        "trace_id": "5e1b",
        "correlation_id": "9a2c",
    });
    (status, Vec::new(), body)
}

fn unauthorized() -> Answer {
    let words = "authentication required, visit https://aka.ms/acr/authorization for more information.";
    (401, Vec::new(), json!({"errors": [{"code": "UNAUTHORIZED", "message": words}]}))
}
