//! Identities that push, beside an application with its secret.

use std::fs;

use serde_json::json;

use super::fakes::{ASSERTION, Azure, CLIENT, OLD_ASSERTION, PLATFORM_HEADER, SECRET, TENANT};
use super::{ADMIN, PUSH, acr, assert_only_entra_saw, assert_pushed, connector, service_principal};
use crate::support::fakes::github_oidc::GithubOidc;
use crate::support::judges::needle::Needle;
use crate::support::programs::crhost::Home;

/// The fields of the fakes' application.
fn application() -> [String; 2] {
    [format!("--tenant_id={TENANT}"), format!("--client_id={CLIENT}")]
}

#[test]
fn a_token_of_entra_is_exchanged_by_the_registry_alone() {
    let azure = Azure::start();
    let (home, image) = Home::with_image();
    let token = azure.access_token("https://containerregistry.azure.net");
    fs::write(home.path("token"), &token).unwrap();
    connector(&home, "access-token", &["--token=@token"]);
    acr(&home, &azure, &[azure.tokens.url()], &[]);
    home.ok(&PUSH);
    assert_pushed(&azure, &image);
    assert_eq!(azure.entra.requests().len(), 0);
    Needle::new(&token).assert_not_below(&home.path("crhost"));
    // Only a registry can tell whether it is good.
    home.fails(2, &["connector", "verify", "my-azure"]).says("crhost registry verify acr");
    // One for another audience.
    fs::write(home.path("token"), azure.access_token("https://management.azure.com")).unwrap();
    home.ok(&["connector", "update", "my-azure", "--no-verify", "--token=@token"]);
    home.fails(4, &PUSH).says("authentication required").says("--resource https://containerregistry.azure.net");
}

#[test]
fn a_workload_is_proved_by_a_token_that_is_read_at_each_push() {
    let azure = Azure::start();
    let (mut home, image) = Home::with_image();
    fs::write(home.path("token"), ASSERTION).unwrap();
    home.set("AZURE_FEDERATED_TOKEN_FILE", home.path("token"));
    let [tenant, client] = application();
    connector(&home, "workload-identity", &[&tenant, &client, "--allow-implicit"]);
    acr(&home, &azure, &[azure.entra.url()], &[]);
    let pushed = home.ok(&PUSH);
    assert_pushed(&azure, &image);
    assert_only_entra_saw(&azure, &home, ASSERTION, &pushed);
    // Platforms write another one every hour.
    fs::write(home.path("token"), OLD_ASSERTION).unwrap();
    home.fails(4, &PUSH).says("AADSTS700024").says("fresh token");
}

#[test]
fn a_job_pushes_with_its_id_token_and_entra_alone_sees_it() {
    let (azure, github) = (Azure::start(), GithubOidc::start());
    azure.trusts(github.provider());
    let (mut home, image) = Home::with_image();
    github.permit(&mut home);
    let [tenant, client] = application();
    connector(&home, "workload-identity", &[&tenant, &client, "--federated_token=@oidc"]);
    acr(&home, &azure, &[azure.entra.url()], &[]);
    let pushed = home.ok(&PUSH);
    assert_pushed(&azure, &image);
    // Nothing has to exist before a push: what was issued to prepare it is good for the credentials.
    assert_eq!(github.issued().len(), 1);
    assert_only_entra_saw(&azure, &home, &github.issued().pop().unwrap(), &pushed);
    assert_eq!(github.audiences().first().map(String::as_str), Some("api://AzureADTokenExchange"));
    github.claim(json!({"sub": "repo:acme/other:ref:refs/heads/main"}));
    home.fails(4, &PUSH).says("AADSTS");
}

#[test]
fn a_workload_may_have_its_token_from_the_user() {
    let azure = Azure::start();
    let (home, image) = Home::with_image();
    fs::write(home.path("token"), ASSERTION).unwrap();
    let [tenant, client] = application();
    let host = format!("--authority_host={}/", azure.entra.url());
    connector(&home, "workload-identity", &[&tenant, &client, &host, "--federated_token=@token"]);
    acr(&home, &azure, &[azure.entra.url()], &[]);
    home.ok(&PUSH);
    assert_pushed(&azure, &image);
}

#[test]
fn a_machine_pushes_as_its_managed_identity() {
    let azure = Azure::start();
    let (home, image) = Home::with_image();
    let client = format!("--client_id={CLIENT}");
    connector(&home, "managed-identity", &[&client]);
    let url = azure.imds.url();
    let option = format!("imds-endpoint={url}");
    acr(&home, &azure, &[], &["--option", &option]);
    // An address of this machine is the user's to open.
    home.fails(4, &PUSH).says(&format!("--allow-host {url}"));
    home.ok(&["registry", "remove", "acr"]);
    acr(&home, &azure, &[], &["--option", &option, "--allow-host", &url]);
    home.ok(&PUSH);
    assert_pushed(&azure, &image);
    assert_eq!(azure.entra.requests().len(), 0);
    home.ok(&["connector", "update", "my-azure", "--no-verify", &format!("--client_id={TENANT}")]);
    home.fails(4, &PUSH).says("Identity not found").says("`client-id`");
}

#[test]
fn the_environment_is_read_once_that_is_allowed_and_in_order() {
    let azure = Azure::start();
    let (mut home, image) = Home::with_image();
    home.fails(2, &["connector", "register", "my-azure", "--type=azure", "--auth-method=implicit"])
        .says("--allow-implicit");
    connector(&home, "implicit", &["--allow-implicit"]);
    let url = azure.imds.url();
    acr(&home, &azure, &[azure.entra.url()], &["--option", &format!("imds-endpoint={url}"), "--allow-host", &url]);
    // With nothing in the environment, the machine's identity.
    home.ok(&PUSH);
    assert_eq!((azure.entra.requests().len(), azure.imds.requests().len()), (0, 1));
    // A token before that.
    fs::write(home.path("token"), ASSERTION).unwrap();
    home.set("AZURE_TENANT_ID", TENANT);
    home.set("AZURE_CLIENT_ID", CLIENT);
    home.set("AZURE_FEDERATED_TOKEN_FILE", home.path("token"));
    home.ok(&PUSH);
    assert!(azure.entra.requests().last().unwrap().body.contains("client_assertion="));
    // A secret before both.
    home.set("AZURE_CLIENT_SECRET", SECRET);
    let pushed = home.ok(&PUSH);
    assert!(azure.entra.requests().last().unwrap().body.contains("client_secret="));
    assert_only_entra_saw(&azure, &home, SECRET, &pushed);
    assert_pushed(&azure, &image);
    assert_eq!(azure.imds.requests().len(), 1);
    home.set("AZURE_TENANT_ID", "");
    home.fails(4, &PUSH).says("`tenant-id`");
}

#[test]
fn a_machine_without_any_identity_says_what_was_sought() {
    let azure = Azure::start();
    let (home, _) = Home::with_image();
    connector(&home, "implicit", &["--allow-implicit"]);
    acr(&home, &azure, &[], &[]);
    let refused = home.fails(4, &PUSH).says("--allow-private-host http://169.254.169.254");
    assert!(refused.error().contains("neither a client secret nor a federated token"), "{}", *refused);
    assert_eq!(azure.requests(), [""; 0]);
}

#[test]
fn a_platform_gives_the_tokens_of_its_identity_for_its_header() {
    let azure = Azure::start();
    let (mut home, image) = Home::with_image();
    let url = azure.imds.url();
    home.set("IDENTITY_ENDPOINT", format!("{url}/msi/token"));
    home.set("IDENTITY_HEADER", PLATFORM_HEADER);
    connector(&home, "implicit", &["--allow-implicit"]);
    // The header is a secret: to reach the address is not enough.
    acr(&home, &azure, &[], &["--allow-host", &url]);
    home.fails(4, &PUSH).says(&format!("`{url}` may not have this secret"));
    assert_eq!(azure.requests(), [""; 0]);
    home.ok(&["registry", "remove", "acr"]);
    acr(&home, &azure, &[], &["--allow-secret-host", &url]);
    home.ok(&PUSH);
    assert_pushed(&azure, &image);
    let secret = Needle::new(PLATFORM_HEADER);
    secret.assert_not_below(&home.path("crhost"));
    let saw = azure.requests().iter().filter(|request| secret.found_in(request.as_bytes()).is_some()).count();
    assert_eq!((saw, azure.imds.requests().len()), (1, 1));
}

#[test]
fn a_connector_is_proved_and_its_registries_listed() {
    let azure = Azure::start();
    let (mut home, _) = Home::with_image();
    let option = format!("authority-endpoint={}", azure.entra.url());
    let management = format!("management-endpoint={}", azure.management.url());
    home.ok(&["flavor", "grant", "azure", "--allow-secret-host", &azure.entra.url()]);
    home.ok(&["flavor", "grant", "azure", "--allow-host", &azure.management.url()]);
    service_principal(&mut home, SECRET);
    let proved = home.ok(&["connector", "verify", "my-azure", "--option", &option]);
    assert!(proved.stdout.contains(&format!("application {CLIENT} of tenant {TENANT}")), "{proved}");
    let list = ["connector", "list-resources", "my-azure", "--option", &option, "--option", &management];
    let listed = home.ok(&[&list[..], &["-o", "json"]].concat()).json();
    let found: Vec<&str> =
        listed["resources"].as_array().unwrap().iter().map(|found| found["uri"].as_str().unwrap()).collect();
    assert_eq!(found, ["contoso.azurecr.io", "fabrikam.azurecr.io", "tailwind-e7ggejfuhzhgedc8.azurecr.io"]);
    let one = ["--option", "subscription-id=33333333-aaaa-bbbb-cccc-333333333333"];
    let listed = home.ok(&[&list[..], &one].concat());
    assert!(!listed.stdout.contains("tailwind") && listed.stdout.contains("fabrikam.azurecr.io"), "{listed}");
    let none = ["--option", "subscription-id=99999999-aaaa-bbbb-cccc-999999999999"];
    home.fails(3, &[&list[..], &none].concat()).says("SubscriptionNotFound");
    home.ok(&["connector", "remove", "my-azure"]);
    service_principal(&mut home, "cAnary-not-the-secret");
    home.fails(4, &["connector", "verify", "my-azure", "--option", &option]).says("AADSTS7000215");
}

#[test]
fn a_registry_is_verified_and_keeps_nothing() {
    let azure = Azure::start();
    let (mut home, _) = Home::with_image();
    service_principal(&mut home, SECRET);
    acr(&home, &azure, &[azure.entra.url()], &[]);
    let verified = home.ok(&["registry", "verify", "acr", "team/train", "--push"]);
    assert!(verified.stdout.contains("`my-azure` (azure/service-principal)"), "{verified}");
    assert_eq!((azure.registry.stored(), azure.registry.tags()), (0, 0));
    home.set("SECRET_OF_THE_TEST", "cAnary-not-the-secret");
    home.ok(&["connector", "update", "my-azure", "--no-verify", "--client_secret=@env:SECRET_OF_THE_TEST"]);
    let refused = home.run(&["registry", "verify", "acr"]);
    assert_eq!(refused.code, Some(4), "{refused}");
    assert!(refused.stderr.contains("AADSTS7000215"), "{refused}");
    assert_eq!((azure.registry.stored(), azure.registry.tags()), (0, 0));
}

#[test]
fn without_a_connector_docker_s_configuration_has_the_password() {
    let azure = Azure::start();
    let (home, image) = Home::with_image();
    home.ok(&["registry", "register", "acr", "--flavor=azure", "--uri", azure.registry.host(), "--no-verify"]);
    home.docker_login(azure.registry.host(), ADMIN.0, ADMIN.1);
    home.ok(&PUSH);
    assert_pushed(&azure, &image);
    home.docker_login(azure.registry.host(), ADMIN.0, "not hers");
    let refused = home.run(&PUSH);
    assert_eq!(refused.code, Some(4), "{refused}");
}
