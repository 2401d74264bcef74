//! Callers by certificates (mutual TLS): machines without any token.

use std::fs;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, date_time_ymd};
use serde_json::json;

use super::scene::{AUDIENCE, RULE, Scene, Serving, rows};
use crate::support::eventually::eventually;
use crate::support::fakes::certificates::{Authority, Identity};
use crate::support::images::image_files;
use crate::support::programs::crhost::Home;

/// What a machine pushes by.
const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "do", "--as", "a"];

/// The subject of the machines' certificates.
const MACHINE: &str = "spiffe://acme.example/build/7";

/// A server with TLS, and the authority of the machines.
struct Machines {
    scene: Scene,
    server: Serving,
    /// Proves the server.
    tls: Authority,
    /// Vouches for machines.
    authority: Authority,
}

impl Machines {
    fn new() -> Option<Self> {
        let scene = Scene::new()?;
        let (tls, authority) = (Authority::new(), Authority::new());
        fs::write(scene.admin.path("machines.pem"), authority.pem()).unwrap();
        scene.write_rules(&rules(&scene.admin));
        let server = scene.serve_tls(&tls.identity(&["localhost"]));
        Some(Self { scene, server, tls, authority })
    }

    /// A machine with an image, and this certificate.
    fn machine(&self, identity: &Identity) -> Home {
        let mut home = Home::new();
        image_files::layout(&home.path("layout"), &[("v1", &self.scene.image)]);
        home.set("CRHOST_SERVER", format!("https://{}", self.server.host));
        fs::write(home.path("server-ca.pem"), self.tls.pem()).unwrap();
        home.set("SSL_CERT_FILE", home.path("server-ca.pem"));
        home.set("CRHOST_SERVER_CERT", home.path("machine.pem"));
        home.set("CRHOST_SERVER_KEY", home.path("machine.key"));
        show(&home, identity);
        home
    }
}

/// Has a machine show another certificate.
fn show(home: &Home, identity: &Identity) {
    fs::write(home.path("machine.pem"), &identity.certificate).unwrap();
    fs::write(home.path("machine.key"), &identity.key).unwrap();
}

/// Rules for machines, besides that of the team.
fn rules(admin: &Home) -> String {
    let file = admin.path("machines.pem").display().to_string();
    format!(
        r#"{RULE}
[[issuer]]
name = "machines"
ca-file = "{file}"

[[rule]]
name = "builders"
issuer = "machines"
claims = {{ uri = "spiffe://acme.example/build/*", organizational-unit = "build" }}
allow = ["pull", "push"]
registries = "do"
repositories = "acme/*"
"#
    )
}

fn of_unit(unit: &str) -> impl FnOnce(&mut CertificateParams) {
    move |params: &mut CertificateParams| params.distinguished_name.push(DnType::OrganizationalUnitName, unit)
}

#[test]
fn a_machine_pushes_by_its_certificate_and_the_audit_says_which() {
    let Some(machines) = Machines::new() else { return };
    let Machines { scene, authority, .. } = &machines;
    let machine = machines.machine(&authority.client(|_| {}));
    machine.ok(&PUSH);
    let login = &rows(&scene.admin, &["--action", "login", "--outcome", "done"])[0];
    let actor = &login["actor"];
    assert_eq!((&actor["issuer"], &actor["subject"]), (&json!("machines"), &json!(MACHINE)), "{login}");
    assert_eq!(actor["claims"], json!({"uri": MACHINE, "organizational-unit": "build"}));
    assert_eq!(login["rule"], "builders");
    // A renewed one is read again; one file may have both.
    let renewed = authority.client(|_| {});
    show(&machine, &renewed);
    machine.ok(&PUSH);
    let mut whole = machines.machine(&renewed);
    fs::write(whole.path("both.pem"), format!("{}{}", renewed.certificate, renewed.key)).unwrap();
    whole.set("CRHOST_SERVER_CERT", whole.path("both.pem"));
    whole.set("CRHOST_SERVER_KEY", "");
    whole.ok(&PUSH);
    let found = whole.run(&["doctor", "-o", "json"]).json();
    let found = found["findings"].as_array().unwrap().iter().find(|finding| finding["check"] == "server").unwrap();
    assert_eq!(found["state"], "ok", "{found}");
    // One of another unit may do nothing.
    let stranger = machines.machine(&authority.client(of_unit("office")));
    assert!(stranger.fails(3, &PUSH).hint().contains("its rules let this machine use none"));
    // With a token, that of the token counts; and clients without a certificate are as welcome as before.
    let mut runner = machines.machine(&authority.client(of_unit("office")));
    scene.issuer.permit(&mut runner);
    runner.set("CRHOST_SERVER_AUDIENCE", AUDIENCE);
    runner.set("CRHOST_SERVER_TOKEN", "github");
    runner.ok(&PUSH);
    runner.set("CRHOST_SERVER_CERT", "");
    runner.set("CRHOST_SERVER_KEY", "");
    runner.ok(&PUSH);
    assert_eq!(scene.proxy.passwords().issued(), 1);
}

#[test]
fn a_certificate_that_proves_nobody_is_refused_in_one_line_with_what_to_look_at() {
    let Some(mut machines) = Machines::new() else { return };
    machines.scene.admin.set("CRHOST_LOG", "crhost=info");
    machines.server = machines.scene.serve_tls(&machines.tls.identity(&["localhost"]));
    let authority = &machines.authority;
    let ended = |params: &mut CertificateParams| {
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    };
    let early = |params: &mut CertificateParams| params.not_before = date_time_ymd(2999, 1, 1);
    let of_a_server = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    };
    for identity in [
        authority.client(ended),
        authority.client(early),
        authority.client(of_a_server),
        Authority::new().client(|_| {}),
        Identity::self_signed(&["builder-7.acme.example"]),
    ] {
        let machine = machines.machine(&identity);
        let refused = machine.fails(4, &PUSH);
        assert!(refused.error().contains("does not accept the certificate `"), "{}", refused.error());
        assert!(refused.hint().contains("openssl x509 -in "), "{}", refused.hint());
    }
    assert_eq!(machines.scene.proxy.passwords().issued(), 0);
    // Whoever runs the server is told the reason, which TLS has no words for.
    for reason in ["expired on", "valid from", "it is not one for clients", "no authority in the rules has signed it"] {
        let told = "the certificate of `127.0.0.1` is not accepted: ";
        let is_told = |line: &String| line.contains(told) && line.contains(reason);
        eventually(reason, || machines.server.server.log().iter().any(is_told).then_some(()));
    }
    // What can't be shown at all is said before anything is sent.
    let mut machine = machines.machine(&authority.client(|_| {}));
    fs::write(machine.path("machine.key"), &authority.client(|_| {}).key).unwrap();
    assert!(machine.fails(2, &PUSH).error().contains("machine.pem"));
    fs::write(machine.path("machine.key"), "x").unwrap();
    assert!(machine.fails(2, &PUSH).error().contains("it holds no key in PEM"));
    fs::remove_file(machine.path("machine.pem")).unwrap();
    assert!(machine.fails(2, &PUSH).error().contains("machine.pem"));
    machine.set("CRHOST_SERVER_CERT", "");
    assert!(machine.fails(2, &PUSH).error().contains("CRHOST_SERVER_CERT names no certificate"));
    machine.set("CRHOST_SERVER_KEY", "");
    let unknown = machine.fails(4, &PUSH);
    assert!(unknown.hint().contains("CRHOST_SERVER_CERT"), "{}", unknown.hint());
    let mut machine = machines.machine(&authority.client(|_| {}));
    machine.set("CRHOST_SERVER", "http://localhost:1");
    assert!(machine.fails(2, &PUSH).error().contains("no TLS"));
}

#[test]
fn an_authority_that_changes_holds_at_once_and_one_that_is_broken_vouches_for_nobody() {
    let Some(machines) = Machines::new() else { return };
    let Machines { scene, authority, server, .. } = &machines;
    let file = scene.admin.path("machines.pem");
    let (old, other) = (machines.machine(&authority.client(|_| {})), Authority::new());
    let new = machines.machine(&other.client(|_| {}));
    old.ok(&PUSH);
    new.fails(4, &PUSH);
    fs::write(&file, format!("{}{}", authority.pem(), other.pem())).unwrap();
    old.ok(&PUSH);
    new.ok(&PUSH);
    fs::write(&file, other.pem()).unwrap();
    new.ok(&PUSH);
    old.fails(4, &PUSH);
    fs::write(&file, "no certificate").unwrap();
    // Nobody is asked for one, so that nobody is known.
    let refused = new.fails(4, &PUSH);
    assert!(refused.error().contains("no id token"), "{}", refused.error());
    eventually("the log says so", || server.server.log().concat().contains("certificates of `machines`").then_some(()));
    fs::write(&file, other.pem()).unwrap();
    new.ok(&PUSH);
    scene.write_rules(RULE);
    new.fails(4, &PUSH);
}

#[test]
fn a_rule_for_certificates_is_explained_and_checked_at_the_start() {
    let Some(machines) = Machines::new() else { return };
    let Machines { scene, authority, .. } = &machines;
    let admin = &scene.admin;
    fs::write(admin.path("shown.pem"), authority.client(|_| {}).certificate).unwrap();
    let claims = json!({"uri": [MACHINE], "organizational-unit": ["office"]});
    fs::write(admin.path("claims.json"), claims.to_string()).unwrap();
    let rules_file = scene.rules_file();
    let explain = |issuer: &str, caller: [&str; 2]| {
        let words = ["server", "explain", "--rules", &rules_file, "--issuer", issuer, "--operation", "push"];
        admin.run(&[&words[..], &["--registry", "do", "--repository", "acme/a"], &caller].concat())
    };
    let allowed = explain("machines", ["--certificate", "shown.pem"]).ok();
    assert!(allowed.stdout.contains("builders"), "{allowed}");
    let denied = explain("machines", ["--claims", "claims.json"]);
    assert!(denied.code == Some(4) && denied.stdout.contains("wants another `organizational-unit`"), "{denied}");
    let no_certificate = explain("machines", ["--certificate", "claims.json"]);
    assert!(no_certificate.code == Some(2) && no_certificate.stderr.contains("claims.json"), "{no_certificate}");
    let nope = explain("nope", ["--claims", "claims.json"]);
    assert!(nope.code == Some(2) && nope.stderr.contains("no issuer named `nope`"), "{nope}");
    assert!(nope.stderr.contains("`github`") && nope.stderr.contains("`machines`"), "{nope}");
    // As at the server, rules are one thing, and whether anybody vouches for the certificate another.
    for (refused, reason) in [
        (authority.client(|params| params.not_after = date_time_ymd(2021, 1, 1)), "expired on 2021-01-01"),
        (Authority::new().client(|_| {}), "no authority in the rules has signed it"),
    ] {
        fs::write(admin.path("refused.pem"), refused.certificate).unwrap();
        let refused = explain("machines", ["--certificate", "refused.pem"]);
        assert!(refused.code == Some(4) && refused.stderr.contains(reason), "{refused}");
        assert!(refused.stdout.contains("builders"), "{refused}");
    }
    let of_tokens = explain("github", ["--certificate", "shown.pem"]);
    assert!(of_tokens.code == Some(2) && of_tokens.stderr.contains("have id tokens"), "{of_tokens}");
    fs::remove_file(admin.path("machines.pem")).unwrap();
    let elsewhere = explain("machines", ["--certificate", "shown.pem"]).ok();
    assert!(elsewhere.stderr.contains("whether the certificate is accepted is not known"), "{elsewhere}");
    let start = ["server", "--rules", &rules_file, "--listen", "127.0.0.1:0"];
    let refused = admin.fails(2, &start);
    assert!(refused.error().contains("`ca-file` of the issuer `machines`"), "{}", refused.error());
}
