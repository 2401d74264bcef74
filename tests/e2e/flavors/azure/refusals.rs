//! Refusals by Microsoft's services, and the errors that crhost makes of them.

use serde_json::json;

use super::fakes::{Azure, CLIENT, SECRET, TENANT};
use super::{PUSH, acr, connector, service_principal, with_service_principal};
use crate::support::fakes::api::FakeApi;
use crate::support::programs::crhost::Home;

#[test]
fn a_missing_role_is_named_before_any_byte_where_that_is_asked_for() {
    let azure = Azure::start();
    let (home, _) = with_service_principal(&azure, SECRET, &["--option", "check-permission=true"]);
    let push = ["push", "oci:layout:v1", "--to", "acr", "--as", "locked/train"];
    let refused = home.fails(4, &push).says("`locked/train`").says("`AcrPush`");
    assert!(refused.hint().contains("`Container Registry Repository Writer`"), "{}", *refused);
    azure.registry.assert_untouched();
    // Without the question the registry itself stops it, before any byte too.
    home.ok(&["registry", "update", "acr", "--option", "check-permission=false"]);
    let refused = home.run(&push);
    assert_eq!(refused.code, Some(4), "{refused}");
    assert!(refused.stderr.contains("authentication required"), "{refused}");
    azure.registry.assert_untouched();
    assert!(!azure.tokens.lines().iter().any(|line| line.contains("_catalog")));
}

#[test]
fn an_unknown_application_and_an_unknown_tenant_are_named() {
    for (tenant, client, number) in [(TENANT, TENANT, "AADSTS700016"), (CLIENT, CLIENT, "AADSTS90002")] {
        let azure = Azure::start();
        let (home, _) = Home::with_image();
        let (tenant, client) = (format!("--tenant-id={tenant}"), format!("--client-id={client}"));
        connector(&home, "service-principal", &[&tenant, &client, "--client-secret=cAnary-any"]);
        acr(&home, &azure, &[azure.entra.url()], &[]);
        home.fails(4, &PUSH).says(number).says("tenant id");
        assert_eq!(azure.registry.requests(), [""; 0]);
    }
}

#[test]
fn fields_that_can_t_be_right_are_refused_before_any_request_and_not_repeated() {
    for (tenant, client, words) in [(TENANT, "cAnary8Q~swapped", "swapped"), ("common", CLIENT, "many tenants")] {
        let azure = Azure::start();
        let (home, _) = Home::with_image();
        let (tenant, client) = (format!("--tenant-id={tenant}"), format!("--client-id={client}"));
        connector(&home, "service-principal", &[&tenant, &client, "--client-secret=cAnary-any"]);
        acr(&home, &azure, &[azure.entra.url()], &[]);
        let refused = home.fails(2, &PUSH).says(words);
        assert!(!refused.stderr.contains("8Q~"), "{}", *refused);
        assert_eq!(azure.requests(), [""; 0]);
    }
}

#[test]
fn the_words_of_a_registry_that_refuses_are_kept_in_one_line() {
    let errors = |code: &str, words: &str| json!({"errors": [{"code": code, "message": words}]});
    let firewall = "client with IP '20.1.2.3' is not allowed access. Refer https://aka.ms/acr/firewall to grant access. \
                    CorrelationId: 0a";
    for (status, body, code, words) in [
        (403, errors("DENIED", firewall), 4, "az acr network-rule"),
        (401, errors("UNAUTHORIZED", "authentication\nrequired"), 4, "authentication required"),
        (404, errors("NOT_FOUND", "no such registry"), 3, "az acr list"),
        (500, json!("oh dear"), 6, "500"),
        (200, json!({"refresh_token": 7}), 7, "can't be read"),
        (200, json!(null), 7, "can't be read"),
        (418, json!("<html>"), 7, "418"),
    ] {
        let azure = Azure::start();
        let (home, _) = Home::with_image();
        connector(&home, "access-token", &["--token=cAnary-any-token"]);
        acr(&home, &azure, &[azure.tokens.url()], &[]);
        azure.next(status, Vec::new(), body);
        let refused = home.fails(code, &PUSH).says(words);
        assert!(!refused.stderr.contains("CorrelationId"), "{}", *refused);
        azure.registry.assert_untouched();
    }
}

#[test]
fn a_registry_of_another_tenant_than_the_token_s_is_told() {
    let azure = Azure::start();
    azure.belongs_to(CLIENT);
    let (home, _) = with_service_principal(&azure, SECRET, &[]);
    home.fails(4, &PUSH).says("authentication required").says(&format!("tenant `{TENANT}`"));
    azure.registry.assert_untouched();
}

#[test]
fn half_an_answer_of_entra_is_told_in_one_line() {
    for (status, body, code, words) in [
        (200, json!({"access_token": ""}), 7, "can't be read"),
        (200, json!("{"), 7, "can't be read"),
        (400, json!({"error": "invalid"}), 4, "invalid"),
        (503, json!({}), 6, "503"),
    ] {
        let azure = Azure::start();
        let (home, _) = with_service_principal(&azure, SECRET, &[]);
        // The host comes back to a service that is busy.
        (0..8).for_each(|_| azure.next(status, vec![("retry-after", "0".to_owned())], body.clone()));
        home.fails(code, &PUSH).says(words);
        assert_eq!(azure.registry.requests(), [""; 0]);
    }
}

#[test]
fn a_listing_without_end_is_given_up_and_one_that_goes_on_elsewhere_is_not_followed() {
    let azure = Azure::start();
    let (mut home, _) = Home::with_image();
    service_principal(&mut home, SECRET);
    home.ok(&["flavor", "grant", "azure", "--allow-secret-host", &azure.entra.url()]);
    let elsewhere = FakeApi::start(|_| (200, Vec::new(), json!({"value": []})));
    let others = elsewhere.url();
    for (next, words) in [(None, "`--option subscription-id="), (Some(others.clone()), "another host")] {
        let endless = FakeApi::start(move |request| {
            let own = format!("http://{}", request.headers["host"].to_str().unwrap());
            (200, Vec::new(), json!({"value": [], "nextLink": format!("{}/more", next.as_ref().unwrap_or(&own))}))
        });
        home.ok(&["flavor", "grant", "azure", "--allow-host", &endless.url(), "--allow-host", &others]);
        let options = [
            format!("--option=authority-endpoint={}", azure.entra.url()),
            format!("--option=management-endpoint={}", endless.url()),
        ];
        home.fails(7, &["connector", "list-resources", "my-azure", &options[0], &options[1]]).says(words);
        assert!(endless.requests().len() < 64);
    }
    assert_eq!(elsewhere.requests().len(), 0);
}
