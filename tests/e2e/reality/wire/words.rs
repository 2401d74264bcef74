//! A registry's own words, and whom they are about.

use super::fake::{Fake, reply, say};
use super::home;
use crate::support::programs::registry::{PASSWORD, USER};

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "local", "--as", "t:v3"];

#[test]
fn a_refusal_keeps_its_reason_with_and_without_credentials() {
    let fake = Fake::with(|asked| {
        let body = r#"{"errors":[{"code":"DENIED","message":"tag v3 is immutable."}]}"#;
        (asked.is("PUT", "/manifests/")).then(|| say(403, &[], body))
    });
    let home = home(&fake.host());
    let refused = home.fails(4, &PUSH);
    let error = refused.error();
    assert!(error.contains("refused manifest `v3` of `t`") && error.contains("without credentials"), "{}", *refused);
    assert!(error.ends_with("DENIED: tag v3 is immutable"), "{}", *refused);
    assert!(refused.hint().starts_with("if that is for the lack of a login"), "{}", *refused);
}

#[test]
fn a_refusal_names_whose_credentials_were_refused() {
    let fake = Fake::with(|asked| {
        let body = r#"{"errors":[{"code":"DENIED","message":"quota exceeded: 10 of 10 GB."}]}"#;
        match asked.headers.contains_key("authorization") {
            false => Some(reply(401, &[("www-authenticate", "Basic realm=x")])),
            true => asked.is("POST", "/").then(|| say(403, &[], body)),
        }
    });
    let home = home(&fake.host());
    let refused = home.fails(4, &PUSH);
    assert!(refused.error().ends_with("requires a login, and no credentials were found"), "{}", *refused);
    home.docker_login(&fake.host(), USER, PASSWORD);
    let refused = home.fails(4, &PUSH);
    assert!(refused.error().contains(&format!("doesn't let `{USER}` from `")), "{}", *refused);
    assert!(refused.error().ends_with("DENIED: quota exceeded: 10 of 10 GB"), "{}", *refused);
    assert!(refused.hint().starts_with("the reason is the registry's own"), "{}", *refused);
}

#[test]
fn credentials_that_every_request_refuses_are_found_out() {
    let fake = Fake::with(|asked| match asked.path.as_str() {
        "/v2/" => None,
        _ => Some(reply(401, &[("www-authenticate", "Basic realm=x")])),
    });
    let home = home(&fake.host());
    home.docker_login(&fake.host(), USER, PASSWORD);
    home.fails(4, &PUSH).says("refused the credentials of");
    assert!(fake.lines().iter().any(|line| line.starts_with("POST ")), "{:?}", fake.lines());
}
