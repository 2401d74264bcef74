//! Options that name a host which the registry's flavor may not reach: said when the registry is registered and
//! examined, with the command that grants it.

use serde_json::json;

use crate::support::fakes::api::{FakeApi, RecordedRequest};
use crate::support::programs::crhost::Home;
use crate::support::programs::hint::obey;
use crate::support::programs::registration::Connector;
use crate::support::programs::registry::Registry;

#[test]
fn a_host_that_an_option_names_and_that_is_not_granted_is_found_before_a_push() {
    let api = FakeApi::start(|_: &RecordedRequest| (404, Vec::new(), json!({"error_message": "Not Found"})));
    let (mut home, registry) = (Home::new(), Registry::open());
    home.set("SECRET", "s3cret-of-quay-4Lq9");
    Connector::new("me", "quay", "oauth-token").field("token", "@env:SECRET").register(&home);
    let (uri, option) = (format!("--uri={}", registry.host()), format!("--option=quay-endpoint={}", api.url()));
    let register = ["registry", "register", "r", "--flavor=quay", &uri, &option, "--connector=me", "--no-verify"];
    let command = format!("crhost flavor grant quay --registry r --allow-secret-host {}", api.url());
    let words = format!("the option `quay-endpoint` names `{}`, which flavor `quay` may not send", api.url());
    let registered = home.ok(&register);
    assert!(registered.stderr.contains(&format!("warning: {words}")), "{registered}");
    assert!(registered.stderr.contains(&format!("`{command}`")), "{registered}");
    let verified = home.run(&["registry", "verify", "r"]);
    assert_eq!(verified.code, Some(4), "{verified}");
    assert!(verified.stdout.lines().any(|line| line.starts_with("options      failed   the option")), "{verified}");
    let hint = verified.stderr.lines().find_map(|line| line.strip_prefix("hint: ")).unwrap();
    assert!(hint.contains(&command), "{verified}");
    let examined = home.run(&["doctor", "r", "-o", "json"]);
    let findings = examined.json()["findings"].as_array().unwrap().clone();
    let finding = findings.iter().find(|finding| finding["check"] == "grants").unwrap();
    assert_eq!(finding["state"], "problem", "{examined}");
    assert!(finding["found"].as_str().unwrap().starts_with(&words), "{finding}");
    assert!(finding["next"].as_str().unwrap().contains(&command), "{finding}");
    assert_eq!(api.lines(), [""; 0]);
    // One step leads on: what is granted for this registry alone is enough.
    obey(&home, hint);
    home.ok(&["registry", "verify", "r"]);
    let examined = home.run(&["doctor", "r", "-o", "json"]);
    let findings = examined.json()["findings"].as_array().unwrap().clone();
    assert!(findings.iter().all(|finding| finding["check"] != "grants" || finding["state"] == "ok"), "{examined}");
    // Without a connector nothing is sent there, and there is nothing to say.
    let plain = ["registry", "register", "plain", "--flavor=quay", &uri, &option];
    let registered = home.ok(&plain);
    assert!(!registered.stderr.contains("quay-endpoint"), "{registered}");
}
