//! Credentials for clusters: Secrets that pull images, and the kubelet's credential provider.
//!
//! Manifests are judged by Kubernetes' own schemas and `kubectl`. There is no cluster: a fake answers what `kubectl`
//! and crhost ask its API.

mod cluster;
mod deployment;
mod provider;
mod pull_secret;
mod render;
mod watch;

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::fakes::signer::now;
use crate::support::programs::crhost::Home;
use crate::support::programs::peers;
use crate::support::programs::process;
use crate::support::programs::registration::{Connector, RegistrySpec};

/// The host of ECR's registries in these tests.
const ECR: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

/// Registers a registry of ECR, whose API is a fake.
#[track_caller]
fn register_ecr(home: &mut Home, api: &str) {
    home.set("SECRET_OF_THE_TEST", "secret-of-the-test");
    let keys = Connector::new("my-aws", "aws", "secret-key").field("aws_access_key_id", "AKIAIOSFODNN7EXAMPLE");
    keys.field("aws_secret_access_key", "@env:SECRET_OF_THE_TEST").register(home);
    let ecr = RegistrySpec::new("ecr", "aws", ECR).connector("my-aws").option("ecr-endpoint", api);
    ecr.allow_secret_host(api).register(home);
}

/// An API of ECR that gives the password `token-N` at the Nth request, which ends after so many seconds; it refuses
/// those requests for which `refuses` says so.
fn ecr_api(life: u64, refuses: impl Fn(usize) -> bool + Send + Sync + 'static) -> FakeApi {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    FakeApi::start(move |_: &RecordedRequest| -> Answer {
        let number = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        if refuses(number) {
            let refusal = json!({"__type": "AccessDeniedException", "message": "not now"});
            return (400, Vec::new(), refusal);
        }
        let token = STANDARD.encode(format!("AWS:token-{number}"));
        let data =
            json!({"authorizationToken": token, "expiresAt": now() + life, "proxyEndpoint": format!("https://{ECR}")});
        (200, Vec::new(), json!({"authorizationData": [data]}))
    })
}

/// The accounts in a Secret, by their keys.
#[track_caller]
fn accounts(secret: &Value) -> Value {
    let config = STANDARD.decode(secret["data"][".dockerconfigjson"].as_str().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&config).unwrap()["auths"].take()
}

/// Expects that a file of manifests is as Kubernetes' schemas say, without members that they do not name, and that
/// `kubectl` reads it.
#[track_caller]
fn assert_valid(manifests: &Path) {
    process::run(Command::new(peers::program("kubernetes-validate")).arg("--strict").arg(manifests)).ok();
    let mut kubectl = Command::new(peers::program("kubectl"));
    // What it does without a cluster; it reads every object by its own types for that.
    kubectl.env_clear().env("KUBECONFIG", "/dev/null").args(["label", "--local", "--output=name", "--filename"]);
    kubectl.arg(manifests).arg("read=by-kubectl");
    process::run(&mut kubectl).ok();
}
