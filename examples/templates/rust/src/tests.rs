use std::fs;
use std::path::Path;

use crhost_flavor::http::Method;
use crhost_flavor::testing::{
    self, Host, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors,
};
use crhost_flavor::{FailureKind, Password};
use serde_json::Value;

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

/// A fake of crhost, which answers requests with those of a directory in `fixtures/`, in order, and sends none that the
/// flavor does not declare.
fn host(case: &str) -> Host {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(case);
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.file_name().unwrap() != "call.json").collect();
    files.sort();
    files.iter().fold(Host::at(1_795_176_000).holding::<MyFlavor>(), |host, file| {
        let fixture: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let (request, response) = (&fixture["request"], &fixture["response"]);
        let headers = response["headers"].as_object().into_iter().flatten();
        let headers: Vec<_> = headers.map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
        let status = response["status"].as_u64().unwrap().try_into().unwrap();
        let answer = testing::response(status, &headers, &response["json"].to_string());
        let method = if request["method"] == "GET" { Method::Get } else { Method::Post };
        host.answers(method, request["url"].as_str().unwrap(), answer)
    })
}

fn connector(host: &Host) -> Connector {
    testing::connector("token", &[("username", "ci")]).with_secret("token", host.secret("t0ken"))
}

fn prepare(host: &Host, create: &str) -> Result<Prepared, Failure> {
    let registry = testing::registry("my-registry.example/team", &[("create-repository", create)]);
    let image = testing::image("my-registry.example", "team/train");
    MyFlavor::prepare_image_push(registry, Some(connector(host)), image)
}

#[test]
fn a_missing_repository_is_created() {
    let host = host("created");
    assert_eq!(prepare(&host, "true").unwrap().notes, ["created the repository `team/train`"]);
    let sent = host.sent();
    assert_eq!(sent[0].header("authorization"), Some("Bearer t0ken"));
    assert_eq!(sent[1].text(), r#"{"name":"team/train"}"#);
}

#[test]
fn a_repository_that_is_there_is_left_alone() {
    assert_eq!(prepare(&host("found"), "true").unwrap().notes, [""; 0]);
}

#[test]
fn a_missing_repository_that_is_not_to_be_created_stops_the_push() {
    assert_eq!(prepare(&host("missing"), "false").unwrap_err().kind, FailureKind::NotFound);
}

#[test]
fn a_busy_service_is_asked_again_when_it_says() {
    let busy = prepare(&host("busy"), "true").unwrap_err();
    assert_eq!((busy.kind, busy.retry_after), (FailureKind::RateLimited, Some(7)));
}

#[test]
fn credentials_are_the_handle_of_the_token() {
    let host = Host::at(0);
    let registry = testing::registry("my-registry.example/team", &[]);
    let Ok(Credential::Basic(basic)) = MyFlavor::credentials(registry, Some(connector(&host)), Purpose::Push, None)
    else {
        panic!("expected a user name and a password");
    };
    let Password::Secret(token) = &basic.password else { panic!("expected the handle") };
    assert_eq!((basic.username.as_str(), host.revealed(token).as_str()), ("ci", "t0ken"));
}
