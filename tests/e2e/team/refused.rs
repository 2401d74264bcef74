//! Files that are refused: one line, a hint, an exit code.

use std::fs;

use super::write;
use crate::support::judges::needle::Needle;
use crate::support::programs::crhost::Home;

#[test]
fn a_secret_in_the_file_is_refused_and_not_repeated() {
    let home = Home::new();
    let secret = "hunter2-hunter2";
    for value in [secret, "${TEAM_PASSWORD}", "@@hunter2-hunter2"] {
        write(
            &home,
            &format!(
                "[connectors.ci]\ntype = 'docker'\nauth-method = 'password'\nfields = {{ username = 'a', password = '{value}' }}\n"
            ),
        );
        for words in [&["apply", "--yes"][..], &["registry", "list", "--config", "crhost.toml"]] {
            let refused = home.fails(2, words);
            assert_eq!(
                refused.error(),
                "crhost.toml: connector `ci`: field `password` is a secret, and its value stands in the file"
            );
            assert!(refused.hint().contains("`@env:NAME`, `@file:PATH`, `@oidc`"), "{}", *refused);
            Needle::new(secret).assert_not_in(refused.stderr.as_bytes(), "the error");
        }
    }
}

#[test]
fn a_stored_value_is_taken_for_the_service_that_it_was_given_for_alone() {
    let home = Home::new();
    let gitlab = ["--type", "gitlab", "--auth-method", "deploy-token", "--username=a", "--token=hunter2-hunter2"];
    home.ok(&[&["connector", "register", "gl", "--no-verify"][..], &gitlab].concat());
    let connector = |kind: &str, method: &str| {
        format!(
            "[connectors.gl]\ntype = '{kind}'\nauth-method = '{method}'\n\
             fields = {{ username = 'a', token = '@stored' }}\n"
        )
    };
    write(&home, &connector("gitlab", "deploy-token"));
    home.ok(&["apply", "--dry-run"]);
    write(&home, &connector("github", "token"));
    home.fails(2, &["apply", "--dry-run"]).says("is `@stored`, and no store here has its value");
}

#[test]
fn a_key_that_is_not_known_is_refused_with_the_one_that_was_meant() {
    let home = Home::new();
    write(&home, "[registries.prod]\nflavor = 'default'\nuir = 'registry.example.com'\n");
    let refused = home.fails(2, &["apply", "--yes"]);
    assert_eq!(refused.error(), "crhost.toml:4: unknown key `uir`; did you mean `uri`?");
    assert!(refused.hint().contains("docs/guide/team.md"), "{}", *refused);
    home.fails(2, &["push", "oci:x", "--to", "prod", "--config", "crhost.toml"]).says("did you mean `uri`?");
}

#[test]
fn entries_are_held_to_the_rules_of_the_commands() {
    let home = Home::new();
    fs::write(home.path("other.toml"), "version = 1\n").unwrap();
    let registry = "[registries.prod]\nflavor = 'default'\n";
    for (text, code, error) in [
        (
            "[flavors.defualt]\nallow-hosts = ['https://a.example']",
            2,
            "it is not built in, and has no `source`; did you mean `default`?",
        ),
        (&format!("{registry}uri = 'registry.example.com'\nconnector = 'ci'"), 3, "crhost.toml: registry `prod`: "),
        (&format!("{registry}uri = 'registry.example.com'\noptions = {{ nope = 1 }}"), 2, "has no option `nope`"),
        (
            &format!("{registry}uri = '${{TEAM_HOST}}/acme'"),
            2,
            "crhost.toml: registry `prod`: `${TEAM_HOST}` is not set",
        ),
        ("[connectors.ci]\ntype = 'dokcer'", 2, "crhost.toml: connector `ci`: "),
        (
            "[connectors.ci]\ntype = 'docker'\nfields = { username = 'a', password = '@vault:kv/x' }",
            2,
            "names no place",
        ),
        (
            "[connectors.ci]\ntype = 'docker'\nfields = { username = 'a', password = '@env:${TEAM}' }",
            2,
            "names a place with `${` in it",
        ),
        ("default-registry = 'prod'", 3, "crhost.toml: `default-registry`: "),
        ("include = ['other.toml', 'other.toml', 'gone.toml']", 3, "gone.toml` can't be read"),
        ("[policies.p]\nsource = 'gone.wasm'", 3, "crhost.toml: policy `p`: "),
    ] {
        write(&home, text);
        let refused = home.fails(code, &["apply", "--yes"]);
        assert!(refused.error().contains(error), "{text}: {}", *refused);
    }
    home.fails(3, &["apply", "gone.toml"]).says("run the command where `crhost.toml` is");
}
