//! A workload, with what all its objects have in common.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde_json::{Value, json};

use super::parts::{Files, Mount, Quantity, Schedule, Variable};
use crate::kubernetes::names::{Namespace, ObjectName, WorkloadName};

/// A command that runs in a cluster.
pub(crate) struct Workload {
    /// The name of all its objects.
    pub(crate) name: WorkloadName,
    /// Their namespace; without one, it is that of whoever applies them.
    pub(crate) namespace: Option<Namespace>,
    /// An image that has crhost.
    pub(crate) image: String,
    /// A service account that exists; without one, it gets its own.
    pub(crate) account: Option<ObjectName>,
    /// The words behind `crhost`.
    pub(crate) words: Vec<String>,
    /// Files that they name, in the directory in which the command runs.
    pub(crate) files: Files,
    /// Variables.
    pub(crate) variables: Vec<Variable>,
    /// What is mounted besides.
    pub(crate) mounts: Vec<Mount>,
    /// The audience of the service account's token that the pod gets; without one, it gets no token.
    pub(crate) audience: Option<String>,
    /// Processor time that it is sure to get.
    pub(crate) cpu: Quantity,
    /// Memory that it is sure to get, and gets at most.
    pub(crate) memory: Quantity,
    /// How it runs.
    pub(crate) runs: Runs,
}

/// How a command runs.
pub(crate) enum Runs {
    /// To its end.
    Job(Job),
    /// For ever.
    Server(Server),
}

/// Work that ends.
pub(crate) struct Job {
    /// When it runs; without a time, once.
    pub(crate) schedule: Option<Schedule>,
    /// The number of pods that do a part each.
    pub(crate) shards: Option<NonZeroU32>,
    /// The words of a command that ends before this one begins, and leaves a file for it in [`HANDED_ON`].
    pub(crate) before: Option<Vec<String>>,
}

/// A server that answers at a port.
pub(crate) struct Server {
    /// The number of its pods.
    pub(crate) replicas: NonZeroU32,
    /// The port in the pod.
    pub(crate) port: u16,
    /// Whether it speaks TLS.
    pub(crate) is_tls: bool,
}

/// The directory of what a command leaves for the next one.
pub(crate) const HANDED_ON: &str = "/var/run/crhost";

impl Workload {
    /// An object with these members.
    pub(super) fn object(&self, version: &str, kind: &str, more: Value) -> Value {
        let mut metadata = json!({"name": self.name, "labels": self.labels()});
        if let (Some(namespace), Some(metadata)) = (&self.namespace, metadata.as_object_mut()) {
            metadata.insert("namespace".to_owned(), json!(namespace));
        }
        let mut object = json!({"apiVersion": version, "kind": kind, "metadata": metadata});
        if let (Value::Object(more), Some(object)) = (more, object.as_object_mut()) {
            object.extend(more);
        }
        object
    }

    /// The labels of all its objects, by which its pods are found, too.
    pub(super) fn labels(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("app.kubernetes.io/name", "crhost".to_owned()),
            ("app.kubernetes.io/instance", self.name.to_string()),
        ])
    }
}
