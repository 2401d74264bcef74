//! A fake cluster: as much of its API as applying an object takes.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::fakes::certificates::Authority;
use crate::support::fakes::listener::Listener;
use crate::support::fakes::tls_proxy;
use crate::support::programs::crhost::Home;
use crate::support::programs::peers;

/// The token of the pod's service account.
pub(super) const TOKEN: &str = "token-of-the-service-account";

/// The fake.
pub(super) struct Cluster {
    api: FakeApi,
}

impl Cluster {
    /// One that takes every object.
    pub(super) fn start() -> Self {
        Self::refusing(|_| None)
    }

    /// One that refuses some of the objects that are applied, by their number, with a status and words.
    pub(super) fn refusing(refuses: impl Fn(usize) -> Option<(u16, &'static str)> + Send + Sync + 'static) -> Self {
        let applied = std::sync::atomic::AtomicUsize::new(0);
        let api = FakeApi::start(move |request: &RecordedRequest| -> Answer {
            let header = vec![("content-type", "application/json".to_owned())];
            let (method, target) = request.line.split_once(' ').unwrap();
            let verbs = ["create", "get", "patch"];
            let answer = match (method, target.split('?').next().unwrap()) {
                ("GET", "/version") => json!({"major": "1", "minor": "37", "gitVersion": "v1.37.0"}),
                ("GET", "/api") => json!({"kind": "APIVersions", "versions": ["v1"]}),
                ("GET", "/apis") => json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": []}),
                ("GET", "/api/v1") => json!({
                    "kind": "APIResourceList", "groupVersion": "v1",
                    "resources": [{"name": "secrets", "namespaced": true, "kind": "Secret", "verbs": verbs}],
                }),
                ("PATCH", _) => {
                    let number = applied.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
                    if let Some((status, words)) = refuses(number) {
                        let refusal =
                            json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": words});
                        return (status, header, refusal);
                    }
                    serde_json::from_str(&request.body).unwrap()
                }
                _ => panic!("nobody asks for {}", request.line),
            };
            (200, header, answer)
        });
        Self { api }
    }

    /// The objects that were applied, each with the line of its request.
    pub(super) fn applied(&self) -> Vec<(String, Value)> {
        let requests = self.requests();
        let patches = requests.iter().filter(|request| request.line.starts_with("PATCH "));
        patches.map(|request| (request.line.clone(), serde_json::from_str(&request.body).unwrap())).collect()
    }

    /// All requests.
    pub(super) fn requests(&self) -> Vec<RecordedRequest> {
        self.api.requests()
    }

    /// Puts `kubectl` on the `PATH`, with this cluster as its own and `mine` as its namespace.
    pub(super) fn configure_kubectl(&self, home: &mut Home) {
        let bin = home.path("kubectl-bin");
        fs::create_dir(&bin).unwrap();
        symlink(peers::program("kubectl"), bin.join("kubectl")).unwrap();
        home.prepend_path(&bin);
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "fake",
            "clusters": [{"name": "fake", "cluster": {"server": self.api.url()}}],
            "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "me", "namespace": "mine"}}],
            "users": [{"name": "me", "user": {}}],
        });
        fs::write(home.path("kubeconfig"), config.to_string()).unwrap();
        let file = home.path("kubeconfig");
        home.set("KUBECONFIG", file);
    }

    /// Makes a home a pod of this cluster, in the namespace `pods`. The API speaks TLS while the listener is there.
    pub(super) fn configure_pod(&self, home: &mut Home) -> Listener {
        let authority = Authority::new();
        let port: u16 = self.api.url().rsplit(':').next().unwrap().parse().unwrap();
        let tls = tls_proxy::routing(&authority.identity(&["localhost"]), move |_, _| port);
        let directory = home.path("serviceaccount");
        fs::create_dir(&directory).unwrap();
        for (name, content) in [("token", TOKEN), ("namespace", "pods"), ("ca.crt", authority.pem())] {
            fs::write(directory.join(name), content).unwrap();
        }
        home.set("CRHOST_SERVICE_ACCOUNT_DIRECTORY", directory);
        home.set("KUBERNETES_SERVICE_HOST", "localhost");
        home.set("KUBERNETES_SERVICE_PORT", tls.port().to_string());
        tls
    }
}
