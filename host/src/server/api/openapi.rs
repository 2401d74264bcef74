//! The description of the interface (OpenAPI 3.1), from which others make clients.

use axum::body::Body;
use axum::http::{Response, StatusCode};

/// The document, which a test compares with what is answered.
pub(super) const DOCUMENT: &str = include_str!("openapi.json");

/// Answers the document.
pub(super) async fn answer() -> Response<Body> {
    let document: serde_json::Value = serde_json::from_str(DOCUMENT).unwrap_or_default();
    super::json::json(StatusCode::OK, "application/json", &document)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::server_client::{CredentialAnswer, CredentialRequest, ListedRegistry, Problem, WireProfile};

    fn schema(name: &str) -> Value {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        document["components"]["schemas"][name].clone()
    }

    /// Whether the members of a value are those of a schema, with the required ones among them.
    fn assert_described(name: &str, value: &Value) {
        let schema = schema(name);
        let described = schema["properties"].as_object().unwrap();
        let members = value.as_object().unwrap();
        assert!(members.keys().all(|member| described.contains_key(member)), "{name}: {value}");
        let required = schema["required"].as_array().unwrap();
        assert!(required.iter().all(|member| members.contains_key(member.as_str().unwrap())), "{name}: {value}");
    }

    #[test]
    fn the_document_has_every_member_of_what_is_asked_and_answered() {
        let upload = WireProfile {
            chunk: Some(1),
            mount: true,
            zstd: true,
            largest_request: Some(1),
            largest_layer: Some(1),
            range: true,
            referrers: "api".to_owned(),
            deletion: "by-tag".to_owned(),
        };
        assert_described("Upload", &serde_json::to_value(&upload).unwrap());
        let answer = CredentialAnswer {
            registry: "prod".to_owned(),
            host: "ghcr.io".to_owned(),
            rule: "train".to_owned(),
            anonymous: false,
            username: Some("u".to_owned()),
            password: Some("p".into()),
            expires_at: Some("2026-11-30T16:00:00Z".to_owned()),
            upload: Some(upload),
            notes: Vec::new(),
        };
        assert_described("Credentials", &serde_json::to_value(&answer).unwrap());
        let request = CredentialRequest {
            registry: "prod".to_owned(),
            repository: Some("a".to_owned()),
            tag: Some("v1".to_owned()),
            operation: "push".to_owned(),
            fresh: false,
        };
        assert_described("CredentialRequest", &serde_json::to_value(&request).unwrap());
        let listed = ListedRegistry {
            name: "prod".to_owned(),
            flavor: "github".to_owned(),
            uri: "ghcr.io/acme".to_owned(),
            insecure: false,
            operations: vec!["push".to_owned()],
        };
        assert_described("Registry", &serde_json::to_value(&listed).unwrap());
        let problem = Problem {
            kind: "urn:crhost:problem:denied".to_owned(),
            title: "t".to_owned(),
            status: 403,
            detail: Some("d".to_owned()),
            hint: Some("h".to_owned()),
        };
        assert_described("Problem", &serde_json::to_value(&problem).unwrap());
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
        assert_eq!(
            json!(paths),
            json!(["/healthz", "/metrics", "/readyz", "/v1/credentials", "/v1/openapi.json", "/v1/registries"])
        );
    }
}
