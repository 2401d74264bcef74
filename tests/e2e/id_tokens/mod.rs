//! Id tokens of the machine in place of passwords: issued for each use by the CI system, held to what a service trusts,
//! renewed in mid-push, and seen nowhere but where the protocol wants them.

mod explain;
mod refusals;
mod renewal;
mod sources;
mod sts;

use std::fs;

use serde_json::Value;

use crate::support::fakes::github_oidc::{GithubOidc, REQUEST_TOKEN, SUBJECT};
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::moto::Moto;
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::Registry;
use sts::Sts;

/// The audience of STS.
const AUDIENCE: &str = "sts.amazonaws.com";

/// All that a push takes.
const PUSHER: &str = "ecr:GetAuthorizationToken,ecr:DescribeRepositories,sts:*";

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "ecr", "--as", "team/train"];

/// The trust policy of a role, as a user of AWS writes it.
fn trust(subject: &str) -> Value {
    const PROVIDER: &str = "token.actions.githubusercontent.com";
    serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": format!("arn:aws:iam::123456789012:oidc-provider/{PROVIDER}")},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {
            format!("{PROVIDER}:aud"): AUDIENCE,
            format!("{PROVIDER}:sub"): subject,
        }},
    }]})
}

/// Registers the registry `ecr`, with `sts` and `api` in the place of AWS.
#[track_caller]
fn ecr(home: &Home, registry: &str, sts: &str, api: &str) {
    let ecr = RegistrySpec::new("ecr", "aws", registry).connector("job").option("region", "eu-west-1");
    let ecr = ecr.option("sts-endpoint", sts).option("ecr-endpoint", api);
    ecr.allow_secret_host(sts).allow_host(api).register(home);
}

/// A connector of a role that is taken on with an id token.
fn role(arn: &str) -> Connector {
    Connector::new("job", "aws", "web-identity").field("role-arn", arn)
}

#[test]
fn a_job_that_holds_no_secret_but_its_request_token_pushes() {
    let (github, moto, registry) =
        (GithubOidc::start(), Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let sts = Sts::of_moto(github.provider(), &moto, &trust(SUBJECT));
    let (mut home, image) = Home::with_image();
    github.permit(&mut home);
    home.set("CRHOST_LOG", "trace");
    let mut said = vec![role(moto.fact("role")).field("web-identity-token", "@oidc").register(&home)];
    ecr(&home, registry.host(), &sts.url(), moto.endpoint());
    for arguments in [
        &PUSH[..],
        &["push", "oci:layout:v1", "--to", "ecr", "--as", "team/train", "-vv", "-o", "json"],
        &["connector", "describe", "job"],
        &["connector", "describe", "job", "-o", "json"],
        &["registry", "describe", "ecr", "-o", "json"],
        &["auth", "status", "-o", "json"],
    ] {
        said.push(home.ok(arguments));
    }
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &image);
    // One for each call of the flavor, each of them used and none kept.
    let issued = github.issued();
    assert!(issued.len() >= 4, "{}", issued.len());
    assert!(github.audiences().iter().all(|audience| audience == AUDIENCE), "{:?}", github.audiences());
    assert_eq!(sts.accepted(), issued);
    let secrets = issued.iter().map(String::as_str).chain([REQUEST_TOKEN]);
    for secret in secrets.map(Needle::new) {
        for finished in &said {
            secret.assert_not_in(&finished.bytes, "standard output");
            secret.assert_not_in(finished.stderr.as_bytes(), "standard error");
        }
        let files = secret.assert_not_below(&home.path(""));
        assert!(files > 5, "only {files} files were searched");
    }
}

#[test]
fn what_is_issued_is_shown_and_allowed_before() {
    let (github, mut home) = (GithubOidc::start(), Home::new());
    github.permit(&mut home);
    let arguments =
        ["connector", "register", "job", "--type=aws", "--auth-method=web-identity", "--role-arn=x", "--no-verify"];
    let refused = home.fails(2, &arguments).says("an id token of this machine for audience `sts.amazonaws.com`");
    assert!(refused.error().contains("which flavors don't see"), "{}", refused.error());
    assert!(refused.hint().contains("--allow-implicit"), "{}", refused.hint());
    home.ok(&[&arguments[..], &["--allow-implicit"]].concat());
    let shown = home.ok(&["connector", "describe", "job"]).stdout;
    assert!(shown.contains("read from an id token of this machine for audience `sts.amazonaws.com`"), "{shown}");
    let shown = home.ok(&["connector", "describe", "job", "-o", "json"]).json();
    let source = serde_json::json!({"id-token": {"audience": AUDIENCE}});
    let fields = shown["fields"].as_array().unwrap();
    let field = fields.iter().find(|field| field["name"] == "web-identity-token").unwrap();
    assert_eq!(field["sources"], Value::from(vec![source]), "{shown}");
    let described = home.ok(&["connector", "describe-type", "aws", "-a", "web-identity"]).stdout;
    assert!(described.contains("an id token of this machine for audience `sts.amazonaws.com`"), "{described}");
    // Nothing was issued to show it.
    assert_eq!(github.issued(), [""; 0]);
}

#[test]
fn an_audience_of_the_user_s_own_is_asked_for() {
    let (github, moto, registry) =
        (GithubOidc::start(), Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let mut policy = trust(SUBJECT).to_string();
    policy = policy.replace(AUDIENCE, "https://acme.example/aws");
    let sts = Sts::of_moto(github.provider(), &moto, &serde_json::from_str(&policy).unwrap());
    let (mut home, _) = Home::with_image();
    github.permit(&mut home);
    role(moto.fact("role")).field("web-identity-token", "@oidc:https://acme.example/aws").register(&home);
    ecr(&home, registry.host(), &sts.url(), moto.endpoint());
    home.ok(&PUSH);
    // What the provider's own words are, another audience is told in them.
    home.ok(&["connector", "update", "job", "--web-identity-token=@oidc", "--no-verify"]);
    home.fails(4, &PUSH).says("Incorrect token audience");
}

#[test]
fn what_takes_no_id_token_is_told_so() {
    let home = Home::new();
    let register = |more: &[&str]| {
        let arguments = ["connector", "register", "x", "--no-verify", "--type"];
        home.fails(2, &[&arguments[..], more].concat())
    };
    register(&["aws", "-a", "web-identity", "--role-arn=@oidc"]).says("takes no id token");
    let refused = register(&["docker", "-a", "password", "--username=a", "--password=@oidc"]);
    assert!(refused.hint().contains("--password=@oidc:AUDIENCE"), "{}", refused.hint());
    home.ok(&[
        "connector",
        "register",
        "x",
        "--no-verify",
        "--type=docker",
        "-a",
        "password",
        "--username=a",
        "--password=@oidc:registry.example",
    ]);
    fs::write(home.path("oidc"), "p").unwrap();
    home.ok(&["connector", "update", "x", "--no-verify", "--password=@./oidc"]);
}
