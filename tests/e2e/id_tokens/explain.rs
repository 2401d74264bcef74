//! What the cloud has to trust, in the words of the flavor: proved with the policy that is printed.

use serde_json::Value;

use super::sts::Sts;
use super::{AUDIENCE, PUSH, PUSHER, ecr, role};
use crate::support::fakes::github_oidc::{GithubOidc, ISSUER, SUBJECT};
use crate::support::programs::crhost::Home;
use crate::support::programs::moto::Moto;
use crate::support::programs::registry::Registry;

/// The policy among instructions.
fn policy(explained: &Value) -> Value {
    let instructions = explained["instructions"].as_array().unwrap();
    let text = instructions.iter().find(|one| one["summary"] == "the trust policy of the role `push`");
    serde_json::from_str(text.unwrap()["text"].as_str().unwrap()).unwrap()
}

#[test]
fn the_policy_that_is_printed_lets_this_branch_in_and_no_other() {
    let (github, moto, registry) =
        (GithubOidc::start(), Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let (mut home, _) = Home::with_image();
    github.permit(&mut home);
    role(moto.fact("role")).field("web-identity-token", "@oidc").register(&home);
    let explained = home.ok(&["connector", "explain", "job", "-o", "json"]).json();
    assert_eq!(explained["subject"], SUBJECT);
    let sts = Sts::of_moto(github.provider(), &moto, &policy(&explained));
    ecr(&home, registry.host(), &sts.url(), moto.endpoint());
    home.ok(&PUSH);
    // A pull request of the same repository is somebody else.
    github.claim(serde_json::json!({"sub": "repo:acme/train:pull_request"}));
    home.fails(4, &PUSH).says("Not authorized to perform sts:AssumeRoleWithWebIdentity");
}

#[test]
fn outside_of_a_job_the_user_says_whom_tokens_are_about() {
    let home = Home::new();
    role("arn:aws:iam::123456789012:role/push").field("web-identity-token", "@oidc").register(&home);
    let refused = home.fails(2, &["connector", "explain", "job"]).says("whom the tokens of connector `job` are about");
    assert!(
        refused.hint().contains("--issuer https://token.actions.githubusercontent.com --subject "),
        "{}",
        refused.hint()
    );
    let said = ["connector", "explain", "job", "--issuer", ISSUER, "--subject", SUBJECT];
    let shown = home.ok(&said).stdout;
    for words in [
        format!("aws iam create-open-id-connect-provider --url {ISSUER} --client-id-list {AUDIENCE}"),
        "# the trust policy of the role `push`".to_owned(),
        format!("          \"token.actions.githubusercontent.com:sub\": \"{SUBJECT}\""),
        "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com".to_owned(),
    ] {
        assert!(shown.contains(&words), "{shown}");
    }
    let json = home.ok(&[&said[..], &["-o", "json"]].concat()).json();
    assert_eq!(
        (&json["issuer"], &json["audience"], &json["flavor"]),
        (&ISSUER.into(), &AUDIENCE.into(), &"aws".into())
    );
    assert_eq!(policy(&json)["Version"], "2012-10-17");
}

#[test]
fn a_connector_without_an_id_token_needs_no_trust() {
    let home = Home::new();
    home.ok(&["connector", "register", "x", "--no-verify", "--type=docker", "--username=a", "--password=b"]);
    home.fails(2, &["connector", "explain", "x", "--flavor=default"])
        .says("no field of connector `x` takes an id token");
    home.ok(&["connector", "update", "x", "--no-verify", "--password=@oidc:registry.example"]);
    let said = ["connector", "explain", "x", "--flavor=default", "--issuer=https://a.example", "--subject=b"];
    home.fails(2, &said).says("is not known");
}
