use crhost_flavor::http::Method;
use crhost_flavor::testing::{
    Host, answer, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors, connector, image,
    operations, registry,
};
use crhost_flavor::{FailureKind, Password};

use super::*;

const REPOSITORY: &str = "https://api.cloudsmith.io/v1/repos/acme/images/";
const REPOSITORIES: &str = "https://api.cloudsmith.io/v1/repos/acme/";

#[test]
fn asks_for_these_operations_and_no_other() {
    const API: &str = "https://api.cloudsmith.io|<api-endpoint>";
    let calls = [
        format!("check-repository: GET {API} /v1/repos/*/*/"),
        format!("create-repository: POST {API} /v1/repos/*/"),
        format!("identify: GET {API} /v1/user/self/"),
    ];
    let mut expected: Vec<String> =
        calls.iter().map(|call| format!("cloudsmith/api-key {call}; api-key in `x-api-key: …`")).collect();
    expected.push("cloudsmith/api-key: api-key is the registry's password".to_owned());
    expected.push(format!(
        "cloudsmith/oidc exchange: POST {API} /openid/*/ body service_slug; id-token in the JSON's `oidc_token`"
    ));
    expected.push("docker/password: password is the registry's password".to_owned());
    expected.extend(calls.iter().map(|call| format!("- {call} header x-api-key")));
    assert_eq!(operations::<Cloudsmith>(), expected);
}

#[test]
fn registries_are_accepted_in_canonical_form() {
    assert_accepts::<Cloudsmith>(&[
        ("docker.cloudsmith.io/acme/images", "docker.cloudsmith.io/acme/images", 0),
        ("Docker.Cloudsmith.io:443/acme/ml_images//", "docker.cloudsmith.io/acme/ml_images", 0),
        ("docker.cloudsmith.io/acme", "docker.cloudsmith.io/acme", 0),
        ("docker.cloudsmith.io", "docker.cloudsmith.io", 1),
        ("docker.acme.example/images", "docker.acme.example/images", 1),
        ("localhost:5000/acme/images", "localhost:5000/acme/images", 1),
    ]);
    assert_examples::<Cloudsmith>();
}

#[test]
fn other_hosts_of_cloudsmith_and_those_that_only_look_like_it_are_refused() {
    assert_refuses::<Cloudsmith>(&[
        ("cloudsmith.io/acme/images", "`docker.cloudsmith.io/acme/images`"),
        ("app.cloudsmith.com/acme/images", "`docker.cloudsmith.io/acme/images`"),
        ("helm.oci.cloudsmith.io/acme/images", "`docker.cloudsmith.io/acme/images`"),
        ("docker.cloudsmth.io/acme/images", "`docker.cloudsmith.io/acme/images`"),
        ("docker.cloudsmith.io.evil.com/acme", "`docker.cloudsmith.io/acme`"),
        ("docker.cloudsmith.io/Acme/images", "`docker.cloudsmith.io/acme/images`"),
        ("https://docker.cloudsmith.io/acme/images", "`docker.cloudsmith.io/acme/images`"),
        ("acme/images", "`docker.cloudsmith.io/acme/images`"),
        ("", "`docker.cloudsmith.io/acme/images`"),
    ]);
    assert_refuses_other_flavors::<Cloudsmith>();
}

/// What becomes of a push with a key, where the API answers as given.
fn prepared(host: &Host, repository: &str, options: &[(&str, &str)]) -> Result<Prepared, Failure> {
    let me = connector(KEY, &[]).with_secret(KEY, host.secret("k3y"));
    let image = image("docker.cloudsmith.io", repository);
    Cloudsmith::prepare_image_push(registry("docker.cloudsmith.io/acme/images", options), Some(me), image)
}

#[test]
fn a_repository_has_to_exist_before_a_push() {
    let host = || Host::at(0).holding::<Cloudsmith>();
    {
        let found = host().answers(Method::Get, REPOSITORY, answer(200, r#"{"slug":"images"}"#));
        assert_eq!(prepared(&found, "acme/images/train", &[]).unwrap().notes, [""; 0]);
        assert_eq!(found.sent()[0].header("x-api-key"), Some("k3y"));
    }
    {
        let hidden = host().answers(Method::Get, REPOSITORY, answer(403, r#"{"detail":"no"}"#));
        assert!(prepared(&hidden, "acme/images/train", &[]).unwrap().notes[0].contains("was not checked: no"));
    }
    for (status, kind, words) in [
        (404, FailureKind::NotFound, "create-repository=private"),
        (401, FailureKind::Unauthenticated, "API key"),
        (503, FailureKind::Unavailable, ""),
    ] {
        let host = host().answers(Method::Get, REPOSITORY, answer(status, "{}"));
        let failure = prepared(&host, "acme/images/train", &[]).unwrap_err();
        assert_eq!(failure.kind, kind);
        assert!(failure.hint.unwrap_or_default().contains(words), "{status}");
    }
    for repository in ["train", "acme/train"] {
        let failure = prepared(&host(), repository, &[]).unwrap_err();
        assert!(failure.hint.unwrap().contains("/<organization>/<repository>/train"));
    }
}

#[test]
fn a_missing_repository_is_created_where_the_option_says_so() {
    for (option, kind) in [("private", "Private"), ("public", "Public")] {
        let host = Host::at(0).holding::<Cloudsmith>().answers(Method::Get, REPOSITORY, answer(404, "{}"));
        let host = host.answers(Method::Post, REPOSITORIES, answer(201, "{}"));
        let prepared = prepared(&host, "acme/images/train", &[("create-repository", option)]).unwrap();
        assert_eq!(prepared.notes, [format!("repository `acme/images` was created, {option}")]);
        assert!(host.sent()[1].text().contains(&format!(r#""repository_type_str":"{kind}""#)));
    }
    for (status, body, words) in [
        (403, r#"{"detail":"Not allowed"}"#, "may not create repositories in `acme`: Not allowed"),
        (
            422,
            r#"{"detail":"Invalid","fields":{"slug":["Taken."]}}"#,
            "does not create repository `acme/images`: Taken.",
        ),
    ] {
        let host = Host::at(0).holding::<Cloudsmith>().answers(Method::Get, REPOSITORY, answer(404, "{}"));
        let host = host.answers(Method::Post, REPOSITORIES, answer(status, body));
        let failure = prepared(&host, "acme/images/train", &[("create-repository", "private")]).unwrap_err();
        assert!(failure.message.contains(words), "{}", failure.message);
    }
}

#[test]
fn a_key_is_the_registry_s_password() {
    let host = Host::at(0);
    let me = connector(KEY, &[]).with_secret(KEY, host.secret("k3y"));
    let registry = registry("docker.cloudsmith.io/acme/images", &[]);
    let credential = Cloudsmith::credentials(registry, Some(me), Purpose::Push, None).unwrap();
    let Credential::Basic(basic) = credential else { panic!() };
    assert_eq!(basic.username, "token");
    assert!(matches!(basic.password, Password::Secret(_)));
}
