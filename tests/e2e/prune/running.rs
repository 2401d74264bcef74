//! Images that run in a cluster stay. `kubectl` is a fake here: a script that answers, or fails.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::{NEW, OLD, deletions, plan};
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;
use crate::support::programs::written_repository::{Repository, digest_of};

/// Puts a fake `kubectl` on the `PATH` that prints this and ends with a status.
fn kubectl(home: &mut Home, list: &Value, status: u8) {
    let directory = home.path("fakes");
    fs::create_dir_all(&directory).unwrap();
    let file = directory.join("kubectl");
    let script = format!(
        "#!/bin/sh\n[ \"$1 $3 $4\" = '--kubeconfig get pods' ] || exit 9\necho '{list}'\n[ {status} = 0 ] || echo refused >&2\nexit {status}\n"
    );
    fs::write(&file, script).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    home.prepend_path(&directory);
}

#[test]
fn an_image_that_runs_stays_by_its_name_or_its_digest() {
    let (registry, mut home) = (Registry::deleting(), Home::new());
    let host = registry.host();
    let train = Repository { host, name: "train" };
    let (by_name, by_digest) = (train.image(Some("v1"), "a", OLD), train.image(Some("v2"), "b", OLD));
    let idle = train.image(Some("v3"), "c", NEW);
    let status = json!([{"image": "x", "imageID": format!("mirror.example.com/train@{}", digest_of(&by_digest))}]);
    let list = json!({"kind": "List", "items": [
        {"spec": {"containers": [{"image": format!("{host}/train:v1")}]}},
        {"spec": {"containers": []}, "status": {"containerStatuses": status}},
    ]});
    kubectl(&mut home, &list, 0);
    let repository = format!("{host}/train");
    let plan = plan(&home, &[&repository, "--keep", "0", "--keep-running", "kubeconfig"]);
    assert_eq!(deletions(&plan), [digest_of(&idle)], "{plan}");
    // The cluster is asked again: the image runs by now.
    let now = json!({"items": [{"spec": {"containers": [{"image": format!("{host}/train:v3")}]}}]});
    kubectl(&mut home, &now, 0);
    home.fails(5, &["prune", "--apply", "plan.json", "--yes"]).says("it runs in the cluster");
    kubectl(&mut home, &list, 1);
    home.fails(1, &["prune", "--apply", "plan.json", "--yes"]).says("refused");
    home.fails(1, &["prune", &repository, "--keep", "0", "--keep-running", "kubeconfig"]).says("not known");
    assert!(train.has(digest_of(&by_name)) && train.has("v3"));
    kubectl(&mut home, &list, 0);
    home.ok(&["prune", "--apply", "plan.json", "--yes"]);
    assert!(train.has("v1") && train.has("v2") && !train.has("v3"));
}
