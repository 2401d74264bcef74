//! Keys that stand ready on the user's machine: variables, and the profiles of AWS's own tools.

use std::fs;

use super::{PUSH, PUSHER, assert_pushed, connector, ecr, spec};
use crate::support::programs::crhost::Home;
use crate::support::programs::moto::Moto;
use crate::support::programs::peers;
use crate::support::programs::registry::Registry;

#[test]
fn keys_are_found_in_the_environment_once_that_is_allowed() {
    let (moto, registry) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let (mut home, image) = Home::with_image();
    home.set("AWS_ACCESS_KEY_ID", moto.fact("temporaryId"));
    home.set("AWS_SECRET_ACCESS_KEY", moto.fact("temporarySecret"));
    home.set("AWS_SESSION_TOKEN", moto.fact("temporaryToken"));
    home.fails(2, &["connector", "register", "my-aws", "--type=aws", "--auth-method=implicit"])
        .says("--allow-implicit");
    connector(&home, "implicit", &["--allow-implicit"]);
    ecr(&home, &registry, &moto, &[]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
}

#[test]
fn botocore_itself_takes_keys_from_where_the_table_of_the_unit_tests_says() {
    peers::assert_table("flavors/aws/src/profile/vectors.py", "flavors/aws/src/profile/vectors.json");
}

#[test]
fn a_profile_s_role_is_taken_on_with_the_keys_of_another_profile() {
    let (moto, registry) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let (home, image) = Home::with_image();
    let (id, secret, role) = (moto.id(), moto.secret(), moto.fact("role"));
    fs::create_dir(home.path("home/.aws")).unwrap();
    let keys = format!("[base]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    fs::write(home.path("home/.aws/credentials"), keys).unwrap();
    let config = format!("[default]\nregion = us-east-1\n\n[profile ci]\nrole_arn = {role}\nsource_profile = base\n");
    fs::write(home.path("home/.aws/config"), config).unwrap();
    connector(&home, "implicit", &["--allow-implicit", "--profile_name=ci"]);
    ecr(&home, &registry, &moto, &[]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
}

#[test]
fn a_region_of_the_connector_or_of_its_profile_that_does_not_exist_is_named_before_any_request() {
    let home = Home::new();
    let keys = ["--aws_access_key_id=AKIAIOSFODNN7EXAMPLE", "--aws_secret_access_key=secret", "--region=eu-wst-1"];
    let register = ["connector", "register", "my-aws", "--type=aws"];
    let refused = home.fails(2, &[&register[..], &["--auth-method=secret-key"], &keys].concat()).says("`eu-wst-1`");
    assert!(refused.hint().contains("did you mean `eu-west-1`"), "{}", *refused);
    fs::create_dir(home.path("home/.aws")).unwrap();
    fs::write(home.path("home/.aws/config"), "[profile ci]\nregion = eu-wst-1\n").unwrap();
    let refused =
        home.fails(2, &[&register[..], &["--auth-method=implicit", "--allow-implicit", "--profile_name=ci"]].concat());
    assert!(refused.error().contains("profile `ci`"), "{}", *refused);
    assert!(refused.hint().contains("did you mean `eu-west-1`"), "{}", *refused);
}

#[test]
fn a_profile_with_a_role_and_nobody_s_keys_for_it_is_refused() {
    let home = Home::new();
    fs::create_dir(home.path("home/.aws")).unwrap();
    let keys = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n";
    let profile = format!("[ci]\nrole_arn = arn:aws:iam::123456789012:role/push\n{keys}");
    fs::write(home.path("home/.aws/credentials"), profile).unwrap();
    let command = ["connector", "register", "my-aws", "--type=aws", "--auth-method=implicit"];
    home.fails(2, &[&command[..], &["--allow-implicit", "--profile_name=ci"]].concat()).says("`source_profile`");
}

#[test]
fn addresses_of_the_environment_and_of_the_profile_are_followed_where_they_were_granted() {
    let (moto, registry) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let (mut home, image) = Home::with_image();
    home.set("AWS_ACCESS_KEY_ID", moto.id());
    home.set("AWS_SECRET_ACCESS_KEY", moto.secret());
    home.set("AWS_ENDPOINT_URL", moto.endpoint());
    connector(&home, "implicit", &["--allow-implicit"]);
    spec(&registry).register(&home);
    let refused = home.fails(4, &PUSH).says(moto.endpoint());
    for words in ["`AWS_ENDPOINT_URL`", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"] {
        assert!(refused.error().contains(words), "{words}: {}", *refused);
    }
    assert!(refused.hint().contains("the option `--allow-secret-host` opens a host"), "{}", *refused);
    registry.assert_untouched();
    home.ok(&["flavor", "grant", "aws", "--registry", "ecr", "--allow-secret-host", moto.endpoint()]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
    // The profile, below a name of its own: what is for another service is not followed.
    home.set("AWS_ENDPOINT_URL", "");
    let endpoint = moto.endpoint();
    fs::create_dir_all(home.path("home/.aws")).unwrap();
    let config = format!(
        "[default]\nservices = local\ns3 =\n  endpoint_url = http://127.0.0.1:9\n\n\
         [services local]\necr =\n  endpoint_url = {endpoint}\nsts =\n  endpoint_url = {endpoint}\n"
    );
    fs::write(home.path("home/.aws/config"), config).unwrap();
    home.ok(&["push", "oci:layout:v1", "--to", "ecr", "--as", "team/train:v2"]);
    assert_eq!(registry.tags(), 2);
}
