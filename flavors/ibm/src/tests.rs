use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crhost_flavor::http::Method;
use crhost_flavor::testing::{
    Host, answer, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors, connector, image,
    operations, registry,
};
use crhost_flavor::{FailureKind, Password};
use serde_json::json;

use super::api::Listed;
use super::*;

const SIGN_IN: &str = "https://iam.cloud.ibm.com/identity/token";
const NAMESPACES: &str = "https://us.icr.io/api/v1/namespaces";

#[test]
fn asks_for_these_operations_and_no_other() {
    let list = "list-namespaces: GET https://{registry}|<registry-endpoint> /api/v1/namespaces header account";
    let create = "create-namespace: PUT https://{registry}|<registry-endpoint> /api/v1/namespaces/* header account";
    assert_eq!(
        operations::<Ibm>(),
        [
            "ibm/api-key sign-in: POST https://iam.cloud.ibm.com|<iam-endpoint> /identity/token \
             body grant_type=urn:ibm:params:oauth:grant-type:apikey; api-key in the form's `apikey`",
            "ibm/api-key: api-key is the registry's password",
            &format!("ibm/iam-token {list}; token in `authorization: Bearer …`"),
            &format!("ibm/iam-token {create}; token in `authorization: Bearer …`"),
            "ibm/iam-token: token is the registry's password",
            "docker/password: password is the registry's password",
            &format!("- {list}"),
            &format!("- {create}"),
        ]
    );
}

#[test]
fn registries_are_accepted_in_canonical_form() {
    assert_accepts::<Ibm>(&[
        ("us.icr.io/my-namespace", "us.icr.io/my-namespace", 0),
        ("icr.io/my_namespace", "icr.io/my_namespace", 0),
        ("JP2.icr.io:443/team1/train///", "jp2.icr.io/team1/train", 0),
        ("private.us.icr.io/team1", "private.us.icr.io/team1", 0),
        ("private.icr.io/team1", "private.icr.io/team1", 0),
        ("es.icr.io/team1", "es.icr.io/team1", 1),
        ("localhost:5000/team1", "localhost:5000/team1", 1),
        ("images.acme.example/team1", "images.acme.example/team1", 1),
        ("selfhosted_proxy.com/team1", "selfhosted_proxy.com/team1", 2),
    ]);
    assert_examples::<Ibm>();
    for uri in Ibm::describe().uri_examples {
        assert!(Ibm::validate_uri(uri).unwrap().warnings.is_empty());
    }
}

#[test]
fn what_is_no_namespace_of_ibm_is_refused_with_the_next_step() {
    let long = format!("us.icr.io/{}", "a".repeat(31));
    assert_refuses::<Ibm>(&[
        ("us.icr.io", "`us.icr.io/<namespace>`"),
        ("us.icr.io/abc", "`us.icr.io/<namespace>`"),
        ("us.icr.io/my.namespace", "`us.icr.io/<namespace>`"),
        (&long, "`us.icr.io/<namespace>`"),
        ("www.icr.io/team1", "did you mean `us.icr.io/team1`"),
        ("a.de.icr.io/team1", "did you mean `de.icr.io/team1`"),
        ("de.irc.io/team1", "did you mean `de.icr.io/team1`"),
        ("icr.oi/team1", "did you mean `us.icr.io/team1`"),
        ("de.icr.io.evil.com/team1", "did you mean `de.icr.io/team1`"),
        ("registry.ng.bluemix.net/team1", "did you mean `us.icr.io/team1`"),
        ("cloud.ibm.com/registry", "did you mean `us.icr.io/registry`"),
        ("us.icr.io:5000/team1", "`us.icr.io/team1`"),
        ("us.icr.io/Team1", "`us.icr.io/team1`"),
        ("https://us.icr.io/team1", "`us.icr.io/team1`"),
        ("us.icr.io/team1/train:v1", "`us.icr.io/team1/train`"),
        ("team1", "`us.icr.io/team1`"),
        ("docker.io/acme", "`dockerhub`"),
        ("::1", "e.g."),
        ("localhost:99999/team1", "e.g."),
        ("", "e.g."),
    ]);
}

/// A token of IAM.
fn token() -> String {
    let claims = json!({"iam_id": "IBMid-1", "email": "ann@acme.example", "account": {"valid": true, "bss": "a1b2"}});
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn prepare(host: &Host, options: &[(&str, &str)]) -> Result<Prepared, Failure> {
    let connector = connector(KEY, &[]).with_secret("api-key", host.secret("k3y"));
    let registry = registry("us.icr.io/team1", options);
    Ibm::prepare_image_push(registry, Some(connector), image("us.icr.io", "team1/train"))
}

#[test]
fn the_namespace_is_looked_for_with_a_token_for_the_key() {
    let issued = json!({"access_token": token(), "expires_in": 3600, "token_type": "Bearer"}).to_string();
    let host = Host::at(0)
        .holding::<Ibm>()
        .answers(Method::Post, SIGN_IN, answer(200, &issued))
        .answers(Method::Get, NAMESPACES, answer(200, r#"["other"]"#))
        .answers(Method::Put, &format!("{NAMESPACES}/team1"), answer(201, r#"{"namespace":"team1"}"#));
    let prepared = prepare(&host, &[("create-namespace", "true")]).unwrap();
    assert_eq!(prepared.notes, ["the namespace `team1` was created"]);
    let sent = host.sent();
    assert_eq!(sent[0].text(), "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=k3y");
    assert_eq!(sent[1].header("account"), Some("a1b2"));
    assert_eq!(sent[2].header("authorization"), Some(format!("Bearer {}", token()).as_str()));
}

#[test]
fn an_unknown_key_is_told_in_ibm_s_words() {
    let body = r#"{"errorCode":"BXNIM0415E","errorMessage":"Provided API key could not be found."}"#;
    let host = Host::at(0).answers(Method::Post, SIGN_IN, answer(400, body));
    let failure = prepare(&host, &[]).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthenticated);
    assert!(failure.message.contains("could not be found"), "{}", failure.message);
}

#[test]
fn answers_of_the_api_say_whether_a_push_can_succeed() {
    assert_eq!(api::namespaces(&answer(200, r#"["a","b"]"#)), Ok(Listed::Names(vec!["a".into(), "b".into()])));
    assert_eq!(api::namespaces(&answer(403, "{}")), Ok(Listed::Hidden(String::new())));
    assert_eq!(api::namespaces(&answer(200, "{}")).unwrap_err().kind, FailureKind::Other);
    assert_eq!(api::namespaces(&answer(401, "{}")).unwrap_err().kind, FailureKind::Unauthenticated);
    let created = |status| api::created(&answer(status, r#"{"message":"words"}"#), "team1");
    assert_eq!((created(200), created(201)), (Ok(false), Ok(true)));
    for (status, kind) in [
        (401, FailureKind::Unauthenticated),
        (403, FailureKind::Denied),
        (409, FailureKind::Conflict),
        (429, FailureKind::RateLimited),
        (503, FailureKind::Unavailable),
        (400, FailureKind::Other),
    ] {
        let failure = created(status).unwrap_err();
        assert_eq!(failure.kind, kind, "{status}");
        assert!(failure.message.contains("words"), "{}", failure.message);
    }
}

#[test]
fn keys_and_tokens_have_user_names_of_their_own() {
    let host = Host::at(0);
    for (method, field, user) in [(KEY, "api-key", "iamapikey"), (TOKEN, "token", "iambearer")] {
        let connector = connector(method, &[]).with_secret(field, host.secret("s3cret"));
        let given = Ibm::credentials(registry("us.icr.io/team1", &[]), Some(connector), Purpose::Push, None).unwrap();
        let Credential::Basic(basic) = given else { panic!() };
        let Password::Secret(secret) = &basic.password else { panic!() };
        assert_eq!((basic.username.as_str(), host.revealed(secret).as_str()), (user, "s3cret"));
    }
}

#[test]
fn a_key_is_proved_and_names_its_owner() {
    let issued = json!({"access_token": token()}).to_string();
    let host = Host::at(0).answers(Method::Post, SIGN_IN, answer(200, &issued));
    let connector = connector(KEY, &[]).with_secret("api-key", host.secret("k3y"));
    assert_eq!(Ibm::identify(connector, &Options::default()).unwrap(), "ann@acme.example (account a1b2)");
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<Ibm>();
}
