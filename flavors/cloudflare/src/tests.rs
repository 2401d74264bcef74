use crhost_flavor::FailureKind;
use crhost_flavor::http::Method;
use crhost_flavor::testing::{
    Host, answer as response, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors, connector,
    image, operations, options, registry,
};
use serde_json::json;

use super::*;

const ACCOUNT: &str = uri::EXAMPLE_ACCOUNT;

#[test]
fn the_registry_of_an_account_has_one_canonical_form() {
    for (text, canonical) in [
        (format!("registry.cloudflare.com/{ACCOUNT}"), format!("registry.cloudflare.com/{ACCOUNT}")),
        (format!("Registry.Cloudflare.com/{ACCOUNT}/"), format!("registry.cloudflare.com/{ACCOUNT}")),
        (format!("registry.cloudflare.com:443/{ACCOUNT}"), format!("registry.cloudflare.com/{ACCOUNT}")),
        (format!("registry.fed.cloudflare.com:443/{ACCOUNT}/a"), format!("registry.fed.cloudflare.com/{ACCOUNT}/a")),
        (format!("registry.cloudflare.com/{ACCOUNT}/team/a"), format!("registry.cloudflare.com/{ACCOUNT}/team/a")),
    ] {
        assert_eq!(Cloudflare::validate_uri(text.clone()).unwrap(), AcceptedUri::new(&canonical), "{text}");
        assert_eq!(Cloudflare::validate_uri(canonical.clone()).unwrap().uri, canonical, "stable");
    }
    assert_examples::<Cloudflare>();
    for uri in Cloudflare::describe().uri_examples {
        assert!(Cloudflare::validate_uri(uri).unwrap().warnings.is_empty());
    }
}

#[test]
fn a_host_in_front_of_the_registry_is_accepted_with_a_warning() {
    for (host, warnings) in [
        ("localhost:5000", 1),
        ("127.0.0.1:5000", 1),
        ("[::1]:5000", 1),
        ("host.docker.internal:5000", 1),
        ("192.168.1.100:9000", 1),
        ("images.acme.example", 1),
        ("selfhosted_harbor.com", 2),
    ] {
        let uri = format!("{host}/{ACCOUNT}");
        assert_accepts::<Cloudflare>(&[(&uri, &uri, warnings)]);
    }
}

#[test]
fn what_is_not_the_registry_of_an_account_is_refused_with_the_corrected_form() {
    let account = |text: &str| text.replace("ID", ACCOUNT);
    for (text, hint) in [
        ("registry.cloudflare.com", "`registry.cloudflare.com/023e"),
        ("registry.cloudflare.com/acme", "`wrangler whoami`"),
        ("registry.cloudflare.com/023e105f", "`wrangler whoami`"),
        ("registry.cloudflare.com/g23e105f4ecef8ad9ca31a8372d0c353", "`wrangler whoami`"),
        ("registry.cloudflare.com/023E105F4ECEF8AD9CA31A8372D0C353", "`registry.cloudflare.com/023e"),
        ("registry.cloudflare.com:5000/ID", "`registry.cloudflare.com/ID`"),
        ("https://registry.cloudflare.com/ID", "`registry.cloudflare.com/ID`"),
        ("http://registry.cloudflare.com/ID/", "`registry.cloudflare.com/ID`"),
        ("registry.gitlab.com/acme/ml", "`gitlab`"),
        ("europe-docker.pkg.dev/p/r", "`gcp`"),
        ("localhost:99999/ID", "e.g."),
        ("localhost:0", "e.g."),
        ("::1", "e.g."),
        ("registry.cloudflare.com/ID/train:v1", "`registry.cloudflare.com/ID/train`"),
        ("registry.fed.cloudflare.com", "`registry.fed.cloudflare.com/023e"),
        ("registry.fed.cloudflare.com:5000/ID", "`registry.fed.cloudflare.com/ID`"),
        ("registry.fed.cloudflare.com.evil.example/ID", "did you mean `registry.cloudflare.com/ID`"),
        ("staging.registry.cloudflare.com/ID", "did you mean `registry.cloudflare.com/ID`"),
        ("registry.cloudflare.io/ID", "did you mean `registry.cloudflare.com/ID`"),
        ("registry.cloudfare.com/ID", "did you mean `registry.cloudflare.com/ID`"),
        ("cloudflare.com/ID", "did you mean `registry.cloudflare.com/ID`"),
        ("dash.cloudflare.com/ID/workers/containers", "did you mean `registry.cloudflare.com/ID`"),
        ("registry.cloudflare.com.evil.example/ID", "did you mean `registry.cloudflare.com/ID`"),
        ("registry-cloudflare.example/ID", "did you mean `registry.cloudflare.com/ID`"),
        ("docker.io/zenml", "`dockerhub`"),
        ("quay.io/x", "`quay`"),
        ("ghcr.io/acme", "`github`"),
        ("gcr.io/p", "`gcp`"),
        ("zenml.azurecr.io", "`azure`"),
        ("123456789.dkr.ecr.us-east-1.amazonaws.com", "`aws`"),
        ("registry.digitalocean.com/x", "`digitalocean`"),
        ("selfhosted_harbor.com/x", "`wrangler whoami`"),
        ("192.168.1.100:9000/x", "`wrangler whoami`"),
        ("localhost:5000", "`localhost:5000/023e"),
        ("zenml", "e.g."),
        ("", "e.g."),
    ] {
        assert_refuses::<Cloudflare>(&[(&account(text), &account(hint))]);
    }
}

#[test]
fn asks_for_these_operations_and_no_other() {
    assert_eq!(
        operations::<Cloudflare>(),
        [
            "cloudflare/token issue-credentials: POST https://api.cloudflare.com|https://api.fed.cloudflare.com|<api-endpoint> \
             /client/v4/accounts/*/containers/registries/registry.cloudflare.com/credentials\
             |/accounts/*/containers/registries/registry.cloudflare.com/credentials\
             |/client/v4/accounts/*/containers/registries/registry.fed.cloudflare.com/credentials\
             |/accounts/*/containers/registries/registry.fed.cloudflare.com/credentials; \
             token in `authorization: Bearer …`",
            "cloudflare/token list-accounts: GET https://api.cloudflare.com|<api-endpoint> \
             /client/v4/accounts|/accounts ?page&per_page; token in `authorization: Bearer …`",
            "docker/password: password is the registry's password",
        ]
    );
}

#[test]
fn credentials_that_are_issued_may_push_only_where_that_is_their_purpose() {
    assert_eq!(api::permissions(Purpose::Push), ["pull", "push"]);
    assert_eq!(api::permissions(Purpose::Delete), ["pull", "push"]);
    for purpose in [Purpose::Pull, Purpose::Listing] {
        assert_eq!(api::permissions(purpose), ["pull"]);
    }
}

#[test]
fn a_hint_is_not_refused_in_turn() {
    assert_refuses::<Cloudflare>(&[
        ("ghcr.io/Acme", "use the flavor `github` for `ghcr.io/acme`"),
        ("https://ghcr.io/acme", "use the flavor `github` for `ghcr.io/acme`"),
        ("registry.cloudflare.com/Acme", "`wrangler whoami`"),
    ]);
}

#[test]
fn registries_that_only_one_flavor_knew_are_known_here_too() {
    assert_refuses::<Cloudflare>(&[
        ("contoso.azurecr.cn/x", "`azure`"),
        ("public.ecr.aws/acme", "`aws`"),
        ("us.icr.io/acme", "`ibm`"),
        ("docker.com/acme", "`dockerhub`"),
    ]);
}

#[test]
fn an_image_is_below_the_account_and_goes_up_in_chunks() {
    let prepare = |repository: &str| {
        let uri = format!("{}/{ACCOUNT}", uri::HOST);
        Cloudflare::prepare_image_push(registry(&uri, &[]), None, image(uri::HOST, repository))
    };
    let prepared = prepare(&format!("{ACCOUNT}/train")).unwrap();
    assert!(matches!(prepared.profile.upload, Upload::Chunked(bytes) if bytes < 100_000_000));
    for repository in ["train", "acme/train", ACCOUNT] {
        assert_eq!(prepare(repository).unwrap_err().kind, FailureKind::InvalidInput, "{repository}");
    }
}

#[test]
fn every_answer_of_the_api_is_understood() {
    let failure = |status, body: &str| api::result(&response(status, body), ACCOUNT).unwrap_err();
    let body =
        |code: u64, words: &str| json!({"success": false, "errors": [{"code": code, "message": words}]}).to_string();
    for (status, body, kind, words) in [
        (401, body(1000, "Invalid API Token"), FailureKind::Unauthenticated, "Invalid API Token"),
        (400, body(6003, "Invalid request headers"), FailureKind::Unauthenticated, "Invalid request headers"),
        (403, body(10000, "Authentication error"), FailureKind::Denied, "Authentication error"),
        (404, body(7003, "Could not route"), FailureKind::NotFound, ACCOUNT),
        (429, String::new(), FailureKind::RateLimited, "429"),
        (503, "<html>".into(), FailureKind::Unavailable, "503"),
        (200, body(10001, "no"), FailureKind::Other, "no"),
        (302, String::new(), FailureKind::Other, "302"),
    ] {
        let failure = failure(status, &body);
        assert_eq!(failure.kind, kind, "{body}");
        assert!(failure.message.contains(words), "{}", failure.message);
    }
    assert!(failure(403, "{").hint.unwrap().contains("Containers: Edit"));
    let result =
        api::result(&response(200, r#"{"success":true,"result":{"username":"v1","password":"p"}}"#), "").unwrap();
    assert_eq!(api::credentials(&result), Some(("v1".into(), "p".into())));
    for half in ["{}", r#"{"username":"v1"}"#, r#"{"username":"","password":"p"}"#, "[]", "null"] {
        assert_eq!(api::credentials(&serde_json::from_str(half).unwrap()), None, "{half}");
    }
    assert_eq!(api::accounts(&json!([{"id": ACCOUNT, "name": "Acme"}])).unwrap().len(), 1);
    assert_eq!(api::accounts(&json!([{"id": ACCOUNT}])), None);
    assert_eq!(api::accounts(&json!({})), None);
}

#[test]
fn a_token_that_may_not_list_accounts_is_a_token_all_the_same() {
    let whose = |status, body: &str| api::whose(&response(status, body));
    let error = |code: u64| json!({"success": false, "errors": [{"code": code, "message": "no"}]}).to_string();
    assert!(whose(403, &error(10_000)).unwrap().contains("may not list accounts"));
    for (status, body, kind) in [
        // Codes of tokens that Cloudflare does not know.
        (403, error(1000), FailureKind::Unauthenticated),
        (400, error(6003), FailureKind::Unauthenticated),
        (401, error(10_000), FailureKind::Unauthenticated),
        (429, String::new(), FailureKind::RateLimited),
        (200, "{".to_owned(), FailureKind::Other),
    ] {
        assert_eq!(whose(status, &body).unwrap_err().kind, kind, "{status} {body}");
    }
    let accounts = |of: u64| {
        let result = [json!({"id": ACCOUNT, "name": "Acme"})];
        json!({"success": true, "result": result, "result_info": {"page": 1, "total_pages": of}}).to_string()
    };
    assert_eq!(whose(200, &accounts(1)).unwrap(), format!("an API token of `Acme` ({ACCOUNT})"));
    assert!(whose(200, &accounts(2)).unwrap().ends_with("and more"));
    assert!(whose(200, r#"{"success":true,"result":[]}"#).unwrap().contains("no account"));
    assert_eq!(api::page(&response(200, &accounts(7))).unwrap().of, 7);
    assert_eq!(api::page(&response(200, r#"{"success":true,"result":[]}"#)).unwrap().of, 1);
}

#[test]
fn a_password_of_any_registry_is_not_proved_at_cloudflare() {
    let connector = || connector("password", &[]);
    for options in [Options::default(), options(&[(ENDPOINT.option, ENDPOINT.address)])] {
        assert_eq!(Cloudflare::identify(connector(), &options).unwrap_err().kind, FailureKind::Unsupported);
        assert_eq!(Cloudflare::list_resources(connector(), &options).unwrap_err().kind, FailureKind::Unsupported);
    }
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<Cloudflare>();
}

#[test]
fn credentials_of_an_account_under_fedramp_are_issued_by_its_own_api_for_its_own_registry() {
    for (host, url) in [
        ("registry.cloudflare.com", "https://api.cloudflare.com/client/v4"),
        ("registry.fed.cloudflare.com", "https://api.fed.cloudflare.com/client/v4"),
    ] {
        let issued = response(200, r#"{"success":true,"result":{"username":"v1","password":"p"}}"#);
        let url = format!("{url}/accounts/{ACCOUNT}/containers/registries/{host}/credentials");
        let host_api = Host::at(1_795_176_000).holding::<Cloudflare>().answers(Method::Post, &url, issued);
        let connector = connector(TOKEN, &[]).with_secret("token", host_api.secret("t"));
        let registry = registry(&format!("{host}/{ACCOUNT}"), &[]);
        let credential = Cloudflare::credentials(registry, Some(connector), Purpose::Push, None).unwrap();
        assert!(matches!(credential, Credential::Basic(basic) if basic.username == "v1"), "{host}");
    }
}

#[test]
fn an_account_that_is_missing_is_told_where_jobs_have_it() {
    let failure = Cloudflare::validate_uri(uri::HOST.to_owned()).unwrap_err();
    assert!(failure.message.contains("names no account"), "{}", failure.message);
    assert!(failure.hint.unwrap().contains("$CLOUDFLARE_ACCOUNT_ID"));
}
