//! A server: its Deployment, its Service, and how many of its pods may go at once.

use serde_json::{Value, json};

use super::model::{Server, Workload};

/// Seconds in which a pod that ends still answers, while others learn that it does.
const LEAVING: u32 = 5;

impl Workload {
    /// The objects of a server, besides those that every workload has.
    pub(super) fn server(&self, server: &Server) -> [Value; 3] {
        let deployment = json!({
            "replicas": server.replicas,
            // A new pod answers before an old one ends.
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "selector": {"matchLabels": self.labels()},
            "template": self.pod_template(),
        });
        let service = json!({
            "selector": self.labels(),
            "ports": [{"name": server.scheme(), "port": server.usual_port(), "targetPort": server.scheme(), "protocol": "TCP"}],
        });
        let budget = json!({"maxUnavailable": 1, "selector": {"matchLabels": self.labels()}});
        [
            self.object("apps/v1", "Deployment", json!({"spec": deployment})),
            self.object("v1", "Service", json!({"spec": service})),
            self.object("policy/v1", "PodDisruptionBudget", json!({"spec": budget})),
        ]
    }
}

impl Server {
    fn scheme(&self) -> &'static str {
        if self.is_tls { "https" } else { "http" }
    }

    /// The port that URLs of the scheme leave out.
    fn usual_port(&self) -> u16 {
        if self.is_tls { 443 } else { 80 }
    }

    /// What its container has besides those of a job.
    pub(super) fn container(&self) -> Value {
        let probe = |path: &str, period: u32, failures: u32| {
            let get = json!({"path": path, "port": self.scheme(), "scheme": self.scheme().to_ascii_uppercase()});
            json!({"httpGet": get, "periodSeconds": period, "failureThreshold": failures, "timeoutSeconds": 5})
        };
        json!({
            "ports": [{"name": self.scheme(), "containerPort": self.port, "protocol": "TCP"}],
            // Flavors that the image does not carry are compiled first.
            "startupProbe": probe("/healthz", 2, 60),
            "livenessProbe": probe("/healthz", 10, 6),
            "readinessProbe": probe("/readyz", 5, 2),
            "lifecycle": {"preStop": {"sleep": {"seconds": LEAVING}}},
        })
    }
}
