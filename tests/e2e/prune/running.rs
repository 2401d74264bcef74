//! Images that run in a cluster stay. `kubectl` is a fake, a script that answers or fails; or the real one, and the
//! cluster is a fake of its API.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::{NEW, OLD, deletions, plan};
use crate::support::fakes::api::{FakeApi, RecordedRequest};
use crate::support::fakes::certificates::Authority;
use crate::support::fakes::tls_proxy;
use crate::support::programs::crhost::Home;
use crate::support::programs::peers;
use crate::support::programs::registry::Registry;
use crate::support::programs::written_repository::{Repository, digest_of};

/// Puts a fake `kubectl` on the `PATH` that prints this and ends with a status.
fn kubectl(home: &mut Home, list: &Value, status: u8) {
    let directory = home.path("fakes");
    fs::create_dir_all(&directory).unwrap();
    let file = directory.join("kubectl");
    let script = format!(
        "#!/bin/sh\n[ \"$1 $3 ${{4%%,*}}\" = '--kubeconfig get pods' ] || exit 9\necho '{list}'\n[ {status} = 0 ] || echo refused >&2\nexit {status}\n"
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

/// A fake of a cluster's API for a user with a token: it lists pods in parts, and what makes pods.
fn cluster(pods: Vec<Value>, deployments: Value, jobs: Value) -> FakeApi {
    FakeApi::start(move |request: &RecordedRequest| {
        let header = vec![("content-type", "application/json".to_owned())];
        let resources = |version: &str, kinds: &[(&str, &str)]| {
            let all: Vec<Value> = kinds
                .iter()
                .map(|(name, kind)| json!({"name": name, "namespaced": true, "kind": kind, "verbs": ["get", "list"]}))
                .collect();
            json!({"kind": "APIResourceList", "groupVersion": version, "resources": all})
        };
        let group = |name: &str| {
            let version = json!({"groupVersion": format!("{name}/v1"), "version": "v1"});
            json!({"name": name, "versions": [version], "preferredVersion": version})
        };
        let list = |kind: &str, version: &str, items: Value, next: &str| json!({"kind": format!("{kind}List"), "apiVersion": version, "metadata": {"continue": next}, "items": items});
        let line = request.line.strip_prefix("GET ").unwrap();
        let (target, query) = line.split_once('?').unwrap_or((line, ""));
        if target.starts_with("/api/v1/pods") && request.authorization() != "Bearer the-token" {
            return (
                403,
                header,
                json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "Forbidden", "code": 403,
                "message": "pods is forbidden: User cannot list resource"}),
            );
        }
        let answer = match target {
            "/version" => json!({"major": "1", "minor": "32", "gitVersion": "v1.32.0"}),
            "/api" => json!({"kind": "APIVersions", "versions": ["v1"]}),
            "/apis" => json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": [group("apps"), group("batch")]}),
            "/api/v1" => resources("v1", &[("pods", "Pod"), ("replicationcontrollers", "ReplicationController")]),
            "/apis/apps/v1" => resources(
                "apps/v1",
                &[
                    ("deployments", "Deployment"),
                    ("replicasets", "ReplicaSet"),
                    ("statefulsets", "StatefulSet"),
                    ("daemonsets", "DaemonSet"),
                ],
            ),
            "/apis/batch/v1" => resources("batch/v1", &[("jobs", "Job"), ("cronjobs", "CronJob")]),
            "/api/v1/pods" if query.contains("continue=more") => list("Pod", "v1", json!([pods[1]]), ""),
            "/api/v1/pods" => list("Pod", "v1", json!([pods[0]]), "more"),
            "/apis/apps/v1/deployments" => list("Deployment", "apps/v1", deployments.clone(), ""),
            "/apis/batch/v1/cronjobs" => list("CronJob", "batch/v1", jobs.clone(), ""),
            _ => list("Other", "v1", json!([]), ""),
        };
        (200, header, answer)
    })
}

#[test]
fn kubectl_itself_lists_pods_in_parts_and_what_makes_pods() {
    let (registry, mut home) = (Registry::deleting(), Home::new());
    let host = registry.host();
    let train = Repository { host, name: "train" };
    let images = ["by-tag", "by-id", "scaled-down", "yearly", "idle"].map(|tag| train.image(Some(tag), tag, OLD));
    let pod = |name: &str, image: &str, id: &str| {
        json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": name, "namespace": "a"},
            "spec": {"containers": [{"name": "c", "image": image}]},
            "status": {"containerStatuses": [{"name": "c", "image": image, "imageID": id}]}})
    };
    let pods = vec![
        pod("one", &format!("{host}/train:by-tag"), ""),
        pod(
            "two",
            "mirror.example.com/x:1",
            &format!("docker-pullable://mirror.example.com/x@{}", digest_of(&images[1])),
        ),
    ];
    let template = |tag: &str| json!({"spec": {"containers": [{"name": "c", "image": format!("{host}/train:{tag}")}]}});
    let deployments = json!([{"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "d", "namespace": "a"},
        "spec": {"replicas": 0, "template": template("scaled-down")}}]);
    let jobs = json!([{"kind": "CronJob", "apiVersion": "batch/v1", "metadata": {"name": "j", "namespace": "a"},
        "spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": template("yearly")}}}}]);
    let api = cluster(pods, deployments, jobs);
    // kubectl sends no credentials without TLS.
    let (authority, port) = (Authority::new(), api.url().rsplit(':').next().unwrap().parse().unwrap());
    let tls = tls_proxy::routing(&authority.identity(&["localhost"]), move |_, _| port);
    fs::write(home.path("ca.crt"), authority.pem()).unwrap();
    let server = json!({"server": format!("https://localhost:{}", tls.port()), "certificate-authority": "ca.crt"});
    let bin = home.path("kubectl-bin");
    fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(peers::program("kubectl"), bin.join("kubectl")).unwrap();
    home.prepend_path(&bin);
    let configure = |user: Value| {
        let config = json!({"apiVersion": "v1", "kind": "Config", "current-context": "fake",
            "clusters": [{"name": "fake", "cluster": server}],
            "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "me"}}],
            "users": [{"name": "me", "user": user}]});
        fs::write(home.path("kubeconfig"), config.to_string()).unwrap();
    };
    let repository = format!("{host}/train");
    let words = [&repository, "--keep", "0", "--keep-running", "kubeconfig"];
    configure(json!({"token": "the-token"}));
    assert_eq!(deletions(&plan(&home, &words)), [digest_of(&images[4])]);
    // A program that gives the credentials is run by kubectl.
    let helper = home.path("credentials");
    let credential = json!({"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "status": {"token": "the-token"}});
    fs::write(&helper, format!("#!/bin/sh\necho '{credential}'\n")).unwrap();
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).unwrap();
    configure(
        json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": helper, "interactiveMode": "Never"}}),
    );
    assert_eq!(deletions(&plan(&home, &words)), [digest_of(&images[4])]);
    // Who may not list it all may not delete.
    configure(json!({"token": "another"}));
    home.fails(1, &[&["prune"][..], &words].concat()).says("pods is forbidden");
}
