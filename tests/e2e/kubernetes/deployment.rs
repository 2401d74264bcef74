//! The manifests of `deploy/kubernetes`: valid, and their commands, run as they stand, do with the rights that their
//! Role gives.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::cluster::Cluster;
use super::{accounts, assert_valid};
use crate::support::eventually::eventually;
use crate::support::programs::crhost::{Home, repository};
use crate::support::programs::moto::Moto;
use crate::support::programs::process::{self, Running};

/// Where the volume is in the containers.
const VOLUME: &str = "/var/lib/crhost";

/// A container's command, with its variables and the volume at another place.
fn command(home: &Home, container: &Value, volume: &Path, more: &[&str]) -> Command {
    assert_eq!(container["command"], serde_json::json!(["crhost"]));
    let args = container["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap());
    let mut command = home.command(&args.chain(more.iter().copied()).collect::<Vec<_>>());
    for variable in container["env"].as_array().unwrap() {
        let value = variable["value"].as_str().unwrap().replace(VOLUME, volume.to_str().unwrap());
        command.env(variable["name"].as_str().unwrap(), value);
    }
    command
}

#[test]
fn the_deployment_keeps_its_secret_with_no_more_rights_than_its_role_gives() {
    let file = repository().join("deploy/kubernetes/pull-secret.yaml");
    assert_valid(&file);
    let manifests: Vec<Value> = serde_saphyr::from_multiple(&fs::read_to_string(file).unwrap()).unwrap();
    let of_kind = |kind: &str| manifests.iter().find(|manifest| manifest["kind"] == kind).unwrap();
    let pod = &of_kind("Deployment")["spec"]["template"]["spec"];
    let (moto, cluster) = (Moto::start("ecr:GetAuthorizationToken", &[]), Cluster::start());
    let mut home = Home::new();
    let _tls = cluster.configure_pod(&mut home);
    home.set("AWS_ACCESS_KEY_ID", moto.id());
    home.set("AWS_SECRET_ACCESS_KEY", moto.secret());
    // As a volume of a pod is, which others could write to if there were any.
    let volume = home.path("volume");
    fs::create_dir(&volume).unwrap();
    fs::set_permissions(&volume, fs::Permissions::from_mode(0o777)).unwrap();
    // The provider's API is elsewhere than in the manifest.
    let endpoint = format!("--option=ecr-endpoint={}", moto.endpoint());
    let registry = [endpoint.as_str(), "--allow-secret-host", moto.endpoint(), "--no-verify"];
    let init = pod["initContainers"].as_array().unwrap();
    for (container, more) in init.iter().zip([&["--no-verify"][..], &registry]) {
        // A pod that starts again finds what it made.
        for _ in 0..2 {
            process::run(&mut command(&home, container, &volume, more)).ok();
        }
    }
    let crhost = Running::start(&mut command(&home, &pod["containers"][0], &volume, &[]));
    let (_, secret) = eventually("a Secret in the cluster", || cluster.applied().first().cloned());
    crhost.signal("-TERM");
    crhost.end().ok();
    assert_eq!(accounts(&secret)[super::ECR]["username"], "AWS");
    // What the API was asked for is what the Role allows, and the Role allows nothing else.
    let lines: Vec<String> = cluster.requests().into_iter().map(|request| request.line).collect();
    assert_eq!(lines, ["PATCH /api/v1/namespaces/pods/secrets/crhost-ecr?fieldManager=crhost&force=true"]);
    let rules = of_kind("Role")["rules"].as_array().unwrap();
    let patch = serde_json::json!({"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["crhost-ecr"], "verbs": ["patch"]});
    let create = serde_json::json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]});
    assert_eq!(rules, &[create, patch]);
}
