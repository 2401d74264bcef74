use crhost_flavor::http::Method;
use crhost_flavor::testing::{
    Host, answer, assert_examples, assert_refuses, connector, image, operations, options, registry, response,
};
use crhost_flavor::{FailureKind, Upload};

use super::*;

fn accepted(uri: &str) -> AcceptedUri {
    DockerHub::validate_uri(uri.into()).unwrap_or_else(|failure| panic!("{uri}: {failure:?}"))
}

fn prepare(uri: &str, host: &str, repository: &str) -> Result<Prepared, Failure> {
    DockerHub::prepare_image_push(registry(uri, &[]), None, image(host, repository))
}

#[test]
fn docker_hub_has_one_canonical_form_under_all_its_names() {
    let cases = [
        ("zenml", "docker.io/zenml"),
        ("my_org/", "docker.io/my_org"),
        ("docker.io/zenml", "docker.io/zenml"),
        ("Docker.io/zenml/", "docker.io/zenml"),
        ("docker.io:443/zenml", "docker.io/zenml"),
        ("index.docker.io/x1", "docker.io/x1"),
        ("registry-1.docker.io/x1", "docker.io/x1"),
        ("registry-1.docker.io:443/x1///", "docker.io/x1"),
        ("registry.hub.docker.com/x1", "docker.io/x1"),
        ("docker.io/acme/train.cpu", "docker.io/acme/train.cpu"),
        ("acme/train", "docker.io/acme/train"),
    ];
    for (text, canonical) in cases {
        assert_eq!(accepted(text), AcceptedUri::new(canonical), "{text}");
        assert_eq!(accepted(canonical).uri, canonical, "stable");
    }
}

#[test]
fn asks_for_these_operations_and_no_other() {
    assert_eq!(
        operations::<DockerHub>(),
        [
            "docker/password sign-in: POST https://hub.docker.com|<hub-endpoint> /v2/auth/token body identifier; \
             password in the JSON's `secret`",
            "docker/password: password is the registry's password",
            "dockerhub/oidc exchange: POST https://hub.docker.com|<hub-endpoint> /v2/auth/oidc/token body connection_id; \
             id-token in the JSON's `token`",
            "- look-up: GET https://hub.docker.com|<hub-endpoint> \
             /v2/namespaces/*/repositories/*|/v2/orgs/*|/v2/users/*",
            "- create-repository: POST https://hub.docker.com|<hub-endpoint> /v2/namespaces/*/repositories",
        ]
    );
}

#[test]
fn every_example_is_accepted() {
    assert_examples::<DockerHub>();
}

#[test]
fn docker_hub_as_a_whole_and_its_official_images_are_accepted_with_a_warning() {
    for (text, canonical) in [
        ("docker.io", "docker.io"),
        ("index.docker.io/", "docker.io"),
        ("registry-1.docker.io", "docker.io"),
        ("docker.io/library", "docker.io/library"),
        ("index.docker.io/library/ubuntu", "docker.io/library/ubuntu"),
        ("library", "docker.io/library"),
    ] {
        let accepted = accepted(text);
        assert_eq!(accepted.uri, canonical);
        assert_eq!(accepted.warnings.len(), 1, "{text}");
    }
}

#[test]
fn other_registries_are_accepted_with_a_warning() {
    for (uri, warnings) in [
        ("quay.io/x", 1),
        ("gcr.io/my-proj", 1),
        ("123456789.dkr.ecr.us-east-1.amazonaws.com", 1),
        ("localhost", 1),
        ("localhost:5000", 1),
        ("localhost:5000/foo", 1),
        ("127.0.0.1:5000", 1),
        ("[::1]:5000", 1),
        ("host.docker.internal:5000", 1),
        ("192.168.1.100:9000/x", 1),
        ("selfhosted_harbor.com/x", 2),
    ] {
        let accepted = accepted(uri);
        assert_eq!(accepted.uri, uri);
        assert_eq!(accepted.warnings.len(), warnings, "{uri}");
        assert!(accepted.warnings.iter().any(|warning| warning.contains("`default`")), "{uri}");
    }
}

#[test]
fn what_is_not_docker_hub_s_registry_is_refused_with_the_corrected_form() {
    assert_refuses::<DockerHub>(&[
        ("hub.docker.com/r/acme", "`docker.io/acme`"),
        ("hub.docker.com/r/acme/train", "`docker.io/acme`"),
        ("hub.docker.com/u/acme", "`docker.io/acme`"),
        ("hub.docker.com/repository/docker/acme/train", "`docker.io/acme`"),
        ("https://hub.docker.com/r/acme", "`docker.io/acme`"),
        ("https://index.docker.io/v1/", "`docker.io/<account>`"),
        ("registry-1.docker.io/v2", "`docker.io/<account>`"),
        ("auth.docker.io/acme", "did you mean `docker.io/acme`"),
        ("hub.docker.com", "`docker.io/<account>`"),
        ("dockr.io/x1", "did you mean `docker.io/x1`"),
        ("docker.com/x1", "did you mean `docker.io/x1`"),
        ("docker.io.evil.com/x1", "did you mean `docker.io/x1`"),
        ("index.docker.io.evil.com/x1", "did you mean `docker.io/x1`"),
        ("hub.docker.com.evil.com/x1", "e.g."),
        ("mirror.docker.io.evil.com/x1", "did you mean `docker.io/x1`"),
        ("docker-io.com/x1", "did you mean `docker.io/x1`"),
        ("docker.io/acme/a__b", "otherwise"),
        ("docker.io:5000/x1", "`docker.io/x1`"),
        ("docker.io/a", "`docker.io/acme`"),
        ("docker.io/a.b", "`docker.io/acme`"),
        ("docker.io/acme/a/b", "`docker.io/acme`"),
        ("https://docker.io/acme", "`docker.io/acme`"),
        ("http://index.docker.io/acme/", "`docker.io/acme`"),
        ("docker.io/Acme", "`acme`"),
        ("docker.io/acme/train:v1", "`docker.io/acme/train`"),
        ("localhost:99999", "e.g."),
        ("::1", "`[::1]`"),
        ("Zenml", "`zenml`"),
        ("zenml:v1", "tag"),
        ("", "e.g."),
    ]);
}

#[test]
fn an_image_of_docker_hub_has_a_namespace_and_a_repository() {
    let prepared = prepare("docker.io/acme", "docker.io", "acme/train").unwrap();
    assert_eq!(prepared.profile.upload, Upload::Monolithic);
    assert!(prepared.profile.mount && prepared.profile.zstd && prepared.notes.is_empty());
    for (registry, repository, hint) in [
        ("docker.io/acme", "train", "`docker.io/acme/train`"),
        ("docker.io", "train", "`docker.io/<account>/train`"),
        ("docker.io/acme", "acme/team/train", "`docker.io/acme/team-train`"),
        ("docker.io", "a/train", "`docker.io/acme`"),
    ] {
        let failure = prepare(registry, "docker.io", repository).unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidInput);
        assert!(failure.hint.unwrap().contains(hint), "{repository}");
    }
}

#[test]
fn official_images_come_with_a_note() {
    assert_eq!(prepare("docker.io", "docker.io", "library/nginx").unwrap().notes.len(), 1);
}

#[test]
fn the_rules_of_docker_hub_do_not_bind_other_registries() {
    assert!(prepare("quay.io/my-org", "quay.io", "my-org/a/b").is_ok());
    assert!(prepare("192.168.1.100:9000", "192.168.1.100:9000", "a").is_ok());
}

#[test]
fn without_a_connector_docker_has_the_credentials() {
    let (registry, image) = (registry("docker.io/acme", &[]), image("docker.io", "acme/train"));
    assert!(matches!(
        DockerHub::credentials(registry, None, Purpose::Push, Some(image)).unwrap(),
        Credential::DockerConfig
    ));
}

#[test]
fn a_host_in_front_of_docker_hub_follows_its_rules() {
    let prepare = |options: &[(&str, &str)]| {
        DockerHub::prepare_image_push(registry("localhost:5000", options), None, image("localhost:5000", "a/b/c"))
    };
    assert!(prepare(&[]).is_ok());
    assert!(prepare(&[("hub-endpoint", "https://hub.acme.example")]).is_err());
}

#[test]
fn every_answer_of_the_api_is_understood() {
    // The sign-in.
    assert_eq!(api::token(&answer(200, r#"{"access_token":"t"}"#), "alice", 0).unwrap(), "t");
    for (status, body, kind) in [
        (401, r#"{"detail":"Incorrect authentication credentials"}"#, FailureKind::Unauthenticated),
        (403, r#"{"message":"the account is locked"}"#, FailureKind::Denied),
        (200, "{", FailureKind::Other),
        (200, r#"{"access_token":"a\r\nb: c"}"#, FailureKind::Other),
        (404, "", FailureKind::Other),
        (429, "", FailureKind::RateLimited),
        (503, "<html>", FailureKind::Unavailable),
    ] {
        assert_eq!(api::token(&answer(status, body), "alice", 0).unwrap_err().kind, kind, "{status} {body}");
    }
    let said =
        api::token(&answer(401, r#"{"detail":"Incorrect authentication credentials"}"#), "alice", 0).unwrap_err();
    assert!(said.message.contains("`alice`") && said.message.contains("Incorrect authentication"), "{}", said.message);
    // The repository.
    let repository =
        |status, body: &str| api::repository(&answer(status, body), "acme/train", api::Wanted::default(), 0);
    assert_eq!(repository(200, r#"{"permissions":{"read":true,"write":true,"admin":false}}"#).unwrap(), None);
    assert_eq!(repository(200, "{").unwrap(), None);
    let denied = repository(200, r#"{"permissions":{"read":true,"write":false,"admin":false}}"#).unwrap_err();
    assert!(denied.kind == FailureKind::Denied && denied.message.contains("`acme/train`"), "{denied:?}");
    for (status, words) in [(404, "creates it"), (403, "not checked"), (401, "not checked"), (500, "not checked")] {
        assert!(repository(status, "<html>").unwrap().unwrap().contains(words), "{status}");
    }
    for (status, body) in [(401, r#"{"detail":"token is expired"}"#), (403, r#"{"message":"token is expired"}"#)] {
        let note = repository(status, body).unwrap().unwrap();
        assert!(note.ends_with(&format!("answered {status}: token is expired")), "{note}");
    }
    // Docker Hub says when to come back as a point in time.
    let busy = |headers: &[(&str, &str)]| {
        api::repository(&response(429, headers, ""), "acme/train", api::Wanted::default(), 1_000).unwrap_err()
    };
    assert_eq!(busy(&[("x-retry-after", "1007")]).retry_after, Some(7));
    assert_eq!(busy(&[("x-retry-after", "7")]).retry_after, Some(1));
    assert_eq!(busy(&[("x-retry-after", "soon"), ("retry-after", "3")]).retry_after, Some(3));
}

#[test]
fn a_password_goes_to_docker_hub_s_api_only_where_the_user_names_it() {
    let failure = DockerHub::identify(connector("password", &[]), &Options::default()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported);
    assert!(failure.hint.unwrap().contains("--option hub-endpoint="));
}

/// Prepares a push of `acme/train` with the answers of Docker Hub after the sign-in, in their order.
fn prepared(
    values: &[(&str, &str)],
    answers: &[(Method, &str, u16, &str)],
) -> (Result<Prepared, Failure>, Vec<String>) {
    let url = |path: &str| format!("https://hub.docker.com{path}");
    let signed_in = answer(200, r#"{"access_token":"t"}"#);
    let mut host =
        Host::at(1_795_176_000).holding::<DockerHub>().answers(Method::Post, &url("/v2/auth/token"), signed_in);
    for (method, path, status, body) in answers {
        host = host.answers(*method, &url(path), answer(*status, body));
    }
    let connector = connector(password::PASSWORD, &[("username", "acme")]).with_secret("password", host.secret("p"));
    let registry = registry("docker.io/acme", values);
    let prepared = DockerHub::prepare_image_push(registry, Some(connector), image("docker.io", "acme/train"));
    let bodies = host.sent().iter().map(|sent| sent.text()).collect();
    (prepared, bodies)
}

const LOOK: (Method, &str) = (Method::Get, "/v2/namespaces/acme/repositories/train");
const CREATE: (Method, &str) = (Method::Post, "/v2/namespaces/acme/repositories");

#[test]
fn a_missing_repository_is_created_with_the_privacy_that_an_option_says() {
    for (privacy, is_private) in [("private", true), ("public", false)] {
        let created = format!(r#"{{"is_private":{is_private}}}"#);
        let answers = [(LOOK.0, LOOK.1, 404, "{}"), (CREATE.0, CREATE.1, 201, created.as_str())];
        let (prepared, bodies) = prepared(&[("create-repository", privacy)], &answers);
        assert!(prepared.unwrap().notes[0].contains(privacy));
        assert!(bodies.last().unwrap().contains(&format!(r#""is_private":{is_private}"#)), "{bodies:?}");
    }
    // Another push may have created it.
    let taken = (CREATE.0, CREATE.1, 400, r#"{"message":"Repository with this name already exists."}"#);
    let answers = [(LOOK.0, LOOK.1, 404, "{}"), taken, (LOOK.0, LOOK.1, 200, r#"{"is_private":true}"#)];
    assert!(prepared(&[("create-repository", "private")], &answers).0.unwrap().notes.is_empty());
    let refused = [(LOOK.0, LOOK.1, 404, "{}"), (CREATE.0, CREATE.1, 403, r#"{"message":"no"}"#)];
    let failure = prepared(&[("create-repository", "private")], &refused).0.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied);
}

#[test]
fn nothing_is_pushed_into_a_repository_that_is_not_known_to_be_private_where_an_option_wants_it() {
    let wanted = [("require-private", "true")];
    for (status, body, kind) in [
        (200, r#"{"is_private":true}"#, None),
        (200, r#"{"is_private":false}"#, Some(FailureKind::Denied)),
        (200, "{}", Some(FailureKind::Other)),
        (404, "{}", Some(FailureKind::NotFound)),
        (403, "{}", Some(FailureKind::Denied)),
        (502, "<html>", Some(FailureKind::Unavailable)),
    ] {
        let (prepared, _) = prepared(&wanted, &[(LOOK.0, LOOK.1, status, body)]);
        assert_eq!(prepared.err().map(|failure| failure.kind), kind, "{status} {body}");
    }
    let both = [("require-private", "true"), ("create-repository", "private")];
    let answers = [(LOOK.0, LOOK.1, 404, "{}"), (CREATE.0, CREATE.1, 201, r#"{"is_private":false}"#)];
    assert_eq!(prepared(&both, &answers).0.unwrap_err().kind, FailureKind::Denied);
    // Without a connector nobody can know.
    let registry = registry("docker.io/acme", &wanted);
    let failure = DockerHub::prepare_image_push(registry, None, image("docker.io", "acme/train")).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied);
    let contradiction = options(&[("require-private", "true"), ("create-repository", "public")]);
    assert!(api::Wanted::of(&contradiction).unwrap_err().message.contains("`public`"));
}
