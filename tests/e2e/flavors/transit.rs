//! The flavor `transit` is a key and no registry; `server::key_services` has what it is for.

use std::fs;

use crate::support::programs::bao::Bao;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration::{Connector, RegistrySpec};

#[test]
fn a_key_of_transit_takes_no_push() {
    let (mut home, _) = Home::with_image();
    home.set("BAO_TOKEN", "t");
    Connector::new("me", "transit", "token").field("token", "@env:BAO_TOKEN").register(&home);
    RegistrySpec::new("bao", "transit", "bao.example.com:8200/transit/crhost").connector("me").register(&home);
    let refused = home.fails(2, &["push", "oci:layout:v1", "--to", "bao"]);
    assert!(
        refused.error().contains("no registry") && refused.hint().contains("CRHOST_KEY_FILE"),
        "{}",
        refused.error()
    );
    home.fails(2, &["registry", "register", "x", "--flavor=transit", "--uri=bao.example.com:8200"])
        .says("/transit/crhost");
}

#[test]
fn a_key_is_made_and_unwrapped_by_a_call_of_its_own_recorded_and_played_back() {
    let (mut home, bao) = (Home::new(), Bao::start());
    home.set("BAO_TOKEN", bao.token());
    let (registry, address) = (format!("{}/transit/crhost", bao.host()), format!("transit-address={}", bao.url()));
    let url = bao.url();
    let call = |export: &str, more: &[&str]| -> Vec<String> {
        let words = ["flavor", "call", "transit", export, "--registry", &registry, "--option", &address];
        let granted = ["--auth-method", "token", "--field", "token=@env:BAO_TOKEN", "--allow-secret-host", &url];
        [&words[..], &granted, more].concat().iter().map(|word| (*word).to_owned()).collect()
    };
    let ok = |words: &[String]| home.ok(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let made = ok(&call("make-key", &["--record", "made", "-o", "json"])).json();
    let wrapped = made["answer"]["wrapped"].as_str().unwrap().to_owned();
    assert!(wrapped.starts_with("vault:v1:"), "{made}");
    assert_eq!(made["answer"]["by"], registry);
    // The key is nobody's to see: neither in the answer nor in what was recorded.
    let plaintext = bao.run(&["write", "-field=plaintext", "transit/decrypt/crhost", &format!("ciphertext={wrapped}")]);
    assert!(!made.to_string().contains(&plaintext), "{made}");
    for file in fs::read_dir(home.path("made")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains(&plaintext), "{text}");
    }
    let unwrapped = ok(&call("unwrap-key", &["--wrapped", &wrapped, "--record", "unwrapped"]));
    assert_eq!(unwrapped.stdout, "unwrapped: true\n");
    let fails = |code, words: &[String]| home.fails(code, &words.iter().map(String::as_str).collect::<Vec<_>>());
    fails(2, &call("unwrap-key", &[])).says("needs a wrapped key").says("--wrapped");
    fails(2, &call("unwrap-key", &["--wrapped", "vault:v1:AAAA"])).says("did not wrap it");
    drop(bao);
    for recorded in ["made", "unwrapped"] {
        home.ok(&["flavor", "call", "transit", "--replay", recorded]);
    }
    let without = ["flavor", "call", "default", "make-key", "--registry", "localhost:5000"];
    let refused = home.fails(2, &without).says("wraps no keys");
    assert!(refused.hint().contains("`transit`"), "{}", *refused);
}
