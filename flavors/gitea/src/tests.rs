use crhost_flavor::http::Method;
use crhost_flavor::testing::{
    Host, answer, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors, connector, image,
    operations, options, registry,
};
use crhost_flavor::{FailureKind, Password};

use super::*;

#[test]
fn asks_for_these_operations_and_no_other() {
    let mut asked = Vec::new();
    for (method, field) in [("gitea/token", "token"), ("docker/password", "password")] {
        let api = "GET https://{registry}|<gitea-endpoint> /api/v1";
        let basic = format!("{field} as the password of `authorization: Basic`");
        asked.extend([
            format!("{method} identify: {api}/user; {basic}"),
            format!("{method} check-owner: {api}/packages/* ?type=container&limit=1; {basic}"),
            format!("{method}: {field} is the registry's password"),
        ]);
    }
    assert_eq!(operations::<Gitea>(), asked);
}

#[test]
fn registries_are_accepted_in_canonical_form() {
    assert_accepts::<Gitea>(&[
        ("gitea.example.com/acme", "gitea.example.com/acme", 0),
        ("gitea.example.com/testuser/my/image", "gitea.example.com/testuser/my/image", 0),
        ("Git.Example.com:3000/acme-2_x.y///", "git.example.com:3000/acme-2_x.y", 0),
        ("codeberg.org/acme", "codeberg.org/acme", 0),
        ("codeberg.org:443/acme", "codeberg.org/acme", 0),
        ("gitea.com/acme", "gitea.com/acme", 0),
        ("gitea.example.com", "gitea.example.com", 1),
        ("selfhosted_gitea.com/x", "selfhosted_gitea.com/x", 1),
        ("192.168.1.100:9000/x", "192.168.1.100:9000/x", 0),
        ("localhost:3000/foo", "localhost:3000/foo", 0),
        ("LOCALHOST:80", "localhost:80", 1),
        ("[::1]:3000/x", "[::1]:3000/x", 0),
    ]);
    assert_examples::<Gitea>();
    for uri in Gitea::describe().uri_examples {
        assert!(Gitea::validate_uri(uri).unwrap().warnings.is_empty());
    }
}

#[test]
fn what_is_no_gitea_is_refused_with_the_next_step() {
    let long = format!("gitea.example.com/{}", "a".repeat(41));
    assert_refuses::<Gitea>(&[
        ("codeberg.com/acme", "did you mean `codeberg.org/acme`"),
        ("codeburg.org/acme", "did you mean `codeberg.org/acme`"),
        ("codeberg.page/acme", "did you mean `codeberg.org/acme`"),
        ("codeberg.org:3000/acme", "`codeberg.org/acme`"),
        ("gitea.example.com:3000/explore/repos", "`gitea.example.com:3000/<owner>`"),
        ("gitea.example.com/user/settings", "`gitea.example.com/<owner>`"),
        ("gitea.example.com/acme__x", "`gitea.example.com/acme`"),
        (&long, "`gitea.example.com/acme`"),
        ("gitea.example.com/Acme/Train", "`gitea.example.com/acme/train`"),
        ("https://gitea.example.com/acme", "`gitea.example.com/acme`"),
        ("gitea.example.com/acme/train:v1", "`gitea.example.com/acme/train`"),
        ("acme", "`gitea.example.com/acme`"),
        ("docker.io/acme", "`dockerhub`"),
        ("quay.io/x", "`quay`"),
        ("ghcr.io/x", "`github`"),
        ("registry.gitlab.com/acme/ml", "`gitlab`"),
        ("::1", "`[::1]`"),
        ("localhost:99999/x", "e.g."),
        ("", "e.g."),
    ]);
}

#[test]
fn an_image_has_an_owner_and_single_separators() {
    let prepare = |repository: &str| {
        let host = "gitea.example.com";
        Gitea::prepare_image_push(registry(host, &[]), None, image(host, repository))
    };
    assert!(prepare("acme/team/my-image.x").unwrap().notes.is_empty());
    for repository in ["train", "acme/my__image", "acme/my--image", "ac__me/train"] {
        assert_eq!(prepare(repository).unwrap_err().kind, FailureKind::InvalidInput, "{repository}");
    }
}

#[test]
fn the_owner_is_looked_up_with_what_opens_packages_alone() {
    let url = "https://gitea.example.com/api/v1/packages/acme?type=container&limit=1";
    let host = Host::at(0).holding::<Gitea>().answers(Method::Get, url, answer(200, "[]"));
    let connector = connector(TOKEN, &[("username", "ann")]).with_secret("token", host.secret("t0ken"));
    let registry = registry("gitea.example.com/acme", &[]);
    let prepared = Gitea::prepare_image_push(registry, Some(connector), image("gitea.example.com", "acme/train"));
    assert!(prepared.unwrap().notes.is_empty());
    assert_eq!(host.sent()[0].header("authorization"), Some("Basic YW5uOnQwa2Vu"));
}

/// The answers of `reqPackageAccess`, `tokenRequiresScopes` and `UserAssignmentAPI` of Gitea.
#[test]
fn answers_of_the_api_say_whether_a_push_can_succeed() {
    assert_eq!(api::checked(&answer(200, "[]"), "acme"), Ok(None));
    let no_scope = r#"{"message":"token does not have at least one of required scope(s), required=[read:package]"}"#;
    let note = api::checked(&answer(403, no_scope), "acme").unwrap().unwrap();
    assert!(note.contains("not checked") && note.contains("read:package"), "{note}");
    for (status, body, kind, words) in [
        (404, r#"{"message":"user redirect does not exist [name: acme]"}"#, FailureKind::NotFound, "redirect"),
        (401, r#"{"message":"user does not exist [uid: 0, name: ]"}"#, FailureKind::Unauthenticated, "user does not"),
        (429, "", FailureKind::RateLimited, "429"),
        (503, "<html>", FailureKind::Unavailable, "503"),
        (302, "", FailureKind::Other, "302"),
    ] {
        let failure = api::checked(&answer(status, body), "acme").unwrap_err();
        assert_eq!(failure.kind, kind, "{status} {body}");
        assert!(failure.message.contains(words), "{}", failure.message);
    }
}

#[test]
fn a_token_that_may_not_say_whose_it_is_is_good() {
    assert_eq!(api::user(&answer(200, r#"{"login":"ann"}"#), "ann").unwrap(), "ann");
    assert!(api::user(&answer(403, "{}"), "ann").unwrap().contains("`ann`"));
    assert_eq!(api::user(&answer(401, "{}"), "ann").unwrap_err().kind, FailureKind::Unauthenticated);
    assert_eq!(api::user(&answer(200, "[]"), "ann").unwrap_err().kind, FailureKind::Other);
    for (method, options) in [("password", options(&[(ENDPOINT, "https://a.example")])), (TOKEN, Options::default())] {
        assert_eq!(Gitea::identify(connector(method, &[]), &options).unwrap_err().kind, FailureKind::Unsupported);
    }
}

#[test]
fn the_token_is_the_registry_s_password() {
    let host = Host::at(0);
    let connector = connector(TOKEN, &[("username", "ann")]).with_secret("token", host.secret("t0ken"));
    let given = Gitea::credentials(registry("gitea.example.com", &[]), Some(connector), Purpose::Push, None).unwrap();
    let Credential::Basic(basic) = given else { panic!("{given:?}") };
    let Password::Secret(secret) = &basic.password else { panic!() };
    assert_eq!((basic.username.as_str(), host.revealed(secret).as_str()), ("ann", "t0ken"));
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<Gitea>();
}
