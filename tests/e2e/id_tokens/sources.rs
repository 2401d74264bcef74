//! Where id tokens are from: what each CI system and each user has, pushed with.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::sts::Sts;
use super::{AUDIENCE, PUSH, PUSHER, ecr, role, trust};
use crate::support::fakes::api::FakeApi;
use crate::support::fakes::github_oidc::{GithubOidc, SUBJECT};
use crate::support::fakes::pod::PodCluster;
use crate::support::judges::needle::Needle;
use crate::support::programs::crhost::Home;
use crate::support::programs::hint::obey;
use crate::support::programs::moto::Moto;
use crate::support::programs::registry::Registry;

/// A job of another system; its tokens are signed by the same provider.
struct Job {
    github: GithubOidc,
    sts: Sts,
    moto: Moto,
    registry: Registry,
    home: Home,
}

impl Job {
    fn new(from: &str) -> Self {
        let (github, moto, registry) =
            (GithubOidc::start(), Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
        let sts = Sts::of_moto(github.provider(), &moto, &trust(SUBJECT));
        let (home, _) = Home::with_image();
        let connector = role(moto.fact("role")).field("web-identity-token", "@oidc");
        connector.more(&["--id-token-from", from]).register(&home);
        ecr(&home, registry.host(), &sts.url(), moto.endpoint());
        Self { github, sts, moto, registry, home }
    }

    fn token(&self) -> String {
        self.github.provider().issue(AUDIENCE)
    }

    #[track_caller]
    fn pushes(&self) {
        self.home.ok(&PUSH);
        assert_eq!(self.registry.tags(), 1);
        assert!(self.sts.accepted().len() >= 2);
    }
}

#[test]
fn a_variable_of_gitlab_pushes_by_its_name_or_as_crhost_s_own() {
    let mut job = Job::new("env:AWS_ID_TOKEN");
    job.home.set("AWS_ID_TOKEN", job.token());
    job.pushes();
    let mut job = Job::new("auto");
    job.home.set("GITLAB_CI", "true");
    job.home.set("CI", "true");
    job.home.set("CRHOST_ID_TOKEN", job.token());
    job.pushes();
}

#[test]
fn a_file_that_a_cluster_renews_is_read_anew() {
    let job = Job::new("file:~/token");
    fs::write(job.home.path("home/token"), format!("{}\n", job.token())).unwrap();
    job.pushes();
    fs::write(job.home.path("home/token"), job.token()).unwrap();
    job.pushes();
    assert!(job.sts.accepted().last().unwrap() == job.github.issued().last().unwrap());
}

#[test]
fn the_file_that_a_profile_of_aws_names_is_followed_once_the_user_allowed_it() {
    let mut job = Job::new("auto");
    let file = job.home.path("home/a token");
    let role = job.moto.fact("role");
    fs::create_dir(job.home.path("home/.aws")).unwrap();
    let profile = format!("[profile ci]\nrole_arn = {role}\nweb_identity_token_file = {}\n", file.display());
    fs::write(job.home.path("home/.aws/config"), profile).unwrap();
    // What the environment names is for another role: a profile that the user named has precedence.
    fs::write(job.home.path("home/other"), "no token").unwrap();
    job.home.set("AWS_WEB_IDENTITY_TOKEN_FILE", job.home.path("home/other"));
    let register = ["connector", "register", "job", "--type=aws", "--auth-method=implicit", "--no-verify", "--replace"];
    job.home.ok(&[&register[..], &["--allow-implicit", "--profile-name=ci"]].concat());
    let refused = job.home.fails(4, &PUSH).says("it was not allowed to be read, or is not there");
    assert!(refused.error().contains(&format!("`{}`", file.display())), "{}", refused.error());
    obey(&job.home, &refused.hint().replace("update NAME", "update job --no-verify"));
    let shown = job.home.ok(&["connector", "describe", "job"]).stdout;
    assert!(shown.contains(&format!("read from {}", file.display())), "{shown}");
    job.home.fails(4, &PUSH).says("or is not there");
    fs::write(&file, job.token()).unwrap();
    job.pushes();
    // Read at each use: others renew it.
    fs::write(&file, job.token()).unwrap();
    job.pushes();
    assert!(job.sts.accepted().last().unwrap() == job.github.issued().last().unwrap());
    Needle::new(&job.token()).assert_not_below(&job.home.path("crhost"));
}

#[test]
fn azure_pipelines_is_asked_in_its_own_way() {
    let mut job = Job::new("auto");
    let provider = job.github.provider();
    let pipelines = FakeApi::start(move |request| {
        assert_eq!(request.authorization(), "Bearer access-token-of-the-job");
        (200, Vec::new(), serde_json::json!({"oidcToken": provider.issue(AUDIENCE)}))
    });
    job.home.set("SYSTEM_OIDCREQUESTURI", format!("{}/oidctoken", pipelines.url()));
    let refused = job.home.fails(4, &PUSH).says("`SYSTEM_ACCESSTOKEN` is not set");
    assert!(refused.hint().contains("$(System.AccessToken)"), "{}", refused.hint());
    job.home.set("SYSTEM_ACCESSTOKEN", "access-token-of-the-job");
    job.home.set("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "c-1");
    job.pushes();
    assert_eq!(pipelines.lines()[0], "POST /oidctoken?api-version=7.1&serviceConnectionId=c-1");
}

#[test]
fn programs_that_the_user_allowed_are_asked_for_the_audience() {
    for (from, program, arguments) in [
        ("buildkite", "buildkite-agent", "oidc request-token --audience sts.amazonaws.com"),
        ("circleci", "circleci", r#"run oidc get --claims {"aud":"sts.amazonaws.com"}"#),
        ("command:my-tokens --for={audience}", "my-tokens", "--for=sts.amazonaws.com"),
    ] {
        let mut job = Job::new(from);
        let directory = job.home.path("programs");
        fs::create_dir(&directory).unwrap();
        let (token, asked) = (job.token(), job.home.path("asked"));
        let script = format!("#!/bin/sh\necho \"$*\" > {}\necho {token}\n", asked.display());
        fs::write(directory.join(program), script).unwrap();
        fs::set_permissions(directory.join(program), fs::Permissions::from_mode(0o755)).unwrap();
        job.home.prepend_path(&directory);
        job.pushes();
        assert_eq!(fs::read_to_string(asked).unwrap().trim(), arguments);
        let shown = job.home.ok(&["connector", "describe", "job"]).stdout;
        assert!(
            shown.contains(&format!("by its program `{program}`")) || shown.contains("the program `my-tokens"),
            "{shown}"
        );
    }
}

#[test]
fn the_metadata_of_google_s_clouds_is_asked_where_the_user_named_it() {
    let mut job = Job::new("google");
    let provider = job.github.provider();
    let metadata = crate::support::fakes::web::Web::serve(axum::Router::new().route(
        "/computeMetadata/v1/instance/service-accounts/default/identity",
        axum::routing::get(move |headers: axum::http::HeaderMap, uri: axum::http::Uri| async move {
            assert_eq!(headers["metadata-flavor"], "Google");
            assert_eq!(uri.query(), Some("audience=sts.amazonaws.com&format=full"));
            provider.issue(AUDIENCE)
        }),
    ));
    job.home.set("GCE_METADATA_HOST", metadata.host());
    job.pushes();
}

#[test]
fn a_pod_s_own_account_requests_tokens_of_the_cluster() {
    let mut job = Job::new("kubernetes");
    let refused = job.home.fails(4, &PUSH).says("no pod with the token of a service account");
    assert!(refused.hint().contains("file:PATH"), "{}", refused.hint());
    let pod = PodCluster::of(&mut job.home, &job.github);
    pod.refuse(true);
    let refused = job.home.fails(4, &PUSH).says("serviceaccounts \"push\" is forbidden");
    assert!(refused.hint().contains("serviceaccounts/token"), "{}", refused.hint());
    pod.refuse(false);
    job.pushes();
}
