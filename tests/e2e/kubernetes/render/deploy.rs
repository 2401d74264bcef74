//! The manifests of `deploy`: what their commands print, and what a team makes of them.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::super::assert_valid;
use super::{home, manifests, of_kind, pod};
use crate::support::programs::crhost::{Home, repository};
use crate::support::programs::peers;
use crate::support::programs::process;

/// The words of the command in the comment at the top of a manifest.
fn command_of(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let comment = text.lines().map_while(|line| line.strip_prefix("# ")).collect::<Vec<_>>().join("\n");
    let words = shlex::split(&comment.replace("\\\n", " ")).unwrap();
    assert_eq!(words[0], "crhost", "{}", file.display());
    words[1..].to_vec()
}

/// The manifests of `deploy` that `render` printed.
const RENDERED: [&str; 4] = ["server/server.yaml", "jobs/push.yaml", "jobs/sync.yaml", "jobs/prune.yaml"];

#[test]
fn the_manifests_of_deploy_are_what_their_commands_print() {
    let home = Home::new();
    for name in RENDERED {
        let file = repository().join("deploy/kubernetes").join(name);
        let words = command_of(&file);
        let printed = process::run(home.command(&words).current_dir(file.parent().unwrap())).ok().stdout;
        let text = fs::read_to_string(&file).unwrap();
        let comment: String =
            text.lines().take_while(|line| line.starts_with("# ")).map(|line| format!("{line}\n")).collect();
        let expected = format!("{comment}{printed}");
        if std::env::var_os("CRHOST_BLESS").is_some() {
            fs::write(&file, &expected).unwrap();
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), expected, "`CRHOST_BLESS=1` renews it");
        assert_valid(&file);
    }
}

#[test]
fn a_team_s_overlay_has_its_own_namespace_image_and_rules() {
    let home = Home::new();
    let directory = repository().join("deploy/kubernetes/example");
    let mut kubectl = Command::new(peers::program("kubectl"));
    let built = process::run(kubectl.arg("kustomize").arg(&directory)).ok().stdout;
    fs::write(home.path("built.yaml"), &built).unwrap();
    assert_valid(&home.path("built.yaml"));
    let manifests: Vec<Value> = serde_saphyr::from_multiple(&built).unwrap();
    assert!(manifests.iter().all(|manifest| manifest["metadata"]["namespace"] == "team"), "{built}");
    assert_eq!(pod(&manifests)["containers"][0]["image"], "registry.acme.example/tools/crhost:0.1.0");
    let rules = fs::read_to_string(directory.join("rules.toml")).unwrap();
    assert_eq!(of_kind(&manifests, "ConfigMap")["data"]["rules.toml"], rules);
    assert_eq!(of_kind(&manifests, "Deployment")["spec"]["replicas"], 3);
}

#[test]
fn a_server_with_the_key_of_a_service_has_no_key_and_a_token_for_the_service() {
    let home = home();
    let key = "version = 1\n[keys.bao]\nflavor = 'transit'\nuri = 'bao.example.com:8200/transit/crhost'\nconnector = 'pod'\n\
               [connectors.pod]\ntype = 'transit'\nauth-method = 'jwt'\n\
               fields = { role = 'crhost', jwt = '@file:/var/run/secrets/crhost/token' }\n";
    fs::write(home.path("key.toml"), key).unwrap();
    let words =
        ["--secret-env", "CRHOST_DATABASE=crhost/database", "--audience", "bao", "server", "--rules", "rules.toml"];
    let manifests = manifests(&home, &[&words[..], &["--plain-http", "--key-file", "key.toml"]].concat());
    assert_eq!(of_kind(&manifests, "ConfigMap")["data"]["key.toml"], key);
    let pod = pod(&manifests).to_string();
    assert!(pod.contains(r#""audience":"bao""#) && !pod.contains("CRHOST_SERVER"), "{pod}");
}

/// The blocks of the guide in a language, in order.
fn blocks(language: &str) -> Vec<String> {
    let text = fs::read_to_string(repository().join("docs/guide/kubernetes.md")).unwrap();
    let parts = text.split("```").skip(1).step_by(2);
    parts.filter_map(|block| block.strip_prefix(&format!("{language}\n")).map(str::to_owned)).collect()
}

#[test]
fn the_commands_of_the_guide_print_valid_manifests_with_its_rules() {
    let home = home();
    let rules = blocks("toml").pop().unwrap();
    fs::write(home.path("rules.toml"), &rules).unwrap();
    fs::write(home.path("cluster-keys.json"), "{\"keys\": []}\n").unwrap();
    let commands = blocks("sh").join("\n").replace("\\\n", " ");
    let (mut count, mut printed) = (0, String::new());
    for line in commands.lines().filter(|line| line.starts_with("crhost kubernetes render ")) {
        let words = shlex::split(line.split(" | ").next().unwrap()).unwrap();
        printed = process::run(&mut home.command(&words[1..])).ok().stdout;
        fs::write(home.path("manifests.yaml"), &printed).unwrap();
        assert_valid(&home.path("manifests.yaml"));
        count += 1;
        if printed.contains("kind: Deployment") {
            let manifests: Vec<Value> = serde_saphyr::from_multiple(&printed).unwrap();
            assert_eq!(of_kind(&manifests, "ConfigMap")["data"]["rules.toml"], rules);
        }
    }
    assert_eq!(count, 4, "{printed}");
}
