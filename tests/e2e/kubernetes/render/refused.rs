//! Commands that would fail in a pod.

use std::fs;

use super::{RENDER, SERVER, home};

#[test]
fn what_would_fail_in_a_pod_is_refused_before() {
    let home = home();
    fs::write(home.path("bad.yaml"), "version: 1\nmirrors: 7\n").unwrap();
    let (server, config) = (["--server", "https://crhost.team.svc"], ["--config", "crhost.toml"]);
    let push = ["push", "oci:/build", "--to", "prod"];
    for (words, message) in [
        (&[&push[..], &["--nosuch"]].concat()[..], "`crhost push` has no option `--nosuch`"),
        // A part of one image is none: `--shard` goes with many.
        (&[&server[..], &["--shards", "2"], &push].concat(), "`crhost push` needs `<--all-tags|--all>`"),
        (&["--shards", "2", "server", "--rules", "rules.toml"], "`crhost server` has no option `--shard`"),
        (&push, "the pod would know no registry"),
        (&[&server[..], &["push", "train:v1", "--to", "prod"]].concat(), "no Docker daemon"),
        (&["--server", "http://crhost.team.svc", "push", "oci:/build"], "expected `https://HOST[:PORT]`"),
        (&[&["pull", "prod/x"][..], &config].concat(), "`crhost pull` is no work for a cluster"),
        (&["nosuch"], "`crhost` has no command `nosuch`"),
        (&[&["sync", "bad.yaml"][..], &config].concat(), "bad.yaml"),
        (&[&["sync", "absent.yaml"][..], &config].concat(), "absent.yaml"),
        (&["sync", "mirror.yaml", "--config", "../crhost.toml"], "../crhost.toml"),
        (&[&["--delete", "sync", "mirror.yaml"][..], &config].concat(), "only a plan of `prune` can be carried out"),
        (&SERVER, "the server has no database"),
        (&["--secret-env", "CRHOST_DATABASE=a/b", "server", "--rules", "rules.toml"], "would speak plain HTTP"),
        (
            &[
                "--secret-env",
                "CRHOST_DATABASE=a/b",
                "server",
                "--rules",
                "rules.toml",
                "--plain-http",
                "--listen",
                "8443",
            ],
            "where no other pod reaches it",
        ),
        (
            &[
                "--secret-env",
                "CRHOST_DATABASE=a/b",
                "server",
                "--rules",
                "rules.toml",
                "--plain-http",
                "--key-file",
                "key",
            ],
            "`key` is a key, and would stand in a ConfigMap",
        ),
        (
            &["server", "--rules", "rules.toml", "--plain-http", "--database", "postgres://crhost:canary@db/crhost"],
            "`--database` would put a secret into the manifest",
        ),
        (&[&["--env", "HUB_TOKEN=canary"][..], &server, &push].concat(), "`--env HUB_TOKEN` would put a secret"),
    ] {
        let refused = home.run(&[&RENDER[..], words].concat());
        assert!(matches!(refused.code, Some(2 | 3)), "{words:?}{refused}");
        assert!(refused.stderr.contains(message) && !refused.stderr.contains("canary"), "{message}{refused}");
        assert_eq!(refused.stdout, "");
    }
    let help = home.ok(&[&RENDER[..], &["push", "--help"]].concat());
    assert!(help.stdout.contains("Usage: crhost push"), "{help}");
}
