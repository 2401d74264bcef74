//! The images that run in a cluster, or may run again, as the user's `kubectl` tells: those of its pods, and those of
//! what makes pods, such as a deployment that is scaled to nothing, a cron job that is not due, and the replica set
//! that a rollback would go back to.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde::Deserialize;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use super::apply::find_kubectl;
use crate::environment::Environment;
use crate::error::Explain;
use crate::json;
use crate::text::{Escaped, Foreign};
use crate::waiting::waiting_for;

/// A login by a program that `kubectl` starts, and a list of thousands of pods in parts.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Bytes of the list: 5,000 pods and templates of 10 KiB.
const MAX_LIST: u64 = 50 << 20;

/// Bytes of its standard error that are read for an error.
const MAX_STDERR: u64 = 4 << 10;

/// Characters of it that are shown.
const MAX_SHOWN: usize = 500;

/// A cluster that did not tell what runs in it. Whatever may run can't be deleted then.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(
    kind = General,
    hint = "`kubectl --kubeconfig FILE get pods,deployments,cronjobs --all-namespaces` says whether the cluster is reached, \
            and lets you list what makes pods, as the role `view` does"
)]
pub(crate) enum RunningError {
    /// There is no `kubectl`.
    #[error("what runs in the cluster is not known: `kubectl` is not on the `PATH`")]
    #[explain(kind = NotFound, hint = "install it, or leave `--keep-running` out if nothing runs")]
    NoKubectl,
    /// It could not be started, or a pipe to it failed.
    #[error("what runs in the cluster is not known: `kubectl` can't be run: {0}")]
    Run(Foreign<io::Error>),
    /// It was ended.
    #[error("what runs in the cluster is not known: `kubectl` did not end within {} s", .0.as_secs())]
    #[explain(kind = Network)]
    Timeout(Duration),
    /// It failed.
    #[error("what runs in the cluster is not known: `kubectl` ended with {status}: {words}")]
    Failed {
        /// Its exit status.
        status: ExitStatus,
        /// Its own words.
        words: Escaped,
    },
    /// It told something else.
    #[error("what runs in the cluster is not known: `kubectl` printed no list: {0}")]
    Answer(Escaped),
    /// It told more than is read.
    #[error("what runs in the cluster is not known: the list of its pods is larger than {} MiB", MAX_LIST >> 20)]
    TooLarge,
}

/// What makes pods, and pods themselves. A cluster has all of these; whoever may not list one is told so.
const KINDS: &str = "pods,deployments.apps,replicasets.apps,statefulsets.apps,daemonsets.apps,replicationcontrollers,\
                     jobs.batch,cronjobs.batch";

/// The parts of a list (Kubernetes API, `List` of `kubectl`).
#[derive(Deserialize)]
struct List {
    items: Vec<Item>,
}

/// A pod, or something that makes pods.
#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    spec: Spec,
    #[serde(default)]
    status: Status,
}

/// What a pod is made of; of something that makes pods, their template, which a cron job has within that of its jobs.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    #[serde(default)]
    template: Option<Template>,
    #[serde(default)]
    job_template: Option<Template>,
    #[serde(default)]
    containers: Vec<Container>,
    #[serde(default)]
    init_containers: Vec<Container>,
    #[serde(default)]
    ephemeral_containers: Vec<Container>,
    #[serde(default)]
    volumes: Vec<Volume>,
}

/// A template of pods, or of jobs.
#[derive(Deserialize)]
struct Template {
    #[serde(default)]
    spec: Option<Box<Spec>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    #[serde(default)]
    container_statuses: Vec<Container>,
    #[serde(default)]
    init_container_statuses: Vec<Container>,
    #[serde(default)]
    ephemeral_container_statuses: Vec<Container>,
}

/// A container, or its status.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    #[serde(default)]
    image: Option<String>,
    #[serde(default, rename = "imageID")]
    image_id: Option<String>,
}

/// A volume; an image may be one.
#[derive(Deserialize)]
struct Volume {
    #[serde(default)]
    image: Option<ImageVolume>,
}

#[derive(Deserialize)]
struct ImageVolume {
    #[serde(default)]
    reference: Option<String>,
}

/// Names and ids of all images of the pods in a cluster, those that begin, restart or have ended included, and of what
/// makes pods.
///
/// # Errors
/// Whatever keeps the cluster from being asked whole.
pub(crate) async fn running_images(environment: &Environment, kubeconfig: &Path) -> Result<Vec<String>, RunningError> {
    let program = find_kubectl(environment).ok_or(RunningError::NoKubectl)?;
    let _waiting = waiting_for("kubectl".to_owned());
    let (status, list, words) = timeout(TIMEOUT, ask(program, kubeconfig))
        .await
        .map_err(|_| RunningError::Timeout(TIMEOUT))?
        .map_err(|error| RunningError::Run(error.into()))?;
    // Before its status: it ends with one of its own once the rest is not read.
    if list.len() as u64 > MAX_LIST {
        return Err(RunningError::TooLarge);
    }
    if !status.success() {
        let words = Escaped::new(String::from_utf8_lossy(&words).trim(), MAX_SHOWN);
        return Err(RunningError::Failed { status, words });
    }
    images(&list)
}

async fn ask(program: PathBuf, kubeconfig: &Path) -> io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
    let mut command = Command::new(program);
    command.arg("--kubeconfig").arg(kubeconfig).args(["get", KINDS, "--all-namespaces", "--output=json"]);
    let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.kill_on_drop(true).spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (mut list, mut words) = (Vec::new(), Vec::new());
    let read_list = async {
        match stdout {
            Some(stdout) => stdout.take(MAX_LIST + 1).read_to_end(&mut list).await.map(drop),
            None => Ok(()),
        }
    };
    let read_words = async {
        if let Some(mut stderr) = stderr {
            let _ = (&mut stderr).take(MAX_STDERR).read_to_end(&mut words).await;
            // Read on, so that it never blocks.
            let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
        }
    };
    let (read, (), status) = tokio::join!(read_list, read_words, child.wait());
    read?;
    Ok((status?, list, words))
}

fn images(list: &[u8]) -> Result<Vec<String>, RunningError> {
    let List { items } = json::read(list).map_err(|reason| RunningError::Answer(Escaped::of(reason)))?;
    let mut images = Vec::new();
    for Item { spec, status } in items {
        let of_status =
            [status.container_statuses, status.init_container_statuses, status.ephemeral_container_statuses];
        add(&mut images, of_status);
        let mut open = vec![spec];
        while let Some(spec) = open.pop() {
            add(&mut images, [spec.containers, spec.init_containers, spec.ephemeral_containers]);
            images.extend(spec.volumes.into_iter().filter_map(|volume| volume.image?.reference));
            let templates = spec.template.into_iter().chain(spec.job_template);
            open.extend(templates.filter_map(|template| template.spec).map(|spec| *spec));
        }
    }
    images.retain(|image| !image.is_empty());
    images.sort();
    images.dedup();
    Ok(images)
}

fn add(images: &mut Vec<String>, containers: [Vec<Container>; 3]) {
    for container in containers.into_iter().flatten() {
        images.extend(container.image);
        images.extend(container.image_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_image_of_a_pod_is_found() {
        let list = br#"{"kind":"List","items":[{"metadata":{"name":"a"},
            "spec":{"containers":[{"name":"c","image":"r.example/a:v1"}],"initContainers":[{"image":"r.example/i:v1"}],
                "volumes":[{"name":"v","image":{"reference":"r.example/v:v1"}},{"name":"w","emptyDir":{}}]},
            "status":{"containerStatuses":[{"image":"sha256:1","imageID":"docker-pullable://r.example/a@sha256:2"}],
                "initContainerStatuses":[{"image":"r.example/i:v1","imageID":""}]}},
            {"status":{"phase":"Pending"}}]}"#;
        let expected = [
            "docker-pullable://r.example/a@sha256:2",
            "r.example/a:v1",
            "r.example/i:v1",
            "r.example/v:v1",
            "sha256:1",
        ];
        assert_eq!(images(list).unwrap(), expected);
        assert!(images(b"{}").is_err());
        assert!(images(b"No resources found").is_err());
        assert_eq!(images(br#"{"items":[]}"#).unwrap(), [""; 0]);
    }
    #[test]
    fn what_makes_pods_may_run_its_images_again() {
        let list = br#"{"kind":"List","items":[
            {"kind":"Deployment","spec":{"replicas":0,"selector":{"matchLabels":{}},"template":{"metadata":{},"spec":{
                "containers":[{"name":"c","image":"r.example/scaled-down:v1"}],
                "initContainers":[{"name":"i","image":"r.example/init:v1"}]}}},"status":{"replicas":0}},
            {"kind":"CronJob","spec":{"schedule":"0 0 1 1 *","suspend":true,"jobTemplate":{"spec":{"template":{"spec":{
                "containers":[{"name":"c","image":"r.example/yearly:v1"}]}}}}},"status":{}},
            {"kind":"ReplicaSet","spec":{"replicas":0,"template":{"spec":{
                "containers":[{"name":"c","image":"r.example/before:v1"}]}}}},
            {"kind":"ReplicationController","spec":{"replicas":0}}]}"#;
        let expected = ["r.example/before:v1", "r.example/init:v1", "r.example/scaled-down:v1", "r.example/yearly:v1"];
        assert_eq!(images(list).unwrap(), expected);
    }
}
