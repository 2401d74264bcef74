//! The pod of a workload: its containers and volumes.

use serde_json::{Value, json};

use super::model::{HANDED_ON, Runs, Workload};
use super::parts::{Mount, Mounted, Variable};

/// The directory of the files, in which the command runs.
const FILES: &str = "/etc/crhost";
/// The directory of the service account's token.
const TOKEN: &str = "/var/run/secrets/crhost";
/// The token.
pub(crate) const TOKEN_FILE: &str = "/var/run/secrets/crhost/token";
/// Life of a token in seconds; the kubelet renews it when most of that is over.
const TOKEN_LIFE: u32 = 3_600;
/// The user of crhost's image, who is not root and owns nothing else.
const USER: u32 = 65_532;
/// Seconds from the signal to the end: a push cancels its uploads, and a server answers what it was asked.
const GRACE: u32 = 60;

impl Workload {
    /// The template of its pods.
    pub(super) fn pod_template(&self) -> Value {
        json!({"metadata": {"labels": self.labels()}, "spec": self.pod()})
    }

    fn pod(&self) -> Value {
        let before = match &self.runs {
            Runs::Job(job) => job.before.as_deref(),
            Runs::Server(_) => None,
        };
        let mut pod = json!({
            // A pod without rights in the cluster has no token for it.
            "automountServiceAccountToken": false,
            // A Service `crhost` would add variables whose names begin as crhost's own.
            "enableServiceLinks": false,
            "securityContext": {
                "runAsNonRoot": true,
                "runAsUser": USER,
                "runAsGroup": USER,
                "fsGroup": USER,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "terminationGracePeriodSeconds": GRACE,
            "containers": [self.container("crhost", &self.words)],
            "volumes": self.volumes(),
        });
        let account = self.account.as_ref().map_or_else(|| self.name.to_string(), ToString::to_string);
        if let Some(pod) = pod.as_object_mut() {
            pod.insert("serviceAccountName".to_owned(), account.into());
            if let Some(words) = before {
                pod.insert("initContainers".to_owned(), json!([self.container("plan", words)]));
            }
        }
        match &self.runs {
            Runs::Job(_) => with(pod, json!({"restartPolicy": "Never"})),
            Runs::Server(_) => with(pod, self.spread()),
        }
    }

    /// Pods on different nodes, where there are several.
    fn spread(&self) -> Value {
        let constraint = json!({
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": self.labels()},
        });
        json!({"topologySpreadConstraints": [constraint]})
    }

    fn container(&self, name: &str, words: &[String]) -> Value {
        let container = json!({
            "name": name,
            "image": self.image,
            "command": ["crhost"],
            "args": words,
            "resources": {
                "requests": {"cpu": self.cpu, "memory": self.memory},
                "limits": {"memory": self.memory},
            },
            "securityContext": {
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]},
            },
            "volumeMounts": self.volume_mounts(),
        });
        let mut more = json!({});
        if let Some(members) = more.as_object_mut() {
            if !self.variables.is_empty() {
                members.insert("env".to_owned(), self.variables.iter().map(Variable::entry).collect());
            }
            if self.files.data().is_some() {
                members.insert("workingDir".to_owned(), FILES.into());
            }
        }
        let container = with(container, more);
        match &self.runs {
            Runs::Job(_) => container,
            Runs::Server(server) => with(container, server.container()),
        }
    }

    /// Each volume, and where it is mounted.
    fn places(&self) -> Vec<(Value, Value)> {
        let place = |name: &str, source: Value, at: &str, read_only: bool| {
            let mount = json!({"name": name, "mountPath": at});
            let mount = if read_only { with(mount, json!({"readOnly": true})) } else { mount };
            (with(json!({"name": name}), source), mount)
        };
        // Archives are unpacked there.
        let mut places = vec![place("tmp", json!({"emptyDir": {}}), "/tmp", false)];
        if self.files.data().is_some() {
            let source = json!({"configMap": {"name": self.name, "items": self.files.items()}});
            places.push(place("files", source, FILES, true));
        }
        if let Some(audience) = &self.audience {
            let token = json!({"audience": audience, "expirationSeconds": TOKEN_LIFE, "path": "token"});
            let source = json!({"projected": {"sources": [{"serviceAccountToken": token}]}});
            places.push(place("token", source, TOKEN, true));
        }
        if matches!(&self.runs, Runs::Job(job) if job.before.is_some()) {
            places.push(place("handed-on", json!({"emptyDir": {}}), HANDED_ON, false));
        }
        for (number, Mount { of, at }) in self.mounts.iter().enumerate() {
            let (name, source) = match of {
                Mounted::Secret(secret) => ("secret", json!({"secret": {"secretName": secret, "defaultMode": 0o400}})),
                Mounted::Claim(claim) => {
                    ("claim", json!({"persistentVolumeClaim": {"claimName": claim, "readOnly": true}}))
                }
            };
            places.push(place(&format!("{name}-{}", number + 1), source, at.as_str(), true));
        }
        places
    }

    fn volumes(&self) -> Value {
        self.places().into_iter().map(|(volume, _)| volume).collect()
    }

    fn volume_mounts(&self) -> Value {
        self.places().into_iter().map(|(_, mount)| mount).collect()
    }
}

/// An object with further members.
pub(super) fn with(mut object: Value, more: Value) -> Value {
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
    object
}
