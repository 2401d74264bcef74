//! Connector types, as the flavors describe them.

use serde_json::json;

use super::home;

#[test]
fn types_are_listed_with_their_methods_and_flavors() {
    let home = home();
    let listed = home.ok(&["connector", "list-types", "-o", "json"]).json();
    let types = listed["types"].as_array().unwrap();
    let vault = types.iter().find(|listed| listed["type"] == "vault").unwrap();
    assert_eq!(vault["authMethods"], json!(["password", "key-file", "machine", "profile"]));
    assert_eq!(vault["flavors"], json!(["vault"]));
    let listed = home.ok(&["service-connector", "list-types"]);
    assert!(listed.stdout.contains("password, key-file"), "{listed}");
}

#[test]
fn a_type_is_described_with_fields_sources_and_hosts() {
    let home = home();
    let described = home.ok(&["connector", "describe-type", "vault", "-o", "json"]).json();
    let methods = described["authMethods"].as_array().unwrap();
    assert_eq!(methods.len(), 4);
    assert_eq!(methods[0]["hosts"], json!(["https://vault.example.com", "https://{registry}"]));
    assert_eq!(methods[0]["fields"][0]["required"], true);
    assert_eq!(methods[2]["implicit"], true);
    assert_eq!(
        methods[2]["fields"][1],
        json!({
            "name": "password", "summary": "What opens the vault", "kind": "secret", "required": true,
            "sources": [{"env": "VAULT_PASSWORD"}, {"file": "~/.vault/password"}], "publicMembers": [],
        })
    );
    let described = home.ok(&["connector", "describe-type", "vault", "--auth-method=machine"]).stdout.clone();
    for words in ["vault/machine", "$VAULT_PASSWORD, ~/.vault/password", "--allow-implicit", "https://{registry}"] {
        assert!(described.contains(words), "{words}: {described}");
    }
    assert!(!described.contains("key-file"), "{described}");
    home.fails(2, &["connector", "describe-type", "nowhere"]).says("`vault`");
    home.fails(2, &["connector", "describe-type", "vault", "-a", "token"]).says("`key-file`");
}
