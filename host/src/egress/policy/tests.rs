use std::sync::Arc;

use zeroize::Zeroizing;

use super::super::body::Body;
use super::super::encoding::Encoding;
use super::super::secret::Source;
use super::super::value::{SecretValue, Value};
use super::*;
use crate::grant::operation::{Method, Place, Placement, SecretForm};

fn secret() -> EgressSecret {
    let origin = Origin::Itself(Source { field: "token".to_owned(), member: None });
    EgressSecret::new(Arc::new(Zeroizing::new(b"hunter2hunter2".to_vec())), Arc::new(origin))
}

fn operation(host: &str) -> Operation {
    Operation {
        name: "read".to_owned(),
        summary: String::new(),
        methods: vec![Method::Get],
        hosts: vec![host.parse().unwrap()],
        endpoints: vec!["api-endpoint".to_owned()],
        paths: vec!["/v1/*".parse().unwrap(), "/".parse().unwrap()],
        query: Vec::new(),
        headers: Vec::new(),
        body: Vec::new(),
        secrets: vec![Placement {
            field: "token".to_owned(),
            member: None,
            form: SecretForm::Itself,
            place: Place::Header { name: "authorization".to_owned(), prefix: "Bearer ".to_owned() },
        }],
    }
}

fn policy(grants: Vec<Grant>, operations: Vec<(Operation, Consent)>, endpoint: Option<&str>) -> EgressPolicy {
    let declared = |(operation, consent)| DeclaredOperation { operation, consent };
    EgressPolicy::Granted(GrantedOperations {
        grants,
        registry: Some("registry.example".parse().unwrap()),
        operations: operations.into_iter().map(declared).collect(),
        endpoints: endpoint.into_iter().map(|url| ("api-endpoint".to_owned(), url.to_owned())).collect(),
        registry_password: Some(("token".to_owned(), Consent::Given)),
    })
}

fn grant(pattern: &str, written: bool, secrets: bool) -> Grant {
    Grant { pattern: pattern.parse().unwrap(), written, secrets }
}

fn authorized(policy: &EgressPolicy, url: &str, with_secret: bool) -> Result<Permission, String> {
    let bearer = SecretValue { before: "Bearer ".to_owned(), secret: secret(), encoding: Encoding::Raw };
    let headers = match with_secret {
        true => vec![("authorization".to_owned(), Value::Secret(bearer))],
        false => Vec::new(),
    };
    let request = Request { method: Method::Get, url: url.to_owned(), headers, body: Body::Empty };
    let shown = |denial: Denial| format!("{denial}; {}", denial.hint().map_or("no hint", Escaped::as_str));
    policy.authorize(&Guest::flavor("x"), &Target::parse(url).unwrap(), &request).map_err(shown)
}

const HOST: &str = "https://api.example.com";

fn given(host: &str) -> Vec<(Operation, Consent)> {
    vec![(operation(host), Consent::Given)]
}

#[test]
fn a_granted_operation_is_open_with_its_secret_and_nothing_else_is() {
    let policy = policy(vec![grant(HOST, false, true)], given(HOST), None);
    assert!(authorized(&policy, "https://api.example.com/v1/x", true).is_ok());
    assert!(authorized(&policy, "https://api.example.com/v1/x", false).is_ok());
    for url in ["https://api.example.com/v2/x", "https://api.example.com/v1/x/y"] {
        for with_secret in [true, false] {
            let denial = authorized(&policy, url, with_secret).unwrap_err();
            assert!(denial.contains("none that the flavor declares"), "{denial}");
        }
    }
    assert!(authorized(&policy, "https://other.example.com/v1/x", false).unwrap_err().contains("is not granted"));
}

#[test]
fn a_secret_needs_a_host_that_was_granted_for_secrets_by_its_own_pattern() {
    let url = "https://t.evil.example/v1/x";
    // Granted without secrets; the pattern of the operation merely overlaps.
    let overlap = policy(vec![grant("https://t.evil.example", false, false)], given("https://*.evil.example"), None);
    assert!(authorized(&overlap, url, true).is_err());
    let overlap = policy(vec![grant("https://t.evil.example", false, true)], given("https://*.evil.example"), None);
    assert!(authorized(&overlap, url, true).is_err());
    let plain = policy(vec![grant("https://*.evil.example", false, false)], given("https://*.evil.example"), None);
    assert!(authorized(&plain, url, false).is_ok());
    let denial = authorized(&plain, url, true).unwrap_err();
    // What the flavor itself sends secrets to, and the user left closed: no command to paste.
    assert!(denial.contains("may not have this secret") && !denial.contains("--allow-secret-host http"), "{denial}");
    assert!(denial.contains("the option `--allow-secret-host`"), "{denial}");
    let whole = policy(vec![grant("https://*.evil.example", false, true)], given("https://*.evil.example"), None);
    assert!(authorized(&whole, url, true).is_ok());
}

#[test]
fn a_host_that_the_user_wrote_takes_the_place_of_an_operation_s_host() {
    let written = |secrets| policy(vec![grant("http://127.0.0.1:5557", true, secrets)], given(HOST), None);
    assert!(authorized(&written(true), "http://127.0.0.1:5557/v1/x", true).is_ok());
    assert!(authorized(&written(true), "http://127.0.0.1:5557/other", true).is_err());
    assert!(authorized(&written(false), "http://127.0.0.1:5557/v1/x", true).is_err());
    // Without secrets, the user has opened it to any request.
    assert!(authorized(&written(false), "http://127.0.0.1:5557/other", false).is_ok());
}

#[test]
fn an_endpoint_stands_for_a_host_and_the_beginning_of_a_path() {
    let at = |endpoint| policy(vec![grant("https://proxy.example.com", true, true)], given(HOST), Some(endpoint));
    for (endpoint, url) in [
        ("https://proxy.example.com/api", "https://proxy.example.com/api/v1/x"),
        ("https://proxy.example.com/api/", "https://proxy.example.com/api/v1/x"),
        ("https://proxy.example.com/api", "https://proxy.example.com/api"),
        ("https://proxy.example.com/api", "https://proxy.example.com/api/"),
    ] {
        assert!(authorized(&at(endpoint), url, true).is_ok(), "{endpoint} {url}");
    }
    for url in ["https://proxy.example.com/apiv1/x", "https://proxy.example.com/other/v1/x"] {
        assert!(authorized(&at("https://proxy.example.com/api"), url, true).is_err(), "{url}");
    }
    let ungranted = policy(vec![grant(HOST, false, true)], given(HOST), Some("https://proxy.example.com/api"));
    assert!(authorized(&ungranted, "https://proxy.example.com/api/v1/x", true).is_err());
}

#[test]
fn the_hint_has_the_option_with_which_the_request_is_sent() {
    let refused = |grants, hosts, endpoint, url, with_secret| {
        authorized(&policy(grants, given(hosts), endpoint), url, with_secret).unwrap_err()
    };
    let local = "http://127.0.0.1:8089";
    // An endpoint that the user named: one step, whatever its address.
    let named = |grants, with_secret| refused(grants, HOST, Some(local), "http://127.0.0.1:8089/v1/x", with_secret);
    let words = named(Vec::new(), true);
    assert!(
        words.contains("private network") && words.contains("--allow-secret-host http://127.0.0.1:8089"),
        "{words}"
    );
    assert!(authorized(&policy(vec![grant(local, true, true)], given(HOST), Some(local)), local, true).is_ok());
    assert!(named(Vec::new(), false).contains("--allow-host http://127.0.0.1:8089"));
    // As the next step of somebody who opened it without secrets.
    let words = named(vec![grant(local, true, false)], true);
    assert!(words.contains("may have the secret: `crhost flavor grant x --allow-secret-host http://127"), "{words}");
    // A host of the flavor's own is granted by the pattern that it declares.
    let wild = "https://*.example.com";
    let words = refused(Vec::new(), wild, None, "https://api.example.com/v1/x", true);
    assert!(words.contains("crhost flavor grant x --allow-secret-host 'https://*.example.com'"), "{words}");
    assert!(
        authorized(&policy(vec![grant(wild, false, true)], given(wild), None), "https://api.example.com/v1/x", true)
            .is_ok()
    );
    // A request of an operation elsewhere, such as at an address of the environment: the option, and no command.
    let words = refused(Vec::new(), HOST, None, "https://other.example/v1/x", true);
    assert!(words.contains("the option `--allow-secret-host` opens") && !words.contains("grant x"), "{words}");
    let elsewhere = "https://other.example/v1/x";
    let granted = policy(vec![grant("https://other.example", true, true)], given(HOST), None);
    assert!(authorized(&granted, elsewhere, true).is_ok());
    // A secret that no operation sends so: no option would help.
    let words = refused(Vec::new(), HOST, None, "https://other.example/v2/x", true);
    assert!(words.contains("none of its operations does") && !words.contains("--allow"), "{words}");
}

#[test]
fn a_call_of_a_file_is_granted_what_the_component_declares_by_one_option() {
    let policy = policy(Vec::new(), given(HOST), None);
    let request = Request { method: Method::Get, url: String::new(), headers: Vec::new(), body: Body::Empty };
    let target = Target::parse("https://api.example.com/v1/x").unwrap();
    let denial = policy.authorize(&Guest::flavor("x").tried(), &target, &request).unwrap_err();
    assert!(denial.hint().unwrap().as_str().contains("`--yes`"), "{denial:?}");
}

#[test]
fn endpoints_that_nothing_opens_are_found_without_a_request() {
    let closed = |grants, endpoint| policy(grants, given(HOST), Some(endpoint)).closed_endpoints();
    let [found] = closed(Vec::new(), "http://127.0.0.1:8089/api").try_into().unwrap();
    assert_eq!(
        (found.name.as_str(), found.origin.as_str(), found.secrets),
        ("api-endpoint", "http://127.0.0.1:8089", true)
    );
    assert_eq!(closed(vec![grant("http://127.0.0.1:8089", true, false)], "http://127.0.0.1:8089").len(), 1);
    assert!(closed(vec![grant("http://127.0.0.1:8089", true, true)], "http://127.0.0.1:8089/api").is_empty());
    // The host that the operation has anyhow, as it was agreed to.
    assert!(closed(vec![grant(HOST, false, true)], "https://api.example.com/proxy").is_empty());
    assert!(closed(Vec::new(), "no url").is_empty());
}

#[test]
fn an_operation_that_the_connector_was_not_stored_for_gets_no_secret() {
    let with = |consent| policy(vec![grant(HOST, false, true)], vec![(operation(HOST), consent)], None);
    let url = "https://api.example.com/v1/x";
    let denial = authorized(&with(Consent::Unrecorded), url, true).unwrap_err();
    assert!(denial.contains("was stored before") && denial.contains("--renew"), "{denial}");
    let unaccepted = Consent::Unaccepted("acme/token/read".to_owned());
    let denial = authorized(&with(unaccepted.clone()), url, true).unwrap_err();
    assert!(denial.contains("no standard defines") && denial.contains("--allow-operation acme/token/read"), "{denial}");
    assert!(authorized(&with(unaccepted), url, false).is_ok());
}

#[test]
fn an_address_that_is_not_granted_is_called_what_it_is() {
    let policy = policy(vec![grant("https://granted.example", false, false)], Vec::new(), None);
    let words = authorized(&policy, "https://169.254.169.254/", false).unwrap_err();
    assert!(
        words.contains("private network") && words.contains("--allow-private-host https://169.254.169.254"),
        "{words}"
    );
    // Nothing that could be granted.
    assert!(authorized(&policy, "https://0.0.0.0/", false).unwrap_err().ends_with("no hint"));
    assert!(!authorized(&policy, "https://8.8.8.8/", false).unwrap_err().contains("private network"));
}

#[test]
fn a_secret_is_the_registry_s_password_only_where_its_method_says_so() {
    let registry = "https://{registry}";
    let allow =
        |grants, secret: &EgressSecret| policy(grants, Vec::new(), None).allow_password(&Guest::flavor("x"), secret);
    assert!(allow(vec![grant(registry, false, true)], &secret()).is_ok());
    assert!(allow(vec![grant("https://registry.example", true, true)], &secret()).is_ok());
    for grants in [
        vec![grant(registry, false, false)],
        vec![grant("https://auth.example", true, true)],
        // A pattern that the flavor asked for and that merely matches.
        vec![grant("https://registry.example", false, true)],
    ] {
        assert!(allow(grants, &secret()).is_err());
    }
    let of = |origin| EgressSecret::new(Arc::new(Zeroizing::new(b"hunter2".to_vec())), Arc::new(origin));
    let field =
        |field: &str, member: Option<&str>| Source { field: field.to_owned(), member: member.map(str::to_owned) };
    for other in [
        of(Origin::Itself(field("other", None))),
        of(Origin::Derived { key: Some(field("token", None)), messages: Vec::new() }),
    ] {
        assert!(allow(vec![grant(registry, false, true)], &other).is_err());
    }
}
