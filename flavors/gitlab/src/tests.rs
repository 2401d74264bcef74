use crhost_flavor::FailureKind;
use crhost_flavor::http::{Error, Method};
use crhost_flavor::testing::{
    Host, answer, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors, connector, image,
    operations, options, registry,
};

use super::*;

#[test]
fn asks_for_these_operations_and_no_other() {
    let job = "GET https://gitlab.com|<gitlab-endpoint> /api/v4/job; token in `job-token: …`";
    assert_eq!(
        operations::<GitLab>(),
        [
            "gitlab/deploy-token: token is the registry's password",
            "gitlab/personal-token check-project: GET https://gitlab.com|<gitlab-endpoint> /api/v4/projects/*; \
             token in `private-token: …`",
            "gitlab/personal-token check-protection: GET https://gitlab.com|<gitlab-endpoint> \
             /api/v4/projects/*/registry/protection/repository/rules; token in `private-token: …`",
            "gitlab/personal-token check-tag-protection: GET https://gitlab.com|<gitlab-endpoint> \
             /api/v4/projects/*/registry/protection/tag/rules; token in `private-token: …`",
            "gitlab/personal-token identify: GET https://gitlab.com|<gitlab-endpoint> /api/v4/user; \
             token in `private-token: …`",
            "gitlab/personal-token: token is the registry's password",
            &format!("gitlab/job-token identify: {job}"),
            "gitlab/job-token: token is the registry's password",
            &format!(
                "gitlab/implicit identify: {}",
                job.replace("<gitlab-endpoint>", "<gitlab-endpoint>|<gitlab-url>")
            ),
            "gitlab/implicit: token is the registry's password",
            "docker/password: password is the registry's password",
        ]
    );
}

#[test]
fn registries_are_accepted_in_canonical_form() {
    assert_accepts::<GitLab>(&[
        ("registry.gitlab.com/acme/ml", "registry.gitlab.com/acme/ml", 0),
        ("registry.gitlab.com/acme/team/ml/train/cpu", "registry.gitlab.com/acme/team/ml/train/cpu", 0),
        ("Registry.GitLab.com:443/acme///", "registry.gitlab.com/acme", 0),
        ("registry.gitlab.com", "registry.gitlab.com", 1),
        ("registry.gitlab.com/", "registry.gitlab.com", 1),
        ("registry.example.com:5050/acme/ml", "registry.example.com:5050/acme/ml", 0),
        ("gitlab.example.com:5050/acme", "gitlab.example.com:5050/acme", 0),
        ("192.168.1.100:9000/x", "192.168.1.100:9000/x", 0),
        ("localhost:5000/foo", "localhost:5000/foo", 0),
        ("LOCALHOST:5000", "localhost:5000", 0),
        ("[::1]:5000/x", "[::1]:5000/x", 0),
        ("host.docker.internal:5000/x", "host.docker.internal:5000/x", 0),
        ("selfhosted_harbor.com/x", "selfhosted_harbor.com/x", 1),
    ]);
    assert_examples::<GitLab>();
    for uri in GitLab::describe().uri_examples {
        assert!(GitLab::validate_uri(uri).unwrap().warnings.is_empty());
    }
}

#[test]
fn what_is_no_gitlab_is_refused_with_the_corrected_form() {
    assert_refuses::<GitLab>(&[
        ("gitlab.com/acme/ml", "did you mean `registry.gitlab.com/acme/ml`"),
        ("docker.gitlab.com/acme/ml", "did you mean `registry.gitlab.com/acme/ml`"),
        ("registry.gitlab.io/acme", "did you mean `registry.gitlab.com/acme`"),
        ("registry.gitlab.co/acme", "did you mean `registry.gitlab.com/acme`"),
        ("regisrty.gitlab.com/acme", "did you mean `registry.gitlab.com/acme`"),
        ("registry.gitlba.com/acme", "did you mean `registry.gitlab.com/acme`"),
        ("registry.gitlab.com.evil.example/acme", "did you mean `registry.gitlab.com/acme`"),
        ("registry.gitlab.com:5050/acme", "`registry.gitlab.com/acme`"),
        ("registry.gitlab.com/Acme/ML", "`registry.gitlab.com/acme/ml`"),
        ("registry.example.com:5050/Acme", "`registry.example.com:5050/acme`"),
        ("registry.gitlab.com/acme/ml:v1", "`registry.gitlab.com/acme/ml`"),
        ("https://registry.gitlab.com/acme", "`registry.gitlab.com/acme`"),
        ("http://registry.example.com:5050/acme/", "`registry.example.com:5050/acme`"),
        ("docker.io/zenml", "`dockerhub`"),
        ("quay.io/acme", "`quay`"),
        ("ghcr.io/acme", "`github`"),
        ("gcr.io/my-proj", "`gcp`"),
        ("europe-docker.pkg.dev/p/r", "`gcp`"),
        ("zenml.azurecr.io", "`azure`"),
        ("123456789.dkr.ecr.us-east-1.amazonaws.com", "`aws`"),
        ("public.ecr.aws/acme", "`aws`"),
        ("registry.digitalocean.com/my-registry", "`digitalocean`"),
        ("registry.cloudflare.com/023e105f4ecef8ad9ca31a8372d0c353", "`cloudflare`"),
        ("acme/ml", "`registry.gitlab.com/acme/ml`"),
        ("::1", "`[::1]`"),
        ("localhost:99999", "e.g."),
        ("", "e.g."),
        ("www.gitlab.com/acme", "did you mean `registry.gitlab.com/acme`"),
        ("gitlab.io/acme", "did you mean `registry.gitlab.com/acme`"),
    ]);
}

#[test]
fn registries_that_only_one_flavor_knew_are_known_here_too() {
    assert_refuses::<GitLab>(&[
        ("contoso.azurecr.cn/x", "`azure`"),
        ("123456789012.dkr-ecr.us-west-2.on.aws", "`aws`"),
        ("us.icr.io/acme", "`ibm`"),
        ("docker.com/acme", "`dockerhub`"),
    ]);
}

#[test]
fn a_project_has_a_group_and_at_most_two_names_below() {
    assert_eq!(api::projects(&["a", "b"]), ["a/b"]);
    assert_eq!(api::projects(&["a", "b", "c"]), ["a/b/c", "a/b"]);
    assert_eq!(api::projects(&["a", "b", "c", "d", "e"]), ["a/b/c/d/e", "a/b/c/d", "a/b/c"]);
}

#[test]
fn answers_of_the_api_say_whether_a_push_can_succeed() {
    let project = |status, body: &str| api::has_registry(&answer(status, body), "a/b");
    assert_eq!(project(200, r#"{"container_registry_access_level":"enabled"}"#), Ok(None));
    let role =
        |project: &str, group: &str| project_of(&format!(r#""project_access":{project},"group_access":{group}"#));
    assert_eq!(role("null", "null"), None);
    assert_eq!(role(r#"{"access_level":20}"#, r#"{"access_level":30}"#), None);
    assert!(role(r#"{"access_level":20}"#, "null").unwrap().contains("`Developer`"));
    assert!(project(403, r#"{"message":"403 Forbidden"}"#).unwrap().unwrap().contains("403 Forbidden"));
    for (status, body, kind, words) in [
        (200, r#"{"container_registry_access_level":"disabled"}"#, FailureKind::Denied, "switched off"),
        (200, r#"{"container_registry_enabled":false}"#, FailureKind::Denied, "switched off"),
        (200, r#"{"cont"#, FailureKind::Other, "something else"),
        (200, "[]", FailureKind::Other, "something else"),
        (401, r#"{"message":"401 Unauthorized"}"#, FailureKind::Unauthenticated, "401 Unauthorized"),
        (429, "", FailureKind::RateLimited, "429"),
        (502, "<html>", FailureKind::Unavailable, "502"),
    ] {
        let failure = project(status, body).unwrap_err();
        assert_eq!(failure.kind, kind, "{status} {body}");
        assert!(failure.message.contains(words), "{}", failure.message);
    }
}

fn project_of(permissions: &str) -> Option<String> {
    api::has_registry(&answer(200, &format!(r#"{{"permissions":{{{permissions}}}}}"#)), "a/b").unwrap()
}

#[test]
fn a_job_pushes_to_its_own_project_or_where_it_is_allowed() {
    let job = |status, body: &str, image: &[&str]| api::own_project(&answer(status, body), image);
    let of_ml = r#"{"id":8,"name":"build","web_url":"https://gitlab.example.com/Acme/ml/-/jobs/8"}"#;
    assert_eq!(job(200, of_ml, &["acme", "ml"]), Ok(None));
    assert_eq!(job(200, of_ml, &["acme", "ml", "train"]), Ok(None));
    assert_eq!(job(200, "{}", &["acme", "ml"]), Ok(None));
    for image in [["acme", "other"], ["acme", "xml"], ["zacme", "ml"]] {
        assert!(job(200, of_ml, &image).unwrap().unwrap().contains("allowlist"), "{image:?}");
    }
    assert!(job(404, r#"{"message":"404 Not Found"}"#, &["acme", "ml"]).unwrap().unwrap().contains("not checked"));
    assert_eq!(job(401, "{", &["acme", "ml"]).unwrap_err().kind, FailureKind::Unauthenticated);
    assert_eq!(job(200, "{", &["acme", "ml"]).unwrap_err().kind, FailureKind::Other);
}

#[test]
fn a_password_of_any_registry_and_a_deploy_token_are_not_proved_at_gitlab() {
    for method in ["password", "deploy-token"] {
        for options in [Options::default(), options(&[(ENDPOINT, GITLAB_COM)])] {
            assert_eq!(
                GitLab::identify(connector(method, &[]), &options).unwrap_err().kind,
                FailureKind::Unsupported,
                "{method}"
            );
        }
    }
}

#[test]
fn what_stands_in_the_place_of_a_job_s_token_is_not_taken_for_one() {
    let of_user = |username: &str| kind(&connector(IMPLICIT, &[("username", username)]));
    assert_eq!(of_user("gitlab-ci-token"), Some(Kind::Job));
    assert_eq!(of_user("gitlab+deploy-token-7"), None);
    assert_eq!(kind(&connector(IMPLICIT, &[])), Some(Kind::Job));
}

#[test]
fn a_token_is_shown_only_to_the_gitlab_that_is_known_to_be_meant() {
    for method in [PERSONAL, JOB] {
        let connector = || connector(method, &[]);
        let failure = GitLab::identify(connector(), &Options::default()).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unsupported, "{method}");
        assert!(failure.hint.unwrap().contains("--option gitlab-endpoint=https://gitlab.com"));
        let registry = registry("registry.example.com/acme", &[]);
        let image = image("registry.example.com", "acme/ml");
        let prepared = GitLab::prepare_image_push(registry, Some(connector()), image).unwrap();
        assert!(prepared.notes.iter().any(|note| note.contains("`gitlab-endpoint`")), "{:?}", prepared.notes);
    }
    assert_eq!(endpoint(&Options::default(), uri::REGISTRY).as_deref(), Some(GITLAB_COM));
    assert_eq!(endpoint(&Options::default(), "registry.gitlab.com.evil.example"), None);
}

#[test]
fn an_image_is_in_a_group_and_a_project() {
    let registry = registry("registry.gitlab.com", &[]);
    let failure = GitLab::prepare_image_push(registry, None, image(uri::REGISTRY, "train")).unwrap_err();
    assert_eq!(failure.kind, FailureKind::InvalidInput);
    assert!(failure.hint.unwrap().contains("`registry.gitlab.com/<group>/<project>/train`"));
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<GitLab>();
}

#[test]
fn a_rule_that_protects_the_repository_is_told_before_the_push() {
    let project =
        |level: u64| answer(200, &format!(r#"{{"permissions":{{"project_access":{{"access_level":{level}}}}}}}"#));
    let rules = |pattern: &str, role: &str| {
        answer(200, &format!(r#"[{{"repository_path_pattern":"{pattern}","minimum_access_level_for_push":"{role}"}}]"#))
    };
    let noted = |pattern: &str, role: &str, level| {
        api::protected(&rules(pattern, role), &project(level), "acme/ml/train").is_some()
    };
    assert!(
        noted("acme/ml/train", "owner", 40) && noted("acme/ml/*", "admin", 50) && noted("acme/*/train", "owner", 30)
    );
    assert!(!noted("acme/ml/train", "maintainer", 40) && !noted("acme/ml/other", "owner", 40));
    for body in ["{}", "[]", "<html>", r#"[{"repository_path_pattern":null}]"#] {
        assert_eq!(api::protected(&answer(403, body), &project(30), "acme/ml/train"), None, "{body}");
    }
}

#[test]
fn a_rule_that_protects_the_tag_is_told_before_the_push() {
    let project =
        |level: u64| answer(200, &format!(r#"{{"permissions":{{"project_access":{{"access_level":{level}}}}}}}"#));
    let note = |rule: &str, level, tag| api::protected_tag(&answer(200, &format!("[{rule}]")), &project(level), tag);
    let rule = r#"{"tag_name_pattern":"^v[0-9]+$","minimum_access_level_for_push":"maintainer"}"#;
    assert!(note(rule, 30, "v1").unwrap().contains("takes the role `maintainer`"));
    assert_eq!((note(rule, 40, "v1"), note(rule, 30, "latest")), (None, None));
    let immutable = r#"{"tag_name_pattern":"^v[0-9]+$","minimum_access_level_for_push":null}"#;
    assert!(note(immutable, 50, "v1").unwrap().contains("are immutable: GitLab takes `v1` once"));
    assert_eq!(note(r#"{"tag_name_pattern":"^(v1)$","minimum_access_level_for_push":null}"#, 50, "v1"), None);
    for body in ["{}", "<html>", "[1]"] {
        assert_eq!(api::protected_tag(&answer(403, body), &project(30), "v1"), None, "{body}");
    }
}

#[test]
fn the_programs_that_print_tokens_are_as_crhost_wants_them() {
    crhost_flavor::testing::assert_commands::<GitLab>();
}

#[test]
fn a_job_says_where_its_own_gitlab_is() {
    let job = |registry: &str| connector(IMPLICIT, &[(SERVER_URL, "https://git.example/"), (JOB_REGISTRY, registry)]);
    let own = job("registry.example:5050");
    assert_eq!(of_job(&own, "registry.example:5050"), Some("https://git.example"));
    assert_eq!(of_job(&own, "registry.example"), None);
    assert_eq!(of_job(&connector(IMPLICIT, &[(SERVER_URL, "https://git.example")]), "registry.example"), None);
    // An address that is closed stops no push.
    let closed = Error::Denied("`git.example` is closed".to_owned());
    let host = Host::at(0).fails(Method::Get, "https://git.example/api/v4/job", closed);
    let connector = job("registry.example").with_secret("token", host.secret("t"));
    let (registry, image) = (registry("registry.example/acme", &[]), image("registry.example", "acme/ml"));
    let prepared = GitLab::prepare_image_push(registry, Some(connector), image).unwrap();
    assert!(prepared.notes[0].contains("--allow-secret-host $CI_SERVER_URL"), "{:?}", prepared.notes);
}
