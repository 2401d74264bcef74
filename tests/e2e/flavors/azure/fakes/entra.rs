//! Microsoft Entra, and what gives its tokens to the managed identities of machines and platforms.

use serde_json::json;

use super::{ASSERTION, CLIENT, EXPIRED, OLD_ASSERTION, PLATFORM_HEADER, SECRET, Services, TENANT};
use crate::support::fakes::api::{Answer, RecordedRequest};
use crate::support::fakes::github_oidc::SUBJECT;
use crate::support::fakes::signer::now;
use crate::support::fakes::token_server::form;

impl Services {
    /// Microsoft Entra, which knows one application of one tenant.
    pub(super) fn entra(&self, request: &RecordedRequest) -> Answer {
        let tenant = request.line.split('/').nth(1).unwrap_or_default();
        if request.line == format!("GET /{TENANT}/v2.0/.well-known/openid-configuration") {
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
        if request.line != format!("POST /{tenant}/oauth2/v2.0/token") {
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
        let form = form(&request.body);
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
            ("", assertion) if by_assertion && self.is_trusted(assertion) => {}
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
                let words = "Invalid client secret provided. Ensure the secret being sent in the request is the client \
                             secret value, not the client secret ID.";
                return aadsts(401, 7_000_215, "invalid_client", words);
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

    /// Whether the federated credential of the application lets a token in.
    fn is_trusted(&self, assertion: &str) -> bool {
        let provider = self.trusted.lock().clone();
        let verified = provider.and_then(|provider| provider.verified(assertion, "api://AzureADTokenExchange").ok());
        verified.is_some_and(|claims| claims["sub"] == SUBJECT)
    }

    /// The metadata of a machine with one managed identity.
    pub(super) fn imds(&self, request: &RecordedRequest) -> Answer {
        let header = |name: &str| request.headers.get(name).map_or("", |value| value.to_str().unwrap());
        let refused = |words: &str| (400, Vec::new(), json!({"error": "invalid_request", "error_description": words}));
        let Some((path, query)) = request.line.split_once('?') else { return (404, Vec::new(), json!({})) };
        let query = form(query);
        let field = |name: &str| query.get(name).map_or("", |values| values[0].as_str());
        match (path, field("api-version")) {
            ("GET /metadata/identity/oauth2/token", "2018-02-01") if header("metadata") == "true" => {}
            // What App Service has in its place.
            ("GET /msi/token", "2019-08-01") if header("x-identity-header") == PLATFORM_HEADER => {}
            ("GET /metadata/identity/oauth2/token" | "GET /msi/token", _) => {
                return refused("Required header not specified");
            }
            _ => return (404, Vec::new(), json!({})),
        }
        if !["", CLIENT].contains(&field("client_id")) {
            return refused("Identity not found");
        }
        let token = self.token_of_entra(field("resource"));
        (
            200,
            Vec::new(),
            json!({
                "access_token": token, "token_type": "Bearer", "resource": field("resource"),
                "expires_in": "3599", "expires_on": (now() + 3_599).to_string(),
            }),
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
