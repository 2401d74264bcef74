//! AWS: Elastic Container Registry, private and public.
//!
//! moto is AWS, with its check of signatures and permissions switched on; `docker-registry`, which has the password
//! that moto gives, is the registry itself. What moto has not, named fakes have.

mod fakes;
mod logins;
mod machine;
mod public;

use std::fs;

use serde_json::json;

use crate::support::images::image::Image;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::moto::Moto;
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::Registry;

/// All that a push takes, and creating repositories.
const ALL: &str = "ecr:GetAuthorizationToken,ecr:DescribeRepositories,ecr:CreateRepository,sts:*";
/// All that a push takes.
const PUSHER: &str = "ecr:GetAuthorizationToken,ecr:DescribeRepositories,ecr:DescribeRepositoryCreationTemplates,sts:*";

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "ecr", "--as", "team/train"];

/// Stores a connector, unproved: the proof would go to AWS itself.
#[track_caller]
fn connector(home: &Home, method: &str, fields: &[&str]) {
    Connector::new("my-aws", "aws", method).more(fields).register(home);
}

/// Stores the keys of moto's user.
#[track_caller]
fn secret_key(home: &mut Home, moto: &Moto) {
    home.set("SECRET_OF_THE_TEST", moto.secret());
    let id = format!("--aws_access_key_id={}", moto.id());
    connector(home, "secret-key", &[&id, "--aws_secret_access_key=@env:SECRET_OF_THE_TEST"]);
}

/// Registers a registry as `ecr`, with moto in the place of AWS; unproved, so that a push meets what is wrong. Moto
/// gets signatures and tokens unless `more` opens it otherwise.
#[track_caller]
fn ecr(home: &Home, registry: &Registry, moto: &Moto, more: &[&str]) {
    let endpoint = moto.endpoint();
    let mut ecr = spec(registry).option("ecr-endpoint", endpoint).option("sts-endpoint", endpoint).more(more);
    if !more.contains(&endpoint) {
        ecr = ecr.allow_secret_host(endpoint);
    }
    ecr.register(home);
}

/// The registry `ecr`, as far as it is the same in all tests.
fn spec(registry: &Registry) -> RegistrySpec {
    RegistrySpec::new("ecr", "aws", registry.host()).connector("my-aws").option("region", "eu-west-1")
}

/// Stores keys that no account has.
#[track_caller]
fn unknown_keys(home: &Home) {
    connector(home, "secret-key", &["--aws_access_key_id=AKIAIOSFODNN7EXAMPLE", "--aws_secret_access_key=secret"]);
}

#[track_caller]
fn assert_pushed(registry: &Registry, image: &Image) {
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), image);
}

#[test]
fn an_image_goes_to_a_repository_that_is_there() {
    let (moto, registry) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let (mut home, image) = Home::with_image();
    secret_key(&mut home, &moto);
    ecr(&home, &registry, &moto, &[]);
    let pushed = home.ok(&PUSH);
    assert_pushed(&registry, &image);
    for shown in [&pushed.stdout, &pushed.stderr] {
        assert!(!shown.contains(moto.secret()) && !shown.contains("auth-token"), "{pushed}");
    }
}

#[test]
fn a_missing_repository_stops_the_push_before_any_byte() {
    let (moto, registry) = (Moto::start(PUSHER, &[]), Registry::with_ecr_token());
    let (mut home, _) = Home::with_image();
    secret_key(&mut home, &moto);
    ecr(&home, &registry, &moto, &[]);
    home.fails(3, &PUSH).says("`team/train`").says("--option create-repository=true");
    registry.assert_untouched();
}

#[test]
fn a_missing_repository_is_created_where_an_option_says_so() {
    let (moto, registry) = (Moto::start(ALL, &["other"]), Registry::with_ecr_token());
    let (mut home, image) = Home::with_image();
    secret_key(&mut home, &moto);
    let options = ["create-repository=true", "image-tag-mutability=immutable", "scan-on-push=true"];
    ecr(&home, &registry, &moto, &options.map(|option| ["--option", option]).concat());
    let pushed = home.ok(&PUSH);
    assert!(pushed.stderr.contains("created repository `team/train`"), "{pushed}");
    assert_pushed(&registry, &image);
    let created = json!({"imageTagMutability": "IMMUTABLE", "imageScanningConfiguration": {"scanOnPush": true}});
    assert_eq!(moto.repositories()["team/train"], created);
    // The second time it is there.
    let again = home.ok(&PUSH);
    assert!(!again.stderr.contains("created"), "{again}");
}

#[test]
fn a_wrong_secret_and_an_unknown_key_stop_the_push_before_any_byte() {
    let (moto, registry) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let (id, known) =
        (format!("--aws_access_key_id={}", moto.id()), format!("--aws_secret_access_key={}", moto.secret()));
    for (fields, words) in [
        ([id.as_str(), "--aws_secret_access_key=not-the-secret"], "SignatureDoesNotMatch"),
        (["--aws_access_key_id=AKIAUNKNOWNKEY000000", &known], "is invalid"),
    ] {
        let (home, _) = Home::with_image();
        connector(&home, "secret-key", &fields);
        ecr(&home, &registry, &moto, &[]);
        let refused = home.fails(4, &PUSH).says(words);
        assert!(!refused.stderr.contains("not-the-secret"), "{}", *refused);
        // No request reached the registry.
        assert_eq!(registry.requests(), [""; 0]);
    }
}

#[test]
fn a_missing_permission_is_named() {
    for (actions, more, missing) in [
        (PUSHER, "create-repository=true", "ecr:CreateRepository"),
        ("ecr:DescribeRepositories,ecr:CreateRepository,sts:*", "create-repository=true", "ecr:GetAuthorizationToken"),
    ] {
        let (moto, registry) = (Moto::start(actions, &[]), Registry::with_ecr_token());
        let (mut home, _) = Home::with_image();
        secret_key(&mut home, &moto);
        ecr(&home, &registry, &moto, &["--option", more]);
        let refused = home.fails(4, &PUSH);
        assert!(refused.hint().contains(&format!("`{missing}`")), "{}", *refused);
        registry.assert_untouched();
    }
}

#[test]
fn who_may_push_and_nothing_else_pushes_with_a_note() {
    // AWS's own policy for a push (its user guide, "IAM permissions for pushing an image") may not look.
    let (moto, registry) = (Moto::start("ecr:GetAuthorizationToken", &["team/train"]), Registry::with_ecr_token());
    for (option, note) in
        [("check-repository=false", "as `check-repository` says"), ("region=eu-west-1", "ecr:DescribeRepositories")]
    {
        let (mut home, image) = Home::with_image();
        secret_key(&mut home, &moto);
        ecr(&home, &registry, &moto, &["--option", option]);
        let pushed = home.ok(&PUSH);
        assert!(pushed.stderr.contains("was not looked at") && pushed.stderr.contains(note), "{pushed}");
        assert_pushed(&registry, &image);
    }
}

#[test]
fn a_registry_of_another_account_than_the_connector_s_is_named() {
    let (moto, registry) = (Moto::start(ALL, &["team/train"]), Registry::with_ecr_token());
    let (mut home, _) = Home::with_image();
    secret_key(&mut home, &moto);
    ecr(&home, &registry, &moto, &["--option=account=999999999999", "--option=create-repository=true"]);
    home.fails(4, &PUSH).says("`999999999999`").says("`123456789012`");
    registry.assert_untouched();
}

#[test]
fn temporary_keys_push_with_their_session_token_and_not_without() {
    let (moto, registry) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let (home, image) = Home::with_image();
    let id = format!("--aws_access_key_id={}", moto.fact("temporaryId"));
    let secret = format!("--aws_secret_access_key={}", moto.fact("temporarySecret"));
    let token = format!("--aws_session_token={}", moto.fact("temporaryToken"));
    connector(&home, "sts-token", &[&id, &secret, &token]);
    ecr(&home, &registry, &moto, &[]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
    // It is as secret as the key: it is never shown, and never sent to a host that was allowed without secrets.
    let shown = home.ok(&["connector", "describe", "my-aws", "--output=json"]);
    assert!(!shown.stdout.contains(moto.fact("temporaryToken")), "{shown}");
    home.ok(&["registry", "remove", "ecr"]);
    ecr(&home, &registry, &moto, &["--allow-host", moto.endpoint()]);
    home.fails(4, &PUSH).says("may not have this secret");
    let (other, _) = Home::with_image();
    connector(&other, "secret-key", &[&id, &secret]);
    ecr(&other, &registry, &moto, &[]);
    other.fails(2, &PUSH).says("`sts-token`");
}

#[test]
fn a_role_is_taken_on_for_a_push() {
    let (moto, registry) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let (home, image) = Home::with_image();
    let id = format!("--aws_access_key_id={}", moto.id());
    let secret = format!("--aws_secret_access_key={}", moto.secret());
    let role = format!("--role_arn={}", moto.fact("role"));
    let more = ["--external_id=x", "--role_session_name=ci@example.com", "--duration_seconds=900"];
    connector(&home, "iam-role", &[&[id.as_str(), &secret, &role], &more[..]].concat());
    ecr(&home, &registry, &moto, &[]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
}

#[test]
fn the_token_of_a_web_identity_goes_to_sts_alone_and_pushes() {
    let (moto, registry) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let (home, image) = Home::with_image();
    fs::write(home.path("token"), "eyJhbGciOiJub25lIn0.e30.c2ln").unwrap();
    let role = format!("--role_arn={}", moto.fact("role"));
    connector(&home, "web-identity", &[&role, "--web_identity_token=@token"]);
    ecr(&home, &registry, &moto, &[]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
    // A host that was opened without secrets does not get it.
    home.ok(&["registry", "remove", "ecr"]);
    ecr(&home, &registry, &moto, &["--allow-host", moto.endpoint()]);
    home.fails(4, &PUSH);
}

#[test]
fn a_connector_is_proved_and_its_registry_listed() {
    let moto = Moto::start("sts:*", &[]);
    let mut home = Home::new();
    secret_key(&mut home, &moto);
    home.ok(&["flavor", "grant", "aws", "--allow-secret-host", moto.endpoint()]);
    let option = format!("sts-endpoint={}", moto.endpoint());
    let proved = home.ok(&["connector", "verify", "my-aws", "--option", &option]);
    assert!(proved.stdout.contains("arn:aws:iam::123456789012:user/pusher"), "{proved}");
    let region = "--option=region=eu-west-1";
    let listed = home.ok(&["connector", "list-resources", "--option", &option, region]);
    assert!(listed.stdout.contains("123456789012.dkr.ecr.eu-west-1.amazonaws.com"), "{listed}");
    home.ok(&["connector", "remove", "my-aws"]);
    let id = format!("--aws_access_key_id={}", moto.id());
    connector(&home, "secret-key", &[&id, "--aws_secret_access_key=not-the-secret"]);
    home.fails(4, &["connector", "verify", "my-aws", "--option", &option]).says("SignatureDoesNotMatch");
}

#[test]
fn without_a_connector_docker_s_configuration_has_the_password() {
    let registry = Registry::with_ecr_token();
    let (home, image) = Home::with_image();
    home.ok(&["registry", "register", "ecr", "--flavor=aws", "--uri", registry.host(), "--option=region=eu-west-1"]);
    home.docker_login(registry.host(), "AWS", "123456789012-auth-token");
    let pushed = home.ok(&PUSH);
    assert!(pushed.stderr.contains("without a connector"), "{pushed}");
    assert_pushed(&registry, &image);
}
