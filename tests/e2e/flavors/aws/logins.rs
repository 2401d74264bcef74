//! Logins that are there already: of IAM Identity Center, whose portal a named fake stands for, and of AWS's own
//! program, which a named fake stands for, too. Both give the keys of moto's role.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::{PUSH, PUSHER, assert_pushed, connector, ecr};
use crate::support::fakes::api::FakeApi;
use crate::support::judges::needle::Needle;
use crate::support::programs::crhost::Home;
use crate::support::programs::moto::Moto;
use crate::support::programs::registry::Registry;

/// SHA-1 of `my-sso`: botocore names the login of a session so (`tokens.py`).
const FILE: &str = "0ad374308c5a4e22f723adf10145eafad7c4031c.json";

const TOKEN: &str = "aoaAAAAAGZ-login/of+identity-center~42";

/// As `aws configure sso` writes it.
const CONFIG: &str = "[profile dev]\nsso_session = my-sso\nsso_account_id = 123456789012\nsso_role_name = push\n\
                      [sso-session my-sso]\nsso_start_url = https://d-1234567890.awsapps.com/start\nsso_region = eu-west-1\n\
                      sso_registration_scopes = sso:account:access\n";

/// A fake of the portal, which gives one login the keys of one role (botocore's model of `sso`, `GetRoleCredentials`).
fn portal(moto: &Moto) -> FakeApi {
    let keys = json!({"roleCredentials": {
        "accessKeyId": moto.fact("temporaryId"),
        "secretAccessKey": moto.fact("temporarySecret"),
        "sessionToken": moto.fact("temporaryToken"),
        "expiration": 4_070_908_800_000_u64,
    }});
    FakeApi::start(move |request| {
        if request.headers.get("x-amz-sso_bearer_token").is_none_or(|token| token != TOKEN) {
            let words = json!({"message": "Session token not found or invalid", "__type": "UnauthorizedException"});
            return (401, Vec::new(), words);
        }
        match request.line.as_str() {
            "GET /federation/credentials?role_name=push&account_id=123456789012" => (200, Vec::new(), keys.clone()),
            _ => (403, Vec::new(), json!({"message": "No access"})),
        }
    })
}

/// Writes AWS's file of settings, and a login into the cache.
fn write(home: &Home, config: &str, login: Option<&Value>) {
    fs::create_dir_all(home.path("home/.aws/sso/cache")).unwrap();
    fs::write(home.path("home/.aws/config"), config).unwrap();
    if let Some(login) = login {
        fs::write(home.path("home/.aws/sso/cache").join(FILE), login.to_string()).unwrap();
    }
    // As botocore keeps its registration beside it.
    let registration = json!({"clientId": "c", "clientSecret": "s", "expiresAt": "2099-01-01T00:00:00Z"});
    fs::write(home.path("home/.aws/sso/cache/botocore-client-id-eu-west-1.json"), registration.to_string()).unwrap();
}

fn login(token: &str, end: &str) -> Value {
    json!({
        "startUrl": "https://d-1234567890.awsapps.com/start",
        "region": "eu-west-1",
        "accessToken": token,
        "expiresAt": end,
        "refreshToken": "r",
    })
}

#[test]
fn a_login_to_identity_center_gives_the_keys_of_its_role() {
    let (moto, registry) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let (portal, (mut home, image)) = (portal(&moto), Home::with_image());
    write(&home, CONFIG, Some(&login(TOKEN, "2099-01-01T00:00:00Z")));
    home.set("CRHOST_LOG", "trace");
    connector(&home, "implicit", &["--allow-implicit", "--profile_name=dev"]);
    let shown = home.ok(&["connector", "describe", "my-aws"]).stdout;
    assert!(shown.contains("read from ~/.aws/sso/cache/*.json"), "{shown}");
    let url = portal.url();
    ecr(&home, &registry, &moto, &["--option", &format!("sso-endpoint={url}"), "--allow-secret-host", &url]);
    // `more` opens the registry otherwise where it names moto; here it doesn't.
    let pushed = home.ok(&PUSH);
    assert_pushed(&registry, &image);
    assert!(portal.lines().iter().all(|line| line.starts_with("GET /federation/credentials?")), "{:?}", portal.lines());
    let token = Needle::new(TOKEN);
    token.assert_not_in(pushed.stderr.as_bytes(), "the log");
    token.assert_not_below(&home.path("crhost"));
    for (config, token, end, code, words) in [
        (CONFIG.to_owned(), TOKEN, "2020-01-01T00:00:00Z", 4, "IAM Identity Center ended at `2020-01-01T00:00:00Z`"),
        (CONFIG.to_owned(), "another", "2099-01-01T00:00:00Z", 4, "no more: Session token not found or invalid"),
        (
            CONFIG.replace("= push", "= other"),
            TOKEN,
            "2099-01-01T00:00:00Z",
            4,
            "role `other` in account `123456789012`",
        ),
        (CONFIG.replace("sso_region", "region"), TOKEN, "2099-01-01T00:00:00Z", 2, "has `sso_region`"),
    ] {
        write(&home, &config, Some(&login(token, end)));
        let refused = home.fails(code, &PUSH).says(words);
        assert!(refused.hint().contains("aws ") || code == 4, "{}", *refused);
    }
    write(&home, CONFIG, None);
    fs::remove_file(home.path("home/.aws/sso/cache").join(FILE)).unwrap();
    let refused = home.fails(4, &PUSH).says("is not logged in to IAM Identity Center");
    assert!(refused.hint().contains("`aws sso login --profile dev`"), "{}", *refused);
}

#[test]
fn aws_s_own_program_gives_the_keys_of_a_profile_that_only_it_can_follow() {
    let (moto, registry) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let (mut home, image) = Home::with_image();
    let config = "[profile mfa]\nrole_arn = arn:aws:iam::123456789012:role/push\nsource_profile = base\n\
                  mfa_serial = arn:aws:iam::123456789012:mfa/me\n[profile base]\ncredential_process = /opt/keys --fast\n";
    write(&home, config, None);
    connector(&home, "implicit", &["--allow-implicit", "--profile_name=mfa"]);
    ecr(&home, &registry, &moto, &[]);
    let refused = home.fails(2, &PUSH).says("MFA device `arn:aws:iam::123456789012:mfa/me`");
    assert!(refused.hint().contains("--allow-command aws"), "{}", *refused);
    let directory = home.path("fakes");
    fs::create_dir(&directory).unwrap();
    // As the document of `aws configure export-credentials` shows it.
    let keys = json!({
        "Version": 1,
        "AccessKeyId": moto.fact("temporaryId"),
        "SecretAccessKey": moto.fact("temporarySecret"),
        "SessionToken": moto.fact("temporaryToken"),
        "Expiration": "2099-01-01T00:00:00+00:00",
    });
    let words = "configure export-credentials --format=process --profile=mfa";
    let fake = |keys: &str| {
        let script =
            format!("#!/bin/sh\n[ \"$*\" = '{words}' ] || {{ echo \"what: $*\" >&2; exit 2; }}\necho '{keys}'\n");
        fs::write(directory.join("aws"), script).unwrap();
        fs::set_permissions(directory.join("aws"), fs::Permissions::from_mode(0o755)).unwrap();
    };
    fake(&keys.to_string());
    home.prepend_path(&directory);
    home.ok(&["connector", "update", "my-aws", "--allow-command", "aws", "--no-verify"]);
    let shown = home.ok(&["connector", "describe", "my-aws"]).stdout;
    assert!(shown.contains("/aws configure export-credentials --format=process"), "{shown}");
    let shown = home.ok(&["registry", "describe", "ecr"]).stdout;
    assert!(shown.contains("Runs") && shown.contains("/aws configure export-credentials"), "{shown}");
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
    Needle::new(moto.fact("temporarySecret")).assert_not_below(&home.path("crhost"));
    fake(&keys.to_string().replace("2099-01-01", "2020-01-01"));
    home.fails(4, &PUSH).says("the keys that the program printed ended at `2020-01-01T00:00:00+00:00`");
    fake("no");
    home.fails(4, &PUSH).says("what it printed is no JSON object");
}
