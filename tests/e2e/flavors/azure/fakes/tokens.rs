//! The token service of the registry.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{ADMIN, CLIENT, LOGIN_SERVER, REGISTRY, Services, TENANT, held};
use crate::support::fakes::api::{Answer, RecordedRequest};
use crate::support::fakes::signer::now;
use crate::support::fakes::token_server::form;

const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
/// Seconds that a refresh token lives.
const THREE_HOURS: u64 = 3 * 3_600;

impl Services {
    /// The registry's own token service.
    pub(super) fn token_service(&self, request: &RecordedRequest) -> Answer {
        let (path, query) = request.line.split_once('?').unwrap_or((request.line.as_str(), ""));
        match path {
            "POST /oauth2/exchange" => self.exchange(&request.body),
            "POST /oauth2/token" => self.by_refresh_token(&request.body),
            "GET /oauth2/token" => self.by_basic(request.authorization(), query),
            _ => (404, Vec::new(), json!({"errors": [{"code": "NOT_FOUND", "message": "not found"}]})),
        }
    }

    fn exchange(&self, body: &str) -> Answer {
        let form = form(body);
        let field = |name: &str| form.get(name).map_or("", |values| values[0].as_str());
        // Nothing else has any business here, least of all what an application proves itself with.
        let wanted = ["access_token", "grant_type", "service", "tenant"];
        assert!(form.keys().all(|name| wanted.contains(&name.as_str())), "{:?}", form.keys());
        let home = held(&self.home).clone();
        let of_home = home == TENANT && ["", TENANT].contains(&field("tenant"));
        let good = field("grant_type") == "access_token" && of_home && self.is_for(field("access_token"), REGISTRY);
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

    /// A token for the scopes of a request. Pushes to repositories below `locked/` are refused.
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
}

fn unauthorized() -> Answer {
    let words = "authentication required, visit https://aka.ms/acr/authorization for more information.";
    (401, Vec::new(), json!({"errors": [{"code": "UNAUTHORIZED", "message": words}]}))
}
