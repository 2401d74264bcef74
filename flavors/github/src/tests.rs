use crhost_flavor::http::{Error, Method, Response};
use crhost_flavor::testing::{
    self, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors, connector, image, options,
    registry,
};
use crhost_flavor::{FailureKind, Upload};

use super::api::Package;
use super::*;

fn accepted(uri: &str) -> AcceptedUri {
    GitHub::validate_uri(uri.into()).unwrap_or_else(|failure| panic!("{uri}: {failure:?}"))
}

fn response(status: u16, scopes: Option<&str>, body: &str) -> Response {
    let headers: Vec<_> = scopes.iter().map(|scopes| ("x-oauth-scopes", *scopes)).collect();
    testing::response(status, &headers, body)
}

#[test]
fn asks_for_these_operations_and_no_other() {
    let mut asked = Vec::new();
    for method in ["github/token", "github/implicit"] {
        let of_job = if method.ends_with("implicit") { "|<api-url>" } else { "" };
        let api = format!("GET https://api.github.com|https://api.*.ghe.com|<api-endpoint>{of_job}");
        let token = "header x-github-api-version=2022-11-28; token in `authorization: Bearer …`";
        let packages = "/orgs/*/packages/container/*|/users/*/packages/container/*";
        asked.extend([
            format!("{method} check-package: {api} {packages} {token}"),
            format!("{method} identify: {api} /user {token}"),
            format!("{method}: token is the registry's password"),
        ]);
    }
    asked.push("docker/password: password is the registry's password".to_owned());
    assert_eq!(testing::operations::<GitHub>(), asked);
}

#[test]
fn github_s_registries_have_one_canonical_form() {
    for (text, canonical) in [
        ("ghcr.io/acme", "ghcr.io/acme"),
        ("GHCR.io/me", "ghcr.io/me"),
        ("ghcr.io/me/", "ghcr.io/me"),
        ("ghcr.io/acme///", "ghcr.io/acme"),
        ("ghcr.io:443/acme", "ghcr.io/acme"),
        ("ghcr.io/acme/team/train", "ghcr.io/acme/team/train"),
        ("ghcr.io/octo_corp", "ghcr.io/octo_corp"),
        ("containers.acme.ghe.com/acme", "containers.acme.ghe.com/acme"),
    ] {
        assert_eq!(accepted(text), AcceptedUri::new(canonical), "{text}");
        assert_eq!(accepted(canonical).uri, canonical, "stable");
    }
    assert_examples::<GitHub>();
    for uri in GitHub::describe().uri_examples {
        assert!(accepted(&uri).warnings.is_empty(), "{uri}");
    }
}

#[test]
fn all_of_github_and_hosts_in_front_of_it_are_accepted_with_a_warning() {
    for (uri, warnings) in [
        ("ghcr.io", 1),
        ("containers.acme.ghe.com", 1),
        ("containers.github.example.com/acme", 1),
        ("containers.github.example.com:8443/acme", 1),
        ("containers.github.ge.com/acme", 1),
        ("docker.example.com/acme", 1),
        ("localhost:5000", 1),
        ("localhost:5000/acme", 1),
        ("host.docker.internal:5000/acme", 1),
        ("127.0.0.1:5000/acme", 1),
        ("[::1]:5000/acme", 1),
        ("192.168.1.100:9000/x", 1),
        ("images.acme.example/acme", 1),
        ("selfhosted_harbor.com/x", 2),
    ] {
        assert_accepts::<GitHub>(&[(uri, uri, warnings)]);
    }
}

#[test]
fn owners_in_upper_case_are_lowered_with_a_warning() {
    for (text, canonical) in [
        ("ghcr.io/Acme", "ghcr.io/acme"),
        ("GHCR.io/Me", "ghcr.io/me"),
        ("GHCR.io/Acme/Train", "ghcr.io/acme/train"),
        ("containers.acme.ghe.com/Acme", "containers.acme.ghe.com/acme"),
    ] {
        assert_accepts::<GitHub>(&[(text, canonical, 1)]);
        assert!(accepted(text).warnings[0].contains("lower case"), "{text}");
    }
}

#[test]
fn what_is_not_github_s_registry_is_refused_with_the_corrected_form() {
    assert_refuses::<GitHub>(&[
        ("containers.acme.ghe.com:5000/acme", "`containers.acme.ghe.com/acme`"),
        ("containers.a.b.ghe.com/acme", "`ghcr.io/acme`"),
        ("ghcr.io/a.b", "`ghcr.io/acme`"),
        ("ghcr.io/a23456789012345678901234567890123456789012", "`ghcr.io/acme`"),
        ("ghcr.io:5000/acme", "`ghcr.io/acme`"),
        ("https://ghcr.io/acme", "`ghcr.io/acme`"),
        ("http://ghcr.io/acme///", "`ghcr.io/acme`"),
        ("::1", "`[::1]`"),
        ("localhost:99999", "e.g."),
        ("ghcr.io/acme/train:v1", "`ghcr.io/acme/train`"),
        ("github.com/acme", "`ghcr.io/acme`"),
        ("github.com/Acme/train", "`ghcr.io/acme`"),
        ("github.com/orgs/acme/packages/container/package/train", "`ghcr.io/acme`"),
        ("https://github.com/acme", "`ghcr.io/acme`"),
        ("github.com", "`ghcr.io/<owner>`"),
        ("containers.github.com/acme", "`ghcr.io/acme`"),
        ("docker.pkg.github.com/acme/repo/train", "`ghcr.io/acme`"),
        ("docker.pkg.github.example.com/acme", "`ghcr.io/acme`"),
        ("docker.github.example.com/acme", "`ghcr.io/acme`"),
        ("containers.acme.ghe.com.evil.com/acme", "did you mean `containers.acme.ghe.com/acme`"),
        ("containers.github.com.evil.com/acme", "`ghcr.io/acme`"),
        ("containers.gihub.com/acme", "`ghcr.io/acme`"),
        ("containers.acme.ghe.co/acme", "did you mean `containers.acme.ghe.com/acme`"),
        ("acme.ghe.com/acme", "`ghcr.io/acme`"),
        ("gcr.io/my-proj", "did you mean `ghcr.io/my-proj`"),
        ("us.gcr.io/p", "`gcp`"),
        ("ghrc.io/acme", "did you mean `ghcr.io/acme`"),
        ("gchr.io/acme", "did you mean `ghcr.io/acme`"),
        ("ghr.io/acme", "did you mean `ghcr.io/acme`"),
        ("ghcr.oi/acme", "did you mean `ghcr.io/acme`"),
        ("ghcr.com/acme", "did you mean `ghcr.io/acme`"),
        ("www.ghcr.io/acme", "did you mean `ghcr.io/acme`"),
        ("ghcr.io.evil.example/acme", "did you mean `ghcr.io/acme`"),
        ("containers.ghcr.io.evil.example/acme", "did you mean `ghcr.io/acme`"),
        ("evil-ghcr.io/acme", "did you mean `ghcr.io/acme`"),
        ("docker.io/zenml", "`dockerhub`"),
        ("quay.io/x", "`quay`"),
        ("zenml.azurecr.io", "`azure`"),
        ("123456789.dkr.ecr.us-east-1.amazonaws.com", "`aws`"),
        ("zenml", "`ghcr.io/zenml`"),
        ("", "e.g."),
    ]);
}

#[test]
fn a_hint_is_not_refused_in_turn() {
    assert_refuses::<GitHub>(&[
        ("quay.io/Acme", "use the flavor `quay` for `quay.io/acme`"),
        ("https://github.com/acme", "write `ghcr.io/acme`"),
    ]);
}

#[test]
fn registries_that_only_one_flavor_knew_are_known_here_too() {
    assert_refuses::<GitHub>(&[
        ("contoso.azurecr.cn/x", "`azure`"),
        ("public.ecr.aws/acme", "`aws`"),
        ("us.icr.io/acme", "`ibm`"),
        ("docker.com/acme", "`dockerhub`"),
    ]);
}

#[test]
fn each_registry_has_its_api() {
    assert_eq!(hosts::api_of("ghcr.io").as_deref(), Some("https://api.github.com"));
    assert_eq!(hosts::api_of("containers.acme.ghe.com").as_deref(), Some("https://api.acme.ghe.com"));
    for host in ["containers.github.example.com", "localhost:5000", "containers.a.b.ghe.com"] {
        assert_eq!(hosts::api_of(host), None, "{host}");
    }
    // The user has to write that of an Enterprise Server: a host may be anyone's.
    let server = hosts::api_of_server("containers.github.example.com");
    assert_eq!(server.as_deref(), Some("https://github.example.com/api/v3"));
    assert_eq!(hosts::api_of_server("containers.acme.ghe.com"), None);
}

#[test]
fn an_image_has_an_owner_and_a_name_and_goes_up_in_one_request() {
    let prepare = |repository: &str| {
        GitHub::prepare_image_push(registry("ghcr.io/acme", &[]), None, image("ghcr.io", repository))
    };
    let prepared = prepare("acme/team/train").unwrap();
    assert!(matches!(prepared.profile.upload, Upload::Monolithic) && prepared.notes.is_empty());
    assert!(prepare("train").unwrap_err().hint.unwrap().contains("`ghcr.io/acme/train`"));
    assert_eq!(prepare("a.b/train").unwrap_err().kind, FailureKind::InvalidInput);
}

#[test]
fn every_answer_about_a_package_is_understood() {
    let classic = Some("repo, write:packages");
    assert_eq!(api::package(&response(200, classic, "{}")).unwrap(), Package::Exists);
    assert_eq!(api::package(&response(404, classic, r#"{"message":"Package not found."}"#)).unwrap(), Package::Missing);
    let named = |repository: &str| format!(r#"{{"name":"train"{repository}}}"#);
    for (scopes, body, expected) in [
        (None, named(""), Package::Unlinked),
        (None, named(r#","repository":null"#), Package::Unlinked),
        (None, named(r#","repository":{"name":"train"}"#), Package::Exists),
        (classic, named(""), Package::Exists),
    ] {
        assert_eq!(api::package(&response(200, scopes, &body)).unwrap(), expected, "{body}");
    }
    // An empty header is that of a token without scopes, which may still push.
    assert_eq!(api::package(&response(404, Some(""), "<html>")).unwrap(), Package::Missing);
    assert_eq!(api::package(&response(404, None, "{")).unwrap(), Package::Missing);
    for (status, body, words) in [
        (403, r#"{"message":"You need at least read:packages scope to get a package."}"#, "read:packages"),
        (429, "", "429"),
        (502, "<html>", "502"),
    ] {
        match api::package(&response(status, None, body)).unwrap() {
            Package::Hidden(why) => assert!(why.contains(words), "{why}"),
            other => panic!("{other:?}"),
        }
    }
    let failure = api::package(&response(200, Some("repo, read:packages"), "{}")).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied);
    assert!(failure.message.contains("`write:packages`"), "{}", failure.message);
    let failure = api::package(&response(401, None, r#"{"message":"Bad credentials"}"#)).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthenticated);
    assert!(failure.message.contains("Bad credentials"));
}

#[test]
fn whose_a_token_is_comes_with_its_scopes() {
    let user = |status, scopes, body: &str| api::user(&response(status, scopes, body));
    let octocat = r#"{"login":"octocat"}"#;
    assert_eq!(user(200, Some("write:packages"), octocat).unwrap(), "octocat (scopes: write:packages)");
    assert_eq!(user(200, None, octocat).unwrap(), "octocat");
    assert!(user(403, None, r#"{"message":"Resource not accessible by integration"}"#).unwrap().contains("Actions"));
    for (status, body, kind) in [
        (401, "", FailureKind::Unauthenticated),
        (403, "{}", FailureKind::Denied),
        (429, "", FailureKind::RateLimited),
        (200, "{", FailureKind::Other),
    ] {
        assert_eq!(user(status, None, body).unwrap_err().kind, kind, "{status}");
    }
}

#[test]
fn a_password_of_any_registry_is_not_proved_at_github() {
    for options in [Options::default(), options(&[(ENDPOINT, hosts::API)])] {
        assert_eq!(GitHub::identify(connector("password", &[]), &options).unwrap_err().kind, FailureKind::Unsupported);
    }
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<GitHub>();
}

#[test]
fn why_a_package_can_t_be_seen_is_not_forgotten_for_a_path_that_has_none() {
    let url = |kind: &str| format!("https://api.github.com/{kind}/acme/packages/container/train");
    let host = testing::Host::at(1_795_176_000)
        .holding::<GitHub>()
        .answers(Method::Get, &url("orgs"), testing::answer(403, r#"{"message":"SAML enforcement"}"#))
        .answers(Method::Get, &url("users"), testing::answer(404, r#"{"message":"Not Found"}"#));
    let connector = connector(TOKEN, &[]).with_secret("token", host.secret("t"));
    let prepared =
        GitHub::prepare_image_push(registry("ghcr.io/acme", &[]), Some(connector), image("ghcr.io", "acme/train"));
    let notes = prepared.unwrap().notes;
    assert!(notes.len() == 1 && notes[0].contains("SAML enforcement"), "{notes:?}");
}

#[test]
fn the_reason_why_a_package_can_t_be_seen_says_more_than_that_another_path_has_none() {
    use crhost_flavor::testing::Host;

    let path = |kind: &str| format!("https://api.github.com/{kind}/acme/packages/container/train");
    let host =
        Host::at(0).answers(Method::Get, &path("orgs"), testing::answer(403, r#"{"message":"SAML enforcement"}"#));
    let host = host.answers(Method::Get, &path("users"), testing::answer(404, "{}"));
    let connector = connector(TOKEN, &[]).with_secret("token", host.secret("ghp_x"));
    let api = GitHubApi::new(&connector, "https://api.github.com".to_owned()).unwrap();
    let note = api.check("acme", "train").unwrap().unwrap();
    assert!(note.contains("was not checked") && note.contains("SAML enforcement"), "{note}");
}

#[test]
fn the_programs_that_print_tokens_are_as_crhost_wants_them() {
    crhost_flavor::testing::assert_commands::<GitHub>();
}

#[test]
fn the_job_of_an_enterprise_server_says_where_its_api_is_and_no_other_job_does() {
    let of_job = |url: &str| connector(IMPLICIT, &[(API_URL, url)]);
    let at = |host: &str, url: &str| method::endpoint(&Options::default(), host, &of_job(url));
    let server = "https://github.example.com/api/v3";
    assert_eq!(at("containers.github.example.com", &format!("{server}/")).as_deref(), Some(server));
    assert_eq!(at("containers.github.example.com", "https://api.github.com"), None);
    assert_eq!(at("containers.other.example.com", server), None);
    assert_eq!(at("ghcr.io", server).as_deref(), Some("https://api.github.com"));
    let own = method::endpoint(&options(&[("api-endpoint", "https://own")]), "ghcr.io", &of_job(server));
    assert_eq!(own.as_deref(), Some("https://own"));
    // An address that is closed stops no push.
    let (registry, image) = (registry("containers.h.example/acme", &[]), image("containers.h.example", "acme/train"));
    let url = "https://h.example/api/v3/orgs/acme/packages/container/train";
    let host = testing::Host::at(0).fails(Method::Get, url, Error::Denied("`h.example` is closed".to_owned()));
    let connector = of_job("https://h.example/api/v3").with_secret("token", host.secret("t"));
    let prepared = GitHub::prepare_image_push(registry, Some(connector), image).unwrap();
    assert!(prepared.notes[0].contains("--allow-secret-host"), "{:?}", prepared.notes);
}
