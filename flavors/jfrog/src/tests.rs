use crhost_flavor::FailureKind;
use crhost_flavor::http::Method;
use crhost_flavor::testing::{
    Host, answer, assert_accepts, assert_examples, assert_id_tokens, assert_refuses, assert_refuses_other_flavors,
    connector, image, operations, registry,
};
use serde_json::{Value, json};

use super::api::Found;
use super::*;

#[test]
fn asks_for_these_operations_and_no_other() {
    assert_id_tokens::<JFrog>();
    let api = "https://{registry}|<jfrog-endpoint> /artifactory/api/repositories/*";
    let with = |method: &str, field: &str| {
        let basic = format!("{field} as the password of `authorization: Basic`");
        [
            format!("{method} check-repository: GET {api}; {basic}"),
            format!("{method} create-repository: PUT {api}; {basic}"),
            format!("{method}: {field} is the registry's password"),
        ]
    };
    let exchange = "jfrog/oidc exchange: POST https://*.jfrog.io|<jfrog-endpoint> /access/api/v1/oidc/token \
                    body grant_type=urn:ietf:params:oauth:grant-type:token-exchange&\
                    subject_token_type=urn:ietf:params:oauth:token-type:id_token&provider_name; \
                    id-token in the JSON's `subject_token`";
    let mut asked = with("jfrog/token", "token").to_vec();
    asked.push(exchange.to_owned());
    asked.extend(with("docker/password", "password"));
    asked.extend([format!("- check-repository: GET {api}"), format!("- create-repository: PUT {api}")]);
    assert_eq!(operations::<JFrog>(), asked);
}

#[test]
fn registries_are_accepted_in_canonical_form() {
    assert_accepts::<JFrog>(&[
        ("acme.jfrog.io/docker-local", "acme.jfrog.io/docker-local", 0),
        ("ACME.jfrog.io:443/docker-local/team///", "acme.jfrog.io/docker-local/team", 0),
        ("acme-docker-local.jfrog.io", "acme-docker-local.jfrog.io", 1),
        ("acme.jfrog.io", "acme.jfrog.io", 1),
        ("artifactory.example.com/docker-local", "artifactory.example.com/docker-local", 0),
        ("docker-local.artifactory.example.com", "docker-local.artifactory.example.com", 0),
        ("artifactory.example.com:8082", "artifactory.example.com:8082", 0),
        ("selfhosted_art.com/x", "selfhosted_art.com/x", 1),
        ("10.0.0.7:8082/docker", "10.0.0.7:8082/docker", 0),
        ("localhost:8082/docker", "localhost:8082/docker", 0),
        ("[::1]:8082/x", "[::1]:8082/x", 0),
    ]);
    assert_examples::<JFrog>();
    for uri in JFrog::describe().uri_examples {
        assert!(JFrog::validate_uri(uri).unwrap().warnings.is_empty());
    }
}

#[test]
fn what_is_no_artifactory_is_refused_with_the_next_step() {
    assert_refuses::<JFrog>(&[
        ("jfrog.io/docker-local", "did you mean `acme.jfrog.io/docker-local`"),
        ("www.jfrog.com/docker-local", "did you mean `acme.jfrog.io/docker-local`"),
        ("jfrog.com", "did you mean `acme.jfrog.io`"),
        ("team.jfrog.oi/docker-local", "did you mean `team.jfrog.io/docker-local`"),
        ("team.jfrg.io/docker-local", "did you mean `team.jfrog.io/docker-local`"),
        ("team.jfrog.io.evil.com/docker-local", "did you mean `team.jfrog.io/docker-local`"),
        ("acme.jfrog.io:8082/docker-local", "`acme.jfrog.io/docker-local`"),
        ("acme.jfrog.io/artifactory/docker-local", "`acme.jfrog.io/docker-local`"),
        ("acme.jfrog.io/artifactory/api/docker/docker-local/v2", "`acme.jfrog.io/docker-local`"),
        ("art.example.com:8082/ui/repos/tree/general/docker-local", "`art.example.com:8082/<repository>`"),
        ("acme.jfrog.io/Docker-Local", "`acme.jfrog.io/docker-local`"),
        ("https://acme.jfrog.io/docker-local", "`acme.jfrog.io/docker-local`"),
        ("acme.jfrog.io/docker-local/train:v1", "`acme.jfrog.io/docker-local/train`"),
        ("docker-local", "`acme.jfrog.io/docker-local`"),
        ("docker.io/acme", "`dockerhub`"),
        ("quay.io/x", "`quay`"),
        ("registry.gitlab.com/acme/ml", "`gitlab`"),
        ("::1", "`[::1]`"),
        ("localhost:99999/x", "e.g."),
        ("", "e.g."),
    ]);
}

#[test]
fn an_image_is_in_a_repository() {
    let prepare = |uri: &str, options: &[(&str, &str)], repository: &str| {
        JFrog::prepare_image_push(registry(uri, options), None, image("a.example.com", repository))
    };
    assert!(prepare("a.example.com", &[], "docker-local/train").is_ok());
    assert!(prepare("a.example.com", &[("repository", "docker-local")], "train").is_ok());
    assert_eq!(prepare("a.example.com", &[], "train").unwrap_err().kind, FailureKind::InvalidInput);
}

#[test]
fn a_missing_repository_is_created_where_the_option_says_so() {
    let url = "https://acme.jfrog.io/artifactory/api/repositories/docker-local";
    let host = Host::at(0)
        .holding::<JFrog>()
        .answers(Method::Get, url, answer(404, r#"{"errors":[{"status":404,"message":"Not Found"}]}"#))
        .answers(Method::Put, url, answer(200, "Successfully created repository 'docker-local'"));
    let connector = connector(TOKEN, &[("username", "ann")]).with_secret("token", host.secret("t0ken"));
    let registry = registry("acme.jfrog.io/docker-local", &[("create-repository", "true")]);
    let image = image("acme.jfrog.io", "docker-local/train");
    let prepared = JFrog::prepare_image_push(registry, Some(connector), image).unwrap();
    assert_eq!(prepared.notes, ["the local repository `docker-local` was created"]);
    let sent = host.sent();
    assert_eq!(sent[1].header("authorization"), Some("Basic YW5uOnQwa2Vu"));
    let wish = json!({"key": "docker-local", "rclass": "local", "packageType": "docker"});
    assert_eq!(serde_json::from_str::<Value>(&sent[1].text()).unwrap(), wish);
}

#[test]
fn answers_of_the_api_say_whether_a_push_can_succeed() {
    let found = |status, body: &str| api::found(&answer(status, body), "d");
    for body in [
        r#"{"key":"d","rclass":"local","packageType":"docker"}"#,
        r#"{"rclass":"federated","packageType":"oci"}"#,
        r#"{"rclass":"virtual","packageType":"docker","defaultDeploymentRepo":"docker-local"}"#,
        r#"{"rclass":"virtual","packageType":"docker"}"#,
        "{}",
    ] {
        assert_eq!(found(200, body), Ok(Found::Ready), "{body}");
    }
    assert_eq!(found(404, ""), Ok(Found::Missing));
    for status in [400, 403] {
        let Ok(Found::Unknown(note)) = found(status, r#"{"errors":[{"message":"Bad Request"}]}"#) else { panic!() };
        assert!(note.contains("Bad Request"), "{note}");
    }
    for (status, body, kind, words) in [
        (200, r#"{"rclass":"remote","packageType":"docker"}"#, FailureKind::Denied, "remote"),
        (200, r#"{"rclass":"virtual","defaultDeploymentRepo":""}"#, FailureKind::Denied, "default deployment"),
        (200, r#"{"rclass":"local","packageType":"Maven"}"#, FailureKind::InvalidInput, "`maven`"),
        (200, "[]", FailureKind::Other, "something else"),
        (401, r#"{"errors":[{"message":"Bad credentials"}]}"#, FailureKind::Unauthenticated, "Bad credentials"),
        (429, "", FailureKind::RateLimited, "429"),
        (503, "<html>", FailureKind::Unavailable, "503"),
    ] {
        let failure = found(status, body).unwrap_err();
        assert_eq!(failure.kind, kind, "{status} {body}");
        assert!(failure.message.contains(words), "{}", failure.message);
    }
    let created = |status, body: &str| api::created(&answer(status, body), "d");
    assert_eq!(created(200, "Successfully created repository 'd'"), Ok(true));
    let twice = r#"{"errors":[{"status":400,"message":"Case insensitive repository key already exists"}]}"#;
    assert_eq!(created(400, twice), Ok(false));
    assert_eq!(created(403, "").unwrap_err().kind, FailureKind::Denied);
    assert_eq!(
        created(400, r#"{"errors":[{"message":"Repository key exceeds maximum length"}]}"#).unwrap_err().kind,
        FailureKind::Other
    );
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<JFrog>();
}
