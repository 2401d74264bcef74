//! The key of the database is wrapped by a service: OpenBao's transit engine, and AWS's KMS.

use std::fs;

use serde_json::{Value, json};

use super::scene::{Scene, Serving, TOKEN};
use crate::support::fakes::signer::{ISSUER, LIFETIME, Signer, now};
use crate::support::programs::bao::Bao;
use crate::support::programs::crhost::Home;
use crate::support::programs::moto::Moto;

/// A request for a login.
pub(super) fn wanted() -> Value {
    json!({"registry": "do", "repository": "acme/a", "operation": "push"})
}

/// Writes a file that names a key of a transit engine, used with the token of a variable.
pub(super) fn transit(home: &Home, name: &str, host: &str, url: &str) -> String {
    let text = format!(
        "version = 1\n[keys.{name}]\nflavor = \"transit\"\nuri = \"{host}/transit/crhost\"\nconnector = \"bao\"\n\
         options = {{ transit-address = \"{url}\" }}\nallow-secret-hosts = [\"{url}\"]\n\
         [connectors.bao]\ntype = \"transit\"\nauth-method = \"token\"\nfields = {{ token = \"@env:BAO_TOKEN\" }}\n"
    );
    let file = home.path(&format!("{name}.toml"));
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

/// An administrator who has the key of this file, and the token for it.
pub(super) fn with_service(scene: &Scene, file: &str, token: &str) -> Home {
    let mut home = scene.admin_of("unused");
    home.set("CRHOST_KEY_FILE", file);
    home.set("BAO_TOKEN", token);
    home.set("TOKEN", TOKEN);
    home
}

/// The status of an answer to it.
pub(super) fn status(scene: &Scene, server: &Serving) -> u16 {
    scene.ask(server, &scene.token(), &wanted()).0
}

#[test]
fn transit_wraps_the_key_and_a_dump_opens_nothing() {
    let Some(mut scene) = Scene::new() else { return };
    let bao = Bao::start();
    let (token, other_token) = (bao.token(), bao.token());
    let file = transit(&scene.admin, "bao", &bao.host(), &bao.url());
    scene.admin.set("BAO_TOKEN", &token);
    let before = scene.serve();
    // From the file to the service, while a server runs.
    scene.admin.ok(&["key", "rewrap", &file]);
    fs::remove_file(scene.admin.path("key")).unwrap();
    assert_eq!(status(&scene, &before), 200, "what runs goes on");
    let admin = with_service(&scene, &file, &token);
    let shown = admin.ok(&["key", "describe", "-o", "json"]).json();
    assert_eq!((&shown["place"], &shown["wrappedBy"][0]["name"]), (&json!("service"), &json!("bao")));
    assert_eq!(shown["wrappedBy"][0]["keptBy"], json!(format!("{}/transit/crhost", bao.host())));
    let server = scene.serve_as(&admin);
    assert_eq!(status(&scene, &server), 200);
    // A dump has neither a secret nor what opens one.
    let dump = scene.postgres.dump();
    assert!(dump.contains("wrapped_keys"));
    for secret in [TOKEN, token.as_str(), other_token.as_str()] {
        assert!(!dump.contains(secret), "a secret is in the dump");
    }
    // Another data key: it is wrapped anew, and servers notice.
    admin.ok(&["key", "rotate"]);
    assert_eq!(status(&scene, &server), 200);
    // The service's own key may be rotated, too.
    bao.run(&["write", "-f", "transit/keys/crhost/rotate"]);
    admin.ok(&["connector", "describe", "me"]);
    // Without the right to use the key nothing starts, and what runs goes on.
    bao.run(&["token", "revoke", &token]);
    let refused = admin.fails(4, &["connector", "describe", "me"]);
    assert!(refused.error().contains("permission denied") && refused.error().contains("`bao`"), "{}", refused.error());
    let rules = scene.rules_file();
    admin.fails(4, &["server", "--rules", &rules, "--listen", "127.0.0.1:0"]);
    assert_eq!(status(&scene, &server), 200);
    let renewed = with_service(&scene, &file, &other_token);
    renewed.ok(&["connector", "describe", "me"]);
    // The key of transit is gone: nothing opens, and the error says so.
    bao.run(&["write", "transit/keys/crhost/config", "deletion_allowed=true"]);
    bao.run(&["delete", "transit/keys/crhost"]);
    renewed.fails(3, &["connector", "describe", "me"]).says("encryption key not found");
}

#[test]
fn a_role_logs_in_for_the_key_at_the_address_that_was_granted() {
    let Some(mut scene) = Scene::new() else { return };
    let bao = Bao::start();
    bao.token();
    bao.run(&["auth", "enable", "approle"]);
    bao.run(&["write", "auth/approle/role/crhost", "token_policies=crhost"]);
    let role = bao.run(&["read", "-field=role_id", "auth/approle/role/crhost/role-id"]);
    let secret = bao.run(&["write", "-f", "-field=secret_id", "auth/approle/role/crhost/secret-id"]);
    let file = transit(&scene.admin, "bao", &bao.host(), &bao.url());
    let text = fs::read_to_string(&file).unwrap();
    let (before, _) = text.split_once("[connectors.bao]").unwrap();
    let by_role = format!(
        "{before}[connectors.bao]\ntype = \"transit\"\nauth-method = \"approle\"\n\
         fields = {{ role-id = \"{role}\", secret-id = \"@env:SECRET_ID\" }}\n"
    );
    fs::write(&file, &by_role).unwrap();
    scene.admin.set("SECRET_ID", &secret);
    scene.admin.ok(&["key", "rewrap", &file]);
    let mut admin = with_service(&scene, &file, "");
    admin.set("SECRET_ID", &secret);
    admin.ok(&["connector", "describe", "me"]);
    // Where nothing was granted, no secret goes.
    fs::write(&file, by_role.replace("allow-secret-hosts", "allow-hosts")).unwrap();
    admin.fails(4, &["connector", "describe", "me"]).says("secret");
    fs::write(&file, &by_role).unwrap();
    admin.set("SECRET_ID", "another");
    admin.fails(4, &["connector", "describe", "me"]).says("does not accept the login");
}

#[test]
fn an_id_token_logs_in_for_the_key_as_openbao_itself_verifies_it() {
    let Some(mut scene) = Scene::new() else { return };
    let (bao, issuer) = (Bao::start(), Signer::new());
    bao.token();
    bao.run(&["auth", "enable", "-path=ci/jwt", "jwt"]);
    let keys = format!("jwt_validation_pubkeys={}", issuer.certificate());
    bao.run(&["write", "auth/ci/jwt/config", &keys, &format!("bound_issuer={ISSUER}")]);
    let role =
        ["role_type=jwt", "user_claim=sub", "bound_audiences=bao", "bound_subject=job-7", "token_policies=crhost"];
    bao.run(&[&["write", "auth/ci/jwt/role/crhost"][..], &role].concat());
    let token = |audience: &str, subject: &str, from: u64| {
        let (starts, ends) = (from - 5, from + LIFETIME);
        issuer.jwt(&json!({"iss": ISSUER, "sub": subject, "aud": audience, "iat": from, "nbf": starts, "exp": ends}))
    };
    let file = transit(&scene.admin, "bao", &bao.host(), &bao.url());
    let text = fs::read_to_string(&file).unwrap();
    let (before, _) = text.split_once("[connectors.bao]").unwrap();
    let by_token = |fields: &str| {
        let connector =
            format!("[connectors.bao]\ntype = \"transit\"\nauth-method = \"jwt\"\nfields = {{ {fields} }}\n");
        fs::write(&file, format!("{before}{connector}")).unwrap();
    };
    by_token("role = \"crhost\", auth-path = \"ci/jwt\", jwt = \"@env:ID_TOKEN\"");
    scene.admin.set("ID_TOKEN", token("bao", "job-7", now()));
    scene.admin.ok(&["key", "rewrap", &file]);
    let mut admin = with_service(&scene, &file, "");
    let describe = ["connector", "describe", "me"];
    // Each start of crhost logs in anew, with the token that is there then.
    admin.set("ID_TOKEN", token("bao", "job-7", now()));
    admin.ok(&describe);
    let other = Signer::new().jwt(&json!({"iss": ISSUER, "sub": "job-7", "aud": "bao", "exp": now() + LIFETIME}));
    for (refused, says) in [
        (token("other", "job-7", now()), "audience"),
        (token("bao", "job-8", now()), "subject"),
        (token("bao", "job-7", now() - 10 * LIFETIME), "expired"),
        (other, "signature"),
        ("no.token.at-all".to_owned(), "login"),
    ] {
        admin.set("ID_TOKEN", refused.as_str());
        let failed = admin.fails(4, &describe).says("does not accept the login").says(says);
        assert!(!failed.stderr.contains(&refused), "{}", failed.error());
    }
    admin.set("ID_TOKEN", token("bao", "job-7", now()));
    by_token("role = \"nosuch\", auth-path = \"ci/jwt\", jwt = \"@env:ID_TOKEN\"");
    admin.fails(4, &describe).says("nosuch");
    // Nothing is mounted where the field does not say so.
    by_token("role = \"crhost\", jwt = \"@env:ID_TOKEN\"");
    admin.fails(4, &describe).says("does not accept the login");
    by_token("role = \"crhost\", auth-path = \"ci/jwt\", jwt = \"@env:ID_TOKEN\"");
    let server = scene.serve_as(&admin);
    assert_eq!(status(&scene, &server), 200);
}

#[test]
fn the_key_moves_from_transit_to_kms_and_back_to_a_file() {
    let Some(mut scene) = Scene::new() else { return };
    let bao = Bao::start();
    let moto = Moto::start("kms:GenerateDataKey,kms:Decrypt", &[]);
    let token = bao.token();
    let transit = transit(&scene.admin, "bao", &bao.host(), &bao.url());
    let kms = kms(&scene.admin, &moto, "alias/crhost");
    let with_keys = |home: &mut Home, file: &str| {
        home.set("CRHOST_KEY_FILE", file);
        home.set("BAO_TOKEN", &token);
        home.set("AWS_KEY", moto.secret());
    };
    let own = scene.admin.path("key").display().to_string();
    with_keys(&mut scene.admin, &own);
    scene.admin.ok(&["key", "rewrap", &transit, "--add"]);
    let mut by_kms = scene.admin_of("unused");
    with_keys(&mut by_kms, &transit);
    by_kms.ok(&["key", "rewrap", &kms, "--add"]);
    with_keys(&mut by_kms, &kms);
    let shown = by_kms.ok(&["key", "describe", "-o", "json"]).json();
    assert_eq!(shown["wrappedBy"].as_array().unwrap().len(), 3, "{shown}");
    by_kms.ok(&["key", "rewrap", "--remove", "bao"]);
    by_kms.ok(&["key", "rewrap", "--remove", shown["wrappedBy"][0]["name"].as_str().unwrap()]);
    scene.admin.fails(4, &["connector", "describe", "me"]);
    let server = scene.serve_as(&by_kms);
    assert_eq!(status(&scene, &server), 200);
    // Another key of KMS, under the same name in a file, is another key.
    let other = kms_named(&scene.admin, &moto, "kms", moto.fact("kmsKey"));
    by_kms.set("CRHOST_KEY_FILE", &other);
    // AWS itself calls that `IncorrectKeyException`, and moto a denial.
    by_kms.fails(4, &["connector", "describe", "me"]).says("KMS");
    by_kms.set("CRHOST_KEY_FILE", &kms);
    by_kms.ok(&["key", "rewrap", &own]);
    scene.admin.ok(&["connector", "describe", "me"]);
    by_kms.fails(4, &["connector", "describe", "me"]);
    assert_eq!(status(&scene, &server), 200);
}

#[test]
fn kms_that_does_not_allow_it_opens_nothing() {
    let Some(mut scene) = Scene::new() else { return };
    let moto = Moto::start("kms:GenerateDataKey", &[]);
    scene.admin.set("AWS_KEY", moto.secret());
    let kms = kms(&scene.admin, &moto, "alias/crhost");
    // It is made, and could not be unwrapped again: the old key stays, and says that nothing was changed.
    scene.admin.fails(4, &["key", "rewrap", &kms]).says("kms:Decrypt");
    scene.admin.ok(&["connector", "describe", "me"]);
}

fn kms(home: &Home, moto: &Moto, key: &str) -> String {
    kms_named(home, moto, "kms", key)
}

/// Writes a file that names a key of KMS, used with the keys of moto's user.
fn kms_named(home: &Home, moto: &Moto, name: &str, key: &str) -> String {
    let (url, id) = (moto.endpoint(), moto.id());
    let text = format!(
        "version = 1\n[keys.{name}]\nflavor = \"aws\"\nuri = \"123456789012.dkr.ecr.eu-west-1.amazonaws.com\"\n\
         connector = \"me\"\nallow-secret-hosts = [\"{url}\"]\n\
         options = {{ wrapping-key = \"{key}\", kms-endpoint = \"{url}\", sts-endpoint = \"{url}\" }}\n\
         [connectors.me]\ntype = \"aws\"\nauth-method = \"secret-key\"\n\
         fields = {{ aws-access-key-id = \"{id}\", aws-secret-access-key = \"@env:AWS_KEY\" }}\n"
    );
    let file = home.path(&format!("{}.toml", key.replace('/', "-")));
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

#[test]
fn a_file_that_names_no_key_says_what_is_missing() {
    let Some(mut scene) = Scene::new() else { return };
    for (name, text, words) in [
        ("none", "version = 1\n", "0 keys"),
        ("registry", "version = 1\n[registries.a]\nflavor = \"default\"\nuri = \"localhost:1\"\n", "registries"),
        ("other", "version = 1\n[keys.a]\nflavor = \"default\"\nuri = \"localhost:1\"\n", "wraps no keys"),
    ] {
        let file = scene.admin.path(&format!("{name}.toml"));
        fs::write(&file, text).unwrap();
        scene.admin.fails(2, &["key", "rewrap", file.to_str().unwrap()]).says(words);
    }
    let file = scene.admin.path("key.toml");
    fs::write(&file, "version = 1\n[keys.a]\nflavor = \"transit\"\nuri = \"bao.example.com/transit/crhost\"\n")
        .unwrap();
    scene.admin.set("CRHOST_CONFIG", file.to_str().unwrap());
    scene.admin.fails(2, &["registry", "list"]).says("CRHOST_KEY_FILE");
}
