use crhost_flavor::FailureKind;
use crhost_flavor::http::Method;
use crhost_flavor::testing::{
    self, answer, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors, connector, image,
    operations, options, registry,
};

use super::*;

#[test]
fn asks_for_these_operations_and_no_other() {
    let mut asked = Vec::new();
    for (method, field) in [("harbor/robot", "token"), ("harbor/user", "secret"), ("docker/password", "password")] {
        let api = "https://{registry}|<harbor-endpoint> /api/v2.0";
        let basic = format!("{field} as the password of `authorization: Basic`");
        asked.extend([
            format!("{method} identify: GET {api}/users/current; {basic}"),
            format!(
                "{method} check-project: GET|HEAD {api}/projects|/api/v2.0/projects/* ?project_name \
                 header x-is-resource-name; {basic}"
            ),
            format!("{method} check-quota: GET {api}/projects/*/summary header x-is-resource-name; {basic}"),
            format!(
                "{method} check-tag: GET {api}/projects/*/repositories/*/artifacts/*/tags \
                 ?with_immutable_status=true&page_size=100; {basic}"
            ),
            format!("{method} create-project: POST {api}/projects; {basic}"),
            format!("{method}: {field} is the registry's password"),
        ]);
    }
    assert_eq!(operations::<Harbor>(), asked);
}

#[test]
fn registries_are_accepted_in_canonical_form() {
    assert_accepts::<Harbor>(&[
        ("harbor.example.com/ml", "harbor.example.com/ml", 0),
        ("harbor.example.com/ml-team_2.x/train", "harbor.example.com/ml-team_2.x/train", 0),
        ("Harbor.example.com:8443/ml/team///", "harbor.example.com:8443/ml/team", 0),
        ("harbor.example.com", "harbor.example.com", 1),
        ("harbor.example.com/", "harbor.example.com", 1),
        ("selfhosted_harbor.com/x", "selfhosted_harbor.com/x", 1),
        ("192.168.1.100:9000/x", "192.168.1.100:9000/x", 0),
        ("localhost:5000/foo", "localhost:5000/foo", 0),
        ("LOCALHOST:80", "localhost:80", 1),
        ("[::1]:5000/x", "[::1]:5000/x", 0),
        ("host.docker.internal:5000/x", "host.docker.internal:5000/x", 0),
        ("my-elb.eu-west-1.elb.amazonaws.com/ml", "my-elb.eu-west-1.elb.amazonaws.com/ml", 0),
    ]);
    assert_examples::<Harbor>();
    for uri in Harbor::describe().uri_examples {
        assert!(Harbor::validate_uri(uri).unwrap().warnings.is_empty());
    }
}

#[test]
fn what_is_no_harbor_is_refused_with_the_next_step() {
    assert_refuses::<Harbor>(&[
        ("docker.io/zenml", "`dockerhub`"),
        ("index.docker.io/zenml", "`dockerhub`"),
        ("quay.io/x", "`quay`"),
        ("ghcr.io/x", "`github`"),
        ("gcr.io/my-proj", "`gcp`"),
        ("europe-docker.pkg.dev/p/r", "`gcp`"),
        ("zenml.azurecr.io", "`azure`"),
        ("123456789.dkr.ecr.us-east-1.amazonaws.com", "`aws`"),
        ("public.ecr.aws/acme", "`aws`"),
        ("registry.gitlab.com/acme/ml", "`gitlab`"),
        ("registry.digitalocean.com/my-registry", "`digitalocean`"),
        ("registry.cloudflare.com/023e105f4ecef8ad9ca31a8372d0c353", "`cloudflare`"),
        ("harbor.example.com:8443/harbor/projects/1/repositories", "`harbor.example.com:8443/<project>`"),
        ("harbor.example.com/ml__team", "`harbor.example.com/ml-team`"),
        ("harbor.example.com:8443/ml--team/train", "`harbor.example.com:8443/ml-team`"),
        ("harbor.example.com/ML/Train", "`harbor.example.com/ml/train`"),
        ("zenml", "`harbor.example.com/zenml`"),
        ("https://harbor.example.com/ml", "`harbor.example.com/ml`"),
        ("http://192.168.1.100:9000/x", "`192.168.1.100:9000/x`"),
        ("harbor.example.com/ml/train:v1", "`harbor.example.com/ml/train`"),
        ("::1", "`[::1]`"),
        ("localhost:99999/x", "e.g."),
        ("", "e.g."),
    ]);
}

#[test]
fn registries_that_only_one_flavor_knew_are_known_here_too() {
    assert_refuses::<Harbor>(&[
        ("contoso.azurecr.cn/x", "`azure`"),
        ("123456789012.dkr-ecr.us-west-2.on.aws", "`aws`"),
        ("us.icr.io/acme", "`ibm`"),
        ("docker.com/acme", "`dockerhub`"),
    ]);
}

#[test]
fn an_image_is_in_a_project() {
    let prepare = |repository: &str| {
        Harbor::prepare_image_push(registry("harbor.example.com", &[]), None, image("harbor.example.com", repository))
    };
    assert!(prepare("ml/team/train").unwrap().notes.is_empty());
    for repository in ["train", "ml__team/train"] {
        assert_eq!(prepare(repository).unwrap_err().kind, FailureKind::InvalidInput, "{repository}");
    }
}

#[test]
fn answers_of_the_api_say_whether_a_push_can_succeed() {
    assert_eq!(api::takes_pushes(&answer(200, r#"{"registry_id":null}"#), "ml"), Ok(()));
    assert_eq!(api::takes_pushes(&answer(403, ""), "ml"), Ok(()));
    let kind = |body| api::takes_pushes(&answer(200, body), "ml").unwrap_err().kind;
    assert_eq!(kind(r#"{"registry_id":3}"#), FailureKind::Denied);
    assert_eq!(kind(r#"{"regis"#), FailureKind::Other);
    assert_eq!(kind("[]"), FailureKind::Other);
    assert_eq!(api::created(&answer(201, ""), "ml"), Ok(true));
    assert_eq!(api::created(&answer(409, ""), "ml"), Ok(false));
    let robot = r#"{"errors":[{"code":"FORBIDDEN","message":"Only system level robot can create project"}]}"#;
    let failure = api::created(&answer(403, robot), "ml").unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied);
    assert!(failure.message.contains("Only system level robot"), "{}", failure.message);
    for (status, kind) in
        [(401, FailureKind::Unauthenticated), (403, FailureKind::Denied), (429, FailureKind::RateLimited)]
    {
        let failure = api::created(&answer(status, ""), "ml").unwrap_err();
        assert_eq!(failure.kind, kind, "{status}");
        assert!(!failure.message.ends_with(": "), "{}", failure.message);
    }
    assert_eq!(api::refuse_unknown(&answer(412, "")), Ok(()));
    assert_eq!(api::refuse_unknown(&answer(401, "")).unwrap_err().kind, FailureKind::Unauthenticated);
}

#[test]
fn a_robot_is_proved_by_what_harbor_tells_nobody_else() {
    let no_user = r#"{"errors":[{"code":"PRECONDITION","message":"get current user not available for security context: robot"}]}"#;
    assert!(api::user(&answer(412, no_user), "robot$ml+ci").unwrap().contains("`robot$ml+ci`"));
    assert_eq!(api::user(&answer(200, r#"{"username":"alice"}"#), "alice").unwrap(), "alice");
    assert_eq!(api::user(&answer(401, "{"), "robot$ml+ci").unwrap_err().kind, FailureKind::Unauthenticated);
    assert_eq!(api::user(&answer(200, r#"{"user"#), "alice").unwrap_err().kind, FailureKind::Other);
}

#[test]
fn a_password_of_any_registry_is_not_proved_at_harbor() {
    for options in [Options::default(), options(&[(ENDPOINT, "https://harbor.example.com")])] {
        assert_eq!(Harbor::identify(connector("password", &[]), &options).unwrap_err().kind, FailureKind::Unsupported);
    }
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<Harbor>();
}

#[test]
fn a_quota_that_is_used_up_is_told_before_the_push() {
    let quota = |hard: i64, used: i64| {
        let body = format!(r#"{{"quota":{{"hard":{{"storage":{hard}}},"used":{{"storage":{used}}}}}}}"#);
        api::quota(&testing::answer(200, &body), "ml")
    };
    const GIB: i64 = 1 << 30;
    let note = quota(10 * GIB, 8 * GIB + GIB / 2).unwrap().unwrap();
    assert_eq!(note, "project `ml` has 1.5 GiB left of its quota of 10.0 GiB");
    for used in [10 * GIB, 11 * GIB] {
        assert_eq!(quota(10 * GIB, used).unwrap_err().kind, FailureKind::Denied);
    }
    assert_eq!(quota(-1, 5).unwrap(), None);
    for (status, body) in [(403, "{}"), (200, "{}"), (404, "<html>")] {
        assert_eq!(api::quota(&testing::answer(status, body), "ml").unwrap(), None, "{status}");
    }
}

#[test]
fn a_project_is_created_with_its_quota() {
    const URL: &str = "https://harbor.example.com/api/v2.0";
    let host = testing::Host::at(1_795_176_000)
        .holding::<Harbor>()
        .answers(Method::Get, &format!("{URL}/users/current"), testing::answer(412, "{}"))
        .answers(Method::Head, &format!("{URL}/projects?project_name=ml"), testing::answer(404, ""))
        .answers(Method::Post, &format!("{URL}/projects"), testing::answer(201, ""));
    let options = [("create-project", "true"), ("storage-limit", "1073741824")];
    let connector = testing::connector("robot", &[("username", "robot$ci")]).with_secret("token", host.secret("t"));
    let image = testing::image("harbor.example.com", "ml/train");
    Harbor::prepare_image_push(testing::registry("harbor.example.com/ml", &options), Some(connector), image).unwrap();
    assert!(host.sent()[2].text().contains(r#""storage_limit":1073741824"#));
}

#[test]
fn an_immutable_tag_is_told_before_the_push() {
    let note = |status, body: &str| api::immutable(&answer(status, body), "ml/train", "v1");
    let tags = r#"[{"name":"latest","immutable":true},{"name":"v1","immutable":IS}]"#;
    assert!(note(200, &tags.replace("IS", "true")).unwrap().contains("`v1` of `ml/train` is immutable"));
    for (status, body) in
        [(200, tags.replace("IS", "false").as_str()), (404, "{}"), (403, &tags.replace("IS", "true")), (200, "<html>")]
    {
        assert_eq!(note(status, body), None, "{body}");
    }
    assert_eq!(api::repository_path("ml/team/train").unwrap(), "/api/v2.0/projects/ml/repositories/team%252Ftrain");
}
