//! Commands of crhost as workloads of a cluster, in plain manifests: for one run, on a schedule, or as a server.
//!
//! A pod holds no secret but those that it is given by reference, and runs as Pod Security Standards' profile
//! *restricted* has it.

mod job;
mod model;
mod parts;
mod pod;
mod server;

use serde_json::{Value, json};

pub(crate) use model::{HANDED_ON, Job, Runs, Server, Workload};
pub(crate) use parts::{Directory, Files, Mount, Mounted, Quantity, Schedule, SecretKey, Variable};
pub(crate) use pod::TOKEN_FILE;

impl Workload {
    /// Its objects, in the order in which they need each other.
    #[must_use]
    pub(crate) fn manifests(&self) -> Vec<Value> {
        let mut manifests = Vec::new();
        if self.account.is_none() {
            let more = json!({"automountServiceAccountToken": false});
            manifests.push(self.object("v1", "ServiceAccount", more));
        }
        if let Some(data) = self.files.data() {
            manifests.push(self.object("v1", "ConfigMap", json!({"data": data})));
        }
        manifests.push(self.network_policy());
        match &self.runs {
            Runs::Job(job) => manifests.push(self.job(job)),
            Runs::Server(server) => manifests.extend(self.server(server)),
        }
        manifests
    }

    /// Nothing connects to a job, and others to a server at its port alone. Where they connect to is not limited: a
    /// policy knows no names of hosts.
    fn network_policy(&self) -> Value {
        let ingress = match &self.runs {
            Runs::Job(_) => json!([]),
            Runs::Server(server) => json!([{"ports": [{"port": server.port, "protocol": "TCP"}]}]),
        };
        let spec = json!({
            "podSelector": {"matchLabels": self.labels()},
            "policyTypes": ["Ingress"],
            "ingress": ingress,
        });
        self.object("networking.k8s.io/v1", "NetworkPolicy", json!({"spec": spec}))
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn workload(runs: Runs) -> Workload {
        Workload {
            name: "crhost-sync".parse().unwrap(),
            namespace: Some("team".parse().unwrap()),
            image: "registry.example.com/crhost:0.1.0".to_owned(),
            account: None,
            words: vec!["sync".to_owned(), "mirror.yaml".to_owned()],
            files: Files::default(),
            variables: Vec::new(),
            mounts: Vec::new(),
            audience: None,
            cpu: "100m".parse().unwrap(),
            memory: "512Mi".parse().unwrap(),
            runs,
        }
    }

    fn kinds(workload: &Workload) -> Vec<String> {
        let kind = |manifest: Value| manifest["kind"].as_str().unwrap().to_owned();
        workload.manifests().into_iter().map(kind).collect()
    }

    #[test]
    fn a_workload_has_the_objects_that_it_needs_and_no_others() {
        let job = |schedule| Runs::Job(Job { schedule, shards: None, before: None });
        let mut once = workload(job(None));
        assert_eq!(kinds(&once), ["ServiceAccount", "NetworkPolicy", "Job"]);
        once.account = Some("deployer".parse().unwrap());
        once.files.insert("mirror.yaml", "version: 1\n".to_owned()).unwrap();
        assert_eq!(kinds(&once), ["ConfigMap", "NetworkPolicy", "Job"]);
        let nightly = workload(job(Some("0 3 * * *".parse().unwrap())));
        assert_eq!(kinds(&nightly), ["ServiceAccount", "NetworkPolicy", "CronJob"]);
        let server = Runs::Server(Server { replicas: NonZeroU32::MIN, port: 8443, is_tls: true });
        let expected = ["ServiceAccount", "NetworkPolicy", "Deployment", "Service", "PodDisruptionBudget"];
        assert_eq!(kinds(&workload(server)), expected);
    }

    #[test]
    fn a_pod_has_a_token_only_for_the_audience_that_is_asked_for() {
        let mut workload = workload(Runs::Job(Job { schedule: None, shards: None, before: None }));
        let pod = |workload: &Workload| workload.manifests().pop().unwrap()["spec"]["template"]["spec"].take();
        assert_eq!(pod(&workload)["automountServiceAccountToken"], false);
        assert!(!pod(&workload).to_string().contains("serviceAccountToken\""));
        workload.audience = Some("https://crhost.example".to_owned());
        assert!(pod(&workload).to_string().contains(r#""audience":"https://crhost.example""#));
    }
}
