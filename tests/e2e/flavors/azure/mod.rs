//! Azure Container Registry: fakes of Microsoft's services, which Microsoft's own clients get along with, in front of a
//! real registry.

mod fakes;
mod hosts;
mod identities;
mod refusals;

use std::process::Command;

use serde_json::json;

use self::fakes::{ADMIN, ASSERTION, Azure, CLIENT, EXPIRED, PLATFORM_HEADER, SECRET, TENANT};
use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, repository};
use crate::support::programs::peers;
use crate::support::programs::process::{self, Finished};
use crate::support::programs::registration::{Connector, RegistrySpec};

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "acr", "--as", "team/train"];

/// Stores a connector, unproved: the proof would go to Microsoft itself.
#[track_caller]
fn connector(home: &Home, method: &str, fields: &[&str]) {
    Connector::new("my-azure", "azure", method).more(fields).register(home);
}

/// Stores an application and its client secret, in the spelling of ZenML.
#[track_caller]
fn service_principal(home: &mut Home, secret: &str) {
    home.set("SECRET_OF_THE_TEST", secret);
    let (tenant, client) = (format!("--tenant_id={TENANT}"), format!("--client_id={CLIENT}"));
    connector(home, "service-principal", &[&tenant, &client, "--client_secret=@env:SECRET_OF_THE_TEST"]);
}

/// Registers a registry as `acr`, with the fakes in the place of Azure. Secrets may go where `secrets` says.
#[track_caller]
fn acr(home: &Home, azure: &Azure, secrets: &[String], more: &[&str]) {
    let mut acr = RegistrySpec::new("acr", "azure", azure.registry.host()).connector("my-azure").more(more);
    for (option, host) in [("authority-endpoint", azure.entra.url()), ("exchange-endpoint", azure.tokens.url())] {
        acr = acr.option(option, &host);
        acr = if secrets.contains(&host) { acr.allow_secret_host(&host) } else { acr.allow_host(&host) };
    }
    acr.register(home);
}

/// A home with an application's secret, and a registry that it is for.
#[track_caller]
fn with_service_principal(azure: &Azure, secret: &str, more: &[&str]) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    service_principal(&mut home, secret);
    acr(&home, azure, &[azure.entra.url()], more);
    (home, image)
}

#[track_caller]
fn assert_pushed(azure: &Azure, image: &Image) {
    let registry = &azure.registry;
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), image);
}

/// A secret stands in the bodies of requests to one service, and nowhere else.
#[track_caller]
fn assert_only_entra_saw(azure: &Azure, home: &Home, secret: &str, shown: &Finished) {
    let needle = Needle::new(secret);
    let forms = azure.entra.requests().into_iter().filter(|request| needle.found_in(request.body.as_bytes()).is_some());
    let saw = forms.map(|request| (request.line, format!("{:?}", request.headers))).collect::<Vec<_>>();
    assert!(!saw.is_empty());
    for (line, headers) in &saw {
        assert!(line.starts_with("POST /"), "{line}");
        needle.assert_not_in(format!("{line}{headers}").as_bytes(), "a request");
    }
    let holding = azure.requests().iter().filter(|request| needle.found_in(request.as_bytes()).is_some()).count();
    assert_eq!(holding, saw.len(), "another request holds the secret");
    needle.assert_not_in(shown.stdout.as_bytes(), "standard output");
    needle.assert_not_in(shown.stderr.as_bytes(), "standard error");
    needle.assert_not_below(&home.path("crhost"));
}

#[test]
fn microsoft_s_own_clients_get_along_with_the_fakes() {
    let azure = Azure::start();
    let script = repository().join("tests/peers/acr.py");
    let mut python = Command::new(peers::python());
    let registry = format!("http://{}", azure.registry.host());
    let places = [azure.entra.url(), azure.tokens.url(), registry, azure.imds.url()];
    python.arg(script).args(places).args([TENANT, CLIENT]);
    let secrets = [("SECRET", SECRET), ("WRONG_SECRET", "wrong"), ("ASSERTION", ASSERTION)];
    python.envs(secrets).env("PLATFORM_HEADER", PLATFORM_HEADER);
    let results = process::run(&mut python).ok().json();
    let refused = &results["wrong"];
    assert_eq!(refused["error"], "invalid_client");
    assert_eq!(refused["error_codes"], json!([7_000_215]));
    for tag in ["secret", "assertion", "machine", "client-id", "platform"] {
        assert!(results[tag].as_str().unwrap().starts_with("sha256:"), "{results}");
        assert!(skopeo::has(azure.registry.access(), &format!("{}/team/sdk:{tag}", azure.registry.host())));
    }
    assert!(azure.exchanges() >= 5);
}

#[test]
fn a_service_principal_pushes_end_to_end() {
    let azure = Azure::start();
    let (mut home, image) = with_service_principal(&azure, SECRET, &["--option", "check-permission=true"]);
    home.set("CRHOST_LOG", "trace");
    let pushed = home.ok(&PUSH);
    assert_pushed(&azure, &image);
    assert_only_entra_saw(&azure, &home, SECRET, &pushed);
    // Neither does a token come out.
    assert!(!pushed.stderr.contains("eyJ"), "{pushed}");
    // For the question whether it may push, which comes first, and for the push.
    let expected = format!("POST /{TENANT}/oauth2/v2.0/token");
    assert_eq!(azure.entra.lines(), [expected.clone(), expected]);
    assert_eq!(azure.tokens.lines()[..2], ["POST /oauth2/exchange", "POST /oauth2/token"]);
    let request = &azure.tokens.requests()[1];
    assert!(request.body.contains("team%2Ftrain") && request.body.contains("push"), "{}", request.body);
}

#[test]
fn a_second_push_asks_for_no_second_token() {
    let azure = Azure::start();
    let (home, image) = with_service_principal(&azure, SECRET, &[]);
    home.ok(&PUSH);
    home.ok(&PUSH);
    // It opens the whole registry.
    home.ok(&["push", "oci:layout:v1", "--to", "acr", "--as", "team/other"]);
    assert_pushed(&azure, &image);
    assert_eq!((azure.entra.requests().len(), azure.exchanges()), (1, 1));
}

#[test]
fn a_kept_token_that_is_refused_is_renewed_once() {
    let azure = Azure::start();
    let (home, image) = with_service_principal(&azure, SECRET, &[]);
    home.ok(&PUSH);
    azure.revoke();
    home.ok(&["push", "oci:layout:v1", "--to", "acr", "--as", "team/other"]);
    assert_pushed(&azure, &image);
    assert_eq!((azure.entra.requests().len(), azure.exchanges()), (2, 2));
}

#[test]
fn a_secret_goes_to_entra_only_where_the_user_names_it() {
    let azure = Azure::start();
    let (mut home, _) = Home::with_image();
    service_principal(&mut home, SECRET);
    acr(&home, &azure, &[], &[]);
    home.fails(4, &PUSH).says(&azure.entra.url());
    assert_eq!(azure.requests(), [""; 0]);
    azure.registry.assert_untouched();
}

#[test]
fn a_wrong_and_an_expired_secret_stop_the_push_before_any_byte() {
    for (secret, number, hint) in [
        ("cAnary-not-the-secret", "AADSTS7000215: Invalid client secret provided", "not its id"),
        (EXPIRED, "AADSTS7000222", "make another client secret"),
    ] {
        let azure = Azure::start();
        let (home, _) = with_service_principal(&azure, secret, &[]);
        let refused = home.fails(4, &PUSH).says(number).says(hint);
        assert!(!refused.stderr.contains("Trace ID"), "{}", *refused);
        assert_only_entra_saw(&azure, &home, secret, &refused);
        // No request reached the registry.
        assert_eq!((azure.exchanges(), azure.registry.requests()), (0, Vec::new()));
    }
}

#[test]
fn a_busy_entra_is_asked_again_when_it_says() {
    let azure = Azure::start();
    let (home, image) = with_service_principal(&azure, SECRET, &[]);
    azure.next(429, vec![("retry-after", "1".to_owned())], json!({"error": "temporarily_unavailable"}));
    home.ok(&PUSH);
    assert_pushed(&azure, &image);
    assert_eq!(azure.entra.requests().len(), 2);
    // One that wants to be left alone for an hour is not waited for.
    azure.revoke();
    home.ok(&["registry", "update", "acr", "--option", "check-permission=true"]);
    azure.next(429, vec![("retry-after", "3600".to_owned())], json!({}));
    home.fails(6, &PUSH).says("429");
}

#[test]
fn the_admin_user_and_a_password_open_the_registry_as_they_are() {
    for (kind, method) in [("azure", "admin-user"), ("docker", "password")] {
        let azure = Azure::start();
        let (mut home, image) = Home::with_image();
        home.set("PASSWORD", ADMIN.1);
        let admin = Connector::proved("my-azure", kind, method).field("username", ADMIN.0);
        admin.field("password", "@env:PASSWORD").register(&home);
        acr(&home, &azure, &[azure.tokens.url()], &["--option", "check-permission=true"]);
        home.ok(&PUSH);
        assert_pushed(&azure, &image);
        assert_eq!((azure.entra.requests().len(), azure.exchanges()), (0, 0));
        Needle::new(ADMIN.1).assert_not_below(&home.path("crhost"));
        home.fails(4, &["push", "oci:layout:v1", "--to", "acr", "--as", "locked/train"])
            .says("authentication required");
    }
}
