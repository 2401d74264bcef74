//! Tokens that have ended when a push is in its middle.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::sts::Sts;
use super::{ecr, role, trust};
use crate::support::fakes::api::FakeApi;
use crate::support::fakes::auth_proxy::AuthProxy;
use crate::support::fakes::github_oidc::{GithubOidc, SUBJECT};
use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::{Registry, USER};

/// Keys as STS gives them.
const KEYS: &str = "<AssumeRoleWithWebIdentityResponse><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>\
                    <SecretAccessKey>key</SecretAccessKey><SessionToken>session</SessionToken></Credentials>\
                    </AssumeRoleWithWebIdentityResponse>";

#[test]
fn a_token_that_lives_three_seconds_is_issued_anew_in_the_middle_of_a_push() {
    let (github, registry) = (GithubOidc::start(), Registry::open());
    github.live_for(3);
    let refusal =
        ("403 Forbidden", r#"{"errors":[{"code":"DENIED","message":"Your authorization token has expired."}]}"#);
    let proxy = AuthProxy::before(&registry, refusal);
    let passwords = proxy.passwords();
    // After each use, four seconds pass for the provider and for those who verify its tokens.
    let clock = github.provider();
    let sts = Sts::start(github.provider(), &trust(SUBJECT), move |_| {
        clock.pass(4);
        KEYS.to_owned()
    });
    let issuing = Arc::clone(&passwords);
    let api = FakeApi::start(move |request| {
        let call = request.headers["x-amz-target"].to_str().unwrap().split_once('.').unwrap().1;
        let answer = match call {
            "DescribeRepositories" => json!({"repositories": [{"repositoryName": "team/train"}]}),
            "GetAuthorizationToken" => {
                let token = STANDARD.encode(format!("{USER}:{}", issuing.issue()));
                json!({"authorizationData": [{"authorizationToken": token, "expiresAt": 4_102_444_800.0}]})
            }
            other => panic!("nothing calls `{other}`"),
        };
        (200, Vec::new(), answer)
    });
    // Of several layers, which are sent at the same time.
    let (mut home, image) = (Home::new(), Image::new(here!()));
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    github.permit(&mut home);
    role("arn:aws:iam::123456789012:role/push").field("web-identity-token", "@oidc").register(&home);
    ecr(&home, &proxy.host(), &sts.url(), &api.url());
    passwords.revoke_at("PUT /v2/team/train/blobs/uploads/");
    home.ok(&super::PUSH);
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &image);
    // For what has to exist, for the credentials, and for those in their place: none was used twice.
    assert_eq!(passwords.issued(), 2);
    assert_eq!((github.issued().len(), sts.accepted()), (3, github.issued()));
    // What came of a token is kept for no other job.
    home.ok(&super::PUSH);
    assert_eq!(passwords.issued(), 3);
}
