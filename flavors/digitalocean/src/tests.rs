use crhost_flavor::FailureKind;
use crhost_flavor::http::Method;
use crhost_flavor::testing::{
    self, answer as response, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors, connector,
    image, operations, options, registry,
};
use serde_json::json;

use super::api::Subject;
use super::*;

#[test]
fn asks_for_these_operations_and_no_other() {
    assert_eq!(
        operations::<DigitalOcean>(),
        [
            "digitalocean/token issue-credentials: GET https://api.digitalocean.com|<api-endpoint> \
             /v2/registries/*/docker-credentials ?read_write=true|false&expiry_seconds; \
             token in `authorization: Bearer …`",
            "digitalocean/token read-registries: GET https://api.digitalocean.com|<api-endpoint> \
             /v2/registries|/v2/registries/*; token in `authorization: Bearer …`",
            "digitalocean/token read-repositories: GET https://api.digitalocean.com|<api-endpoint> \
             /v2/registries/*/repositoriesV2 ?per_page=100; token in `authorization: Bearer …`",
            "digitalocean/token create-registry: POST https://api.digitalocean.com|<api-endpoint> /v2/registries; \
             token in `authorization: Bearer …`",
            "digitalocean/token identify: GET https://api.digitalocean.com|<api-endpoint> /v2/account; \
             token in `authorization: Bearer …`",
            "docker/password: password is the registry's password",
        ]
    );
}

#[test]
fn credentials_that_are_issued_may_write_only_where_that_is_their_purpose() {
    assert!(api::writes(Purpose::Push) && api::writes(Purpose::Delete));
    assert!(!api::writes(Purpose::Pull) && !api::writes(Purpose::Listing));
}

#[test]
fn a_registry_has_one_canonical_form() {
    for (text, canonical) in [
        ("registry.digitalocean.com/my-registry", "registry.digitalocean.com/my-registry"),
        ("Registry.DigitalOcean.com/my-registry///", "registry.digitalocean.com/my-registry"),
        ("registry.digitalocean.com:443/r", "registry.digitalocean.com/r"),
        ("registry.digitalocean.com/my-registry/team/a", "registry.digitalocean.com/my-registry/team/a"),
    ] {
        assert_eq!(DigitalOcean::validate_uri(text.into()).unwrap(), AcceptedUri::new(canonical), "{text}");
        assert_eq!(DigitalOcean::validate_uri(canonical.into()).unwrap().uri, canonical, "stable");
    }
    assert_examples::<DigitalOcean>();
    for uri in DigitalOcean::describe().uri_examples {
        assert!(DigitalOcean::validate_uri(uri).unwrap().warnings.is_empty());
    }
}

#[test]
fn a_host_in_front_of_the_registry_is_accepted_with_a_warning() {
    for (uri, warnings) in [
        ("localhost:5000/r", 1),
        ("127.0.0.1:5000/r", 1),
        ("host.docker.internal:5000/r", 1),
        ("[::1]:5000/r", 1),
        ("192.168.1.100:9000/x", 1),
        ("images.acme.example/r", 1),
        ("selfhosted_harbor.com/x", 2),
    ] {
        assert_accepts::<DigitalOcean>(&[(uri, uri, warnings)]);
    }
}

#[test]
fn what_is_not_a_registry_is_refused_with_the_corrected_form() {
    let long = format!("registry.digitalocean.com/{}", "a".repeat(64));
    assert_refuses::<DigitalOcean>(&[
        ("registry.digitalocean.com", "`registry.digitalocean.com/my-registry`"),
        ("registry.digitalocean.com/", "`registry.digitalocean.com/my-registry`"),
        ("registry.digitalocean.com/my_registry", "`doctl registries list`"),
        (&long, "`doctl registries list`"),
        ("registry.digitalocean.com/My-Registry", "`my-registry`"),
        ("registry.digitalocean.com:5000/r", "`registry.digitalocean.com/r`"),
        ("https://registry.digitalocean.com/r", "`registry.digitalocean.com/r`"),
        ("http://registry.digitalocean.com/r/", "`registry.digitalocean.com/r`"),
        ("registry.gitlab.com/acme/ml", "`gitlab`"),
        ("localhost:99999", "e.g."),
        ("::1", "e.g."),
        ("registry.digitalocean.com/r/train:v1", "`registry.digitalocean.com/r/train`"),
        ("registry.digitalocan.com/r", "did you mean `registry.digitalocean.com/r`"),
        ("registry.digitalocean.io/r", "did you mean `registry.digitalocean.com/r`"),
        ("registry.digitalocean.co/r", "did you mean `registry.digitalocean.com/r`"),
        ("digitalocean.com/r", "did you mean `registry.digitalocean.com/r`"),
        ("cloud.digitalocean.com/registry", "did you mean `registry.digitalocean.com/<registry>`"),
        ("nyc3.digitaloceanspaces.com/r", "did you mean `registry.digitalocean.com/r`"),
        ("registry.digitalocean.com.evil.example/r", "did you mean `registry.digitalocean.com/r`"),
        ("registry-digitalocean.example/r", "did you mean `registry.digitalocean.com/r`"),
        ("docker.io/zenml", "`dockerhub`"),
        ("quay.io/x", "`quay`"),
        ("ghcr.io/acme", "`github`"),
        ("us.gcr.io/p", "`gcp`"),
        ("europe-docker.pkg.dev/p/r", "`gcp`"),
        ("zenml.azurecr.io", "`azure`"),
        ("123456789.dkr.ecr.us-east-1.amazonaws.com", "`aws`"),
        ("registry.cloudflare.com/x", "`cloudflare`"),
        ("localhost:5000", "e.g."),
        ("zenml", "`registry.digitalocean.com/zenml`"),
        ("", "e.g."),
    ]);
}

#[test]
fn a_hint_is_not_refused_in_turn() {
    assert_refuses::<DigitalOcean>(&[
        ("ghcr.io/Acme", "use the flavor `github` for `ghcr.io/acme`"),
        ("https://ghcr.io/acme", "use the flavor `github` for `ghcr.io/acme`"),
        ("registry.digitalocean.com/My-Registry", "`registry.digitalocean.com/my-registry`"),
        ("registry.digitalocean.com/My_Registry", "`doctl registries list`"),
    ]);
}

#[test]
fn registries_that_only_one_flavor_knew_are_known_here_too() {
    assert_refuses::<DigitalOcean>(&[
        ("contoso.azurecr.cn/x", "`azure`"),
        ("public.ecr.aws/acme", "`aws`"),
        ("us.icr.io/acme", "`ibm`"),
        ("docker.com/acme", "`dockerhub`"),
    ]);
}

#[test]
fn an_image_is_below_the_registry_s_name() {
    let prepare = |repository: &str| {
        let uri = format!("{}/acme", uri::HOST);
        DigitalOcean::prepare_image_push(registry(&uri, &[]), None, image(uri::HOST, repository))
    };
    assert!(prepare("acme/team/train").unwrap().notes.is_empty());
    for repository in ["train", "acmeevil/train", "acme"] {
        assert_eq!(prepare(repository).unwrap_err().kind, FailureKind::InvalidInput, "{repository}");
    }
}

#[test]
fn every_answer_of_the_api_is_understood() {
    let unable = r#"{"id":"Unauthorized","message":"Unable to authenticate you"}"#;
    let subject = Subject::Registry("acme");
    for (status, body, subject, kind, words) in [
        (401, unable, &subject, FailureKind::Unauthenticated, "Unable to authenticate you"),
        (403, "{", &Subject::Credentials("acme"), FailureKind::Denied, "`acme`"),
        (403, "", &Subject::Other, FailureKind::Denied, "registries"),
        (404, r#"{"id":"not_found","message":"registry does not exist"}"#, &subject, FailureKind::NotFound, "`acme`"),
        (404, "", &Subject::Other, FailureKind::Other, "404"),
        (429, r#"{"message":"API Rate limit exceeded."}"#, &subject, FailureKind::RateLimited, "Rate limit"),
        (500, "<html>", &subject, FailureKind::Unavailable, "500"),
        (302, "", &subject, FailureKind::Other, "302"),
    ] {
        let failure = api::answer(&response(status, body), subject).unwrap_err();
        assert_eq!(failure.kind, kind, "{status} {body}");
        assert!(failure.message.contains(words), "{}", failure.message);
    }
    // Who may not look may push all the same, and is told what DigitalOcean says of it.
    let note = |status, body: &str| api::unchecked(&response(status, body), "acme");
    let locked = note(403, r#"{"id":"forbidden","message":"This team is locked"}"#).unwrap();
    assert!(locked.contains("`acme`") && locked.ends_with(": This team is locked"), "{locked}");
    assert!(!locked.contains("registry:read"), "{locked}");
    assert!(note(403, "<html>").unwrap().contains("`registry:read`"));
    assert_eq!((note(200, "{}"), note(404, "{}")), (None, None));
    // `u:p:q`: only the first colon parts them.
    let config = json!({"auths": {"registry.digitalocean.com": {"auth": "dTpwOnE="}}});
    assert_eq!(api::credentials(&config), Some(("u".into(), "p:q".into())));
    for half in [
        "null",
        r#"{"auths":{}}"#,
        r#"{"auths":{"registry.digitalocean.com":{"auth":"%"}}}"#,
        r#"{"auths":{"registry.digitalocean.com":{"auth":"dTo="}}}"#,
        r#"{"auths":{"evil.example":{"auth":"dTpw"}}}"#,
    ] {
        assert_eq!(api::credentials(&serde_json::from_str(half).unwrap()), None, "{half}");
    }
    assert_eq!(api::names(&json!({"registries": [{"name": "acme"}]})), Some(vec!["acme".into()]));
    assert_eq!(api::names(&json!({"registries": [{}]})), None);
    assert_eq!(api::names(&json!({})), None);
}

#[test]
fn a_password_of_any_registry_is_not_proved_at_digitalocean() {
    let connector = || connector("password", &[]);
    for options in [Options::default(), options(&[(ENDPOINT.option, ENDPOINT.address)])] {
        assert_eq!(DigitalOcean::identify(connector(), &options).unwrap_err().kind, FailureKind::Unsupported);
        assert_eq!(DigitalOcean::list_resources(connector(), &options).unwrap_err().kind, FailureKind::Unsupported);
    }
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<DigitalOcean>();
}

#[test]
fn a_missing_registry_is_created_where_the_option_says_so() {
    const URL: &str = "https://api.digitalocean.com/v2/registries";
    let prepare = |values: &[(&str, &str)], created: (u16, &str)| {
        let host = testing::Host::at(1_795_176_000)
            .holding::<DigitalOcean>()
            .answers(Method::Get, &format!("{URL}/acme"), testing::answer(404, "{}"))
            .answers(Method::Post, URL, testing::answer(created.0, created.1));
        let connector = testing::connector(TOKEN, &[]).with_secret("token", host.secret("t"));
        let image = testing::image(uri::HOST, "acme/train");
        let registry = testing::registry("registry.digitalocean.com/acme", values);
        let prepared = DigitalOcean::prepare_image_push(registry, Some(connector), image);
        (prepared, host.sent()[1].text())
    };
    let values = [("create-registry", "true"), ("registry-region", "fra1"), ("subscription-tier", "basic")];
    let (prepared, body) = prepare(&values, (201, "{}"));
    assert!(prepared.unwrap().notes[0].contains("created registry `acme`"));
    assert_eq!(body, r#"{"name":"acme","region":"fra1","subscription_tier_slug":"basic"}"#);
    let (prepared, body) = prepare(&values[..1], (409, r#"{"message":"name already exists"}"#));
    assert_eq!(prepared.unwrap_err().kind, FailureKind::Conflict);
    assert_eq!(body, r#"{"name":"acme"}"#);
    assert_eq!(prepare(&values[..1], (403, "{}")).0.unwrap_err().kind, FailureKind::Denied);
    assert_eq!(prepare(&values[..1], (422, "{}")).0.unwrap_err().kind, FailureKind::InvalidInput);
}

#[test]
fn a_plan_that_has_no_room_for_another_repository_is_told_before_the_push() {
    let plan = |most: u64| {
        let body = json!({"subscription": {"tier": {"slug": "basic", "included_repositories": most}}});
        api::included(&response(200, &body.to_string()))
    };
    assert_eq!((plan(5), plan(0), api::included(&response(200, "{}"))), (Some(5), Some(0), None));
    let list = json!({"repositories": [{"name": "train"}, {"name": "serve"}], "meta": {"total": 2}}).to_string();
    let note = |status, body: &str, repository: &str, most| api::full(&response(status, body), repository, most);
    assert!(note(200, &list, "other", 2).unwrap().contains("includes 2 repositories, and there are 2"));
    assert_eq!(note(200, &list, "train", 2), None);
    assert_eq!(note(200, &list, "other", 3), None);
    assert_eq!(note(403, &list, "other", 2), None);
    assert_eq!(note(200, "<html>", "other", 2), None);
}

#[test]
fn a_token_that_may_have_no_credentials_issued_is_told_the_scopes_that_this_takes() {
    let failure = api::answer(&response(403, "{}"), &Subject::Credentials("acme")).unwrap_err();
    let hint = failure.hint.unwrap();
    assert!(hint.contains("`registry:read` and `registry:update`") && !hint.contains("create"), "{hint}");
}

#[test]
fn the_programs_that_print_tokens_are_as_crhost_wants_them() {
    crhost_flavor::testing::assert_commands::<DigitalOcean>();
}
