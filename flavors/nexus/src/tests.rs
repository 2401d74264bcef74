use crhost_flavor::http::Method;
use crhost_flavor::testing::{
    Host, answer, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors, connector, image,
    operations, registry,
};
use crhost_flavor::{FailureKind, Password};
use serde_json::{Value, json};

use super::api::Route;
use super::*;

const HOSTED: &str = "https://nexus.example.com/service/rest/v1/repositories/docker/hosted";
const LIST: &str = "https://nexus.example.com/service/rest/v1/repositories";

#[test]
fn asks_for_these_operations_and_no_other() {
    let mut asked = Vec::new();
    for (method, field) in [("docker/password", "password"), ("nexus/user-token", "pass-code")] {
        let api = "https://{registry}|<nexus-endpoint> /service/rest/v1/repositories";
        let basic = format!("{field} as the password of `authorization: Basic`");
        asked.extend([
            format!("{method} check-repository: GET {api}/docker/hosted/*; {basic}"),
            format!("{method} list-repositories: GET {api}; {basic}"),
            format!("{method} create-repository: POST {api}/docker/hosted; {basic}"),
            format!("{method}: {field} is the registry's password"),
        ]);
    }
    assert_eq!(operations::<Nexus>(), asked);
}

#[test]
fn registries_are_accepted_in_canonical_form() {
    assert_accepts::<Nexus>(&[
        ("nexus.example.com/docker-hosted", "nexus.example.com/docker-hosted", 0),
        ("Nexus.example.com:8082///", "nexus.example.com:8082", 0),
        ("docker-hosted.nexus.example.com/team", "docker-hosted.nexus.example.com/team", 0),
        ("selfhosted_nexus.com/x", "selfhosted_nexus.com/x", 1),
        ("10.0.0.7:8082", "10.0.0.7:8082", 0),
        ("localhost:8082/team", "localhost:8082/team", 0),
        ("[::1]:8082", "[::1]:8082", 0),
    ]);
    assert_examples::<Nexus>();
    for uri in Nexus::describe().uri_examples {
        assert!(Nexus::validate_uri(uri).unwrap().warnings.is_empty());
    }
}

#[test]
fn what_is_no_nexus_is_refused_with_the_next_step() {
    assert_refuses::<Nexus>(&[
        ("nexus.example.com:8081/repository/docker-hosted", "`nexus.example.com:8081/docker-hosted`"),
        ("nexus.example.com/repository/docker-hosted/v2", "`nexus.example.com/docker-hosted`"),
        ("nexus.example.com/service/rest/v1", "`nexus.example.com/<repository>`"),
        ("nexus.example.com/Docker-Hosted", "`nexus.example.com/docker-hosted`"),
        ("https://nexus.example.com/docker-hosted", "`nexus.example.com/docker-hosted`"),
        ("nexus.example.com:8082/train:v1", "`nexus.example.com:8082/train`"),
        ("docker-hosted", "`nexus.example.com/docker-hosted`"),
        ("docker.io/acme", "`dockerhub`"),
        ("quay.io/x", "`quay`"),
        ("acme.jfrog.io/docker", "`jfrog`"),
        ("::1", "`[::1]`"),
        ("localhost:99999", "e.g."),
        ("", "e.g."),
    ]);
}

#[test]
fn a_repository_is_reached_by_path_host_or_port() {
    assert_eq!(api::route("nexus.example.com/hosted/team", "hosted"), Route::Path);
    assert_eq!(api::route("hosted.nexus.example.com/team", "hosted"), Route::Subdomain("hosted".into()));
    assert_eq!(api::route("nexus.example.com:8082/team", "hosted"), Route::Port);
}

fn prepare(host: &Host, uri: &str, options: &[(&str, &str)]) -> Result<Prepared, Failure> {
    let connector = connector("password", &[("username", "ann")]).with_secret("password", host.secret("s3cret"));
    Nexus::prepare_image_push(registry(uri, options), Some(connector), image("nexus.example.com", "hosted/train"))
}

#[test]
fn a_missing_repository_is_created_the_way_that_its_uri_says() {
    let host = Host::at(0)
        .holding::<Nexus>()
        .answers(Method::Get, &format!("{HOSTED}/hosted"), answer(404, ""))
        .answers(Method::Get, LIST, answer(200, "[]"))
        .answers(Method::Post, HOSTED, answer(201, ""));
    let prepared = prepare(&host, "nexus.example.com/hosted", &[("create-repository", "true")]).unwrap();
    assert_eq!(prepared.notes, ["the hosted repository `hosted` was created"]);
    let sent = host.sent();
    assert_eq!(sent[0].header("authorization"), Some("Basic YW5uOnMzY3JldA=="));
    let wish: Value = serde_json::from_str(&sent[2].text()).unwrap();
    assert_eq!(wish["docker"], json!({"v1Enabled": false, "forceBasicAuth": true, "pathEnabled": true}));
    assert_eq!(wish["storage"]["writePolicy"], "ALLOW");
}

#[test]
fn a_repository_behind_a_port_is_not_created_and_an_unnamed_one_not_looked_for() {
    let host = Host::at(0)
        .answers(
            Method::Get,
            "https://nexus.example.com:8082/service/rest/v1/repositories/docker/hosted/h",
            answer(404, ""),
        )
        .answers(Method::Get, "https://nexus.example.com:8082/service/rest/v1/repositories", answer(200, "[]"));
    let options = [("create-repository", "true"), ("repository", "h")];
    let failure = prepare(&host, "nexus.example.com:8082", &options).unwrap_err();
    assert!(failure.hint.unwrap().contains("with the port"));
    assert_eq!(prepare(&host, "nexus.example.com:8082", &[]).unwrap().notes.len(), 0);
    let failure = prepare(&host, "nexus.example.com:8082", &[("create-repository", "true")]).unwrap_err();
    assert_eq!(failure.kind, FailureKind::InvalidInput);
}

#[test]
fn a_user_who_reads_no_configuration_is_told_what_the_list_says() {
    let host = Host::at(0).answers(Method::Get, &format!("{HOSTED}/hosted"), answer(403, "")).answers(
        Method::Get,
        LIST,
        answer(200, r#"[{"name":"maven","format":"maven2","type":"hosted"}]"#),
    );
    let note = prepare(&host, "nexus.example.com/hosted", &[]).unwrap().notes.remove(0);
    assert!(note.contains("sees no repository `hosted`") && note.contains("--option repository=NAME"), "{note}");
}

#[test]
fn answers_of_the_api_say_whether_a_push_can_succeed() {
    let hosted = |body: &str| api::hosted(&answer(200, body), "h");
    assert_eq!(hosted(r#"{"online":true,"storage":{"writePolicy":"ALLOW"}}"#), Ok(None));
    assert!(hosted(r#"{"storage":{"writePolicy":"allow_once"}}"#).unwrap().unwrap().contains("once"));
    assert_eq!(hosted(r#"{"storage":{"writePolicy":"DENY"}}"#).unwrap_err().kind, FailureKind::Denied);
    assert_eq!(hosted(r#"{"online":false}"#).unwrap_err().kind, FailureKind::Unavailable);
    assert_eq!(hosted("[]").unwrap_err().kind, FailureKind::Other);
    let listed = |status, body: &str| api::listed(&answer(status, body), "h");
    let of = |format: &str, kind: &str| format!(r#"[{{"name":"h","format":"{format}","type":"{kind}"}}]"#);
    assert_eq!(listed(200, &of("docker", "hosted")), Ok(None));
    assert!(listed(200, &of("docker", "group")).unwrap().unwrap().contains("Pro"));
    assert!(listed(403, "").unwrap().unwrap().contains("not checked"));
    for (status, body, kind) in [
        (200, of("docker", "proxy"), FailureKind::Denied),
        (200, of("maven2", "hosted"), FailureKind::InvalidInput),
        (200, "{}".to_owned(), FailureKind::Other),
        (401, String::new(), FailureKind::Unauthenticated),
        (503, "<html>".to_owned(), FailureKind::Unavailable),
    ] {
        assert_eq!(listed(status, &body).unwrap_err().kind, kind, "{status} {body}");
    }
    let created = |status, body: &str| api::created(&answer(status, body), "h");
    assert_eq!(created(201, ""), Ok(true));
    let twice = r#"[{"id":"PARAMETER name","message":"Name is already used, must be unique (ignoring case)"}]"#;
    assert_eq!(created(400, twice), Ok(false));
    assert_eq!(created(403, "").unwrap_err().kind, FailureKind::Denied);
    assert_eq!(created(400, r#"[{"message":"Blob store not found"}]"#).unwrap_err().kind, FailureKind::Other);
}

#[test]
fn the_codes_of_a_user_token_are_name_and_password() {
    let host = Host::at(0);
    let connector = connector(TOKEN, &[("name-code", "Abc")]).with_secret("pass-code", host.secret("p4ss"));
    let given = Nexus::credentials(registry("nexus.example.com", &[]), Some(connector), Purpose::Push, None).unwrap();
    let Credential::Basic(basic) = given else { panic!() };
    let Password::Secret(secret) = &basic.password else { panic!() };
    assert_eq!((basic.username.as_str(), host.revealed(secret).as_str()), ("Abc", "p4ss"));
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<Nexus>();
}
