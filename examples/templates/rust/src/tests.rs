use crhost_flavor::FailureKind;
use crhost_flavor::http::Response;
use crhost_flavor::testing::{self, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors};

use super::*;

#[test]
fn a_uri_is_accepted_in_its_canonical_form() {
    assert_accepts::<MyFlavor>(&[
        ("my-registry.example/team", "my-registry.example/team", 0),
        ("MY-REGISTRY.example:443/team/ml/", "my-registry.example/team/ml", 0),
        ("localhost:5000/team", "localhost:5000/team", 1),
    ]);
    assert_examples::<MyFlavor>();
}

#[test]
fn everything_else_is_refused_with_the_next_step() {
    assert_refuses::<MyFlavor>(&[
        ("", "`my-registry.example/team`"),
        ("team", "`my-registry.example/team`"),
        ("https://my-registry.example/team", "leave the scheme out: `my-registry.example/team`"),
        ("my-registry.example/Team", "`my-registry.example/team`"),
        ("my-registry.example/team:v1", "leave the tag out: `my-registry.example/team`"),
        ("ci:secret@my-registry.example/team", "leave user and password out"),
        ("my-registry.example//team", "write single slashes: `my-registry.example/team`"),
        ("my-registry.example", "`my-registry.example/team`"),
        ("my-registry.exampel/team", "did you mean `my-registry.example/team`?"),
        ("my-registry.example.evil.example/team", "did you mean `my-registry.example/team`?"),
        ("my-registry.com/team", "did you mean `my-registry.example/team`?"),
        ("my-registry.example:8443/team", "`my-registry.example/team`"),
        ("other.example/team", "`my-registry.example/team`"),
    ]);
    assert_refuses_other_flavors::<MyFlavor>();
}

#[test]
fn all_that_is_asked_for_is_here() {
    assert_eq!(
        testing::operations::<MyFlavor>(),
        [
            "my-registry/token check-repository: GET https://api.my-registry.example|<endpoint> /v1/repositories/*; \
             token in `authorization: Bearer …`",
            "my-registry/token create-repository: POST https://api.my-registry.example|<endpoint> /v1/repositories \
             body name; token in `authorization: Bearer …`",
            "my-registry/token: token is the registry's password",
        ]
    );
}

/// An answer of `fixtures/`.
fn fixture(text: &str) -> Response {
    let fixture: serde_json::Value = serde_json::from_str(text).unwrap();
    let answer = &fixture["response"];
    let headers = answer["headers"].as_object().unwrap();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    let status = answer["status"].as_u64().and_then(|status| status.try_into().ok()).unwrap();
    testing::response(status, &headers, &answer["body"].to_string())
}

#[test]
fn answers_of_the_api_are_read() {
    assert_eq!(api::exists(&fixture(include_str!("../fixtures/found.json"))), Ok(true));
    assert_eq!(api::exists(&fixture(include_str!("../fixtures/missing.json"))), Ok(false));
    assert_eq!(api::created(&fixture(include_str!("../fixtures/created.json"))), Ok(true));
    let busy = api::exists(&fixture(include_str!("../fixtures/busy.json"))).unwrap_err();
    assert_eq!((busy.kind, busy.retry_after), (FailureKind::RateLimited, Some(7)));
}
