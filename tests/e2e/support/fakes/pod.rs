//! A fake of the cluster whose pod a home is: as much of its API as a token of a service account takes.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::api::FakeApi;
use super::certificates::Authority;
use super::github_oidc::{GithubOidc, Provider};
use super::listener::Listener;
use super::tls_proxy;
use crate::support::programs::crhost::Home;

/// The path at which tokens of the pod's account are requested.
const PATH: &str = "POST /api/v1/namespaces/ci/serviceaccounts/push/token";

/// The running fake.
pub(crate) struct PodCluster {
    /// The token of the pod's account.
    pub(crate) own: String,
    refuses: Arc<AtomicBool>,
    _api: FakeApi,
    _tls: Listener,
}

impl PodCluster {
    /// Makes a home a pod of the account `push` in the namespace `ci`, whose cluster issues tokens of a provider.
    pub(crate) fn of(home: &mut Home, github: &GithubOidc) -> Self {
        let provider: Arc<Provider> = github.provider();
        github.claim(json!({"sub": "system:serviceaccount:ci:push"}));
        let own = provider.issue("https://kubernetes.default.svc");
        github.claim(json!({}));
        let refuses = Arc::new(AtomicBool::new(false));
        let (bearer, refused) = (format!("Bearer {own}"), Arc::clone(&refuses));
        let api = FakeApi::start(move |request| {
            assert_eq!((request.line.as_str(), request.authorization()), (PATH, bearer.as_str()));
            let body: Value = serde_json::from_str(&request.body).unwrap();
            assert_eq!(body["spec"]["expirationSeconds"], 600);
            if refused.load(Ordering::SeqCst) {
                let words = "serviceaccounts \"push\" is forbidden: cannot create resource \"serviceaccounts/token\"";
                return (403, Vec::new(), json!({"kind": "Status", "message": words}));
            }
            let audience = body["spec"]["audiences"][0].as_str().unwrap();
            (201, Vec::new(), json!({"kind": "TokenRequest", "status": {"token": provider.issue(audience)}}))
        });
        let (authority, port) = (Authority::new(), api.url().rsplit(':').next().unwrap().parse().unwrap());
        let tls = tls_proxy::routing(&authority.identity(&["localhost"]), move |_, _| port);
        // Outside of crhost's own directories, as it is in a pod.
        let directory = home.path("serviceaccount");
        fs::create_dir(&directory).unwrap();
        for (name, content) in [("token", own.as_str()), ("namespace", "ci"), ("ca.crt", authority.pem())] {
            fs::write(directory.join(name), content).unwrap();
        }
        home.set("CRHOST_SERVICE_ACCOUNT_DIRECTORY", directory);
        home.set("KUBERNETES_SERVICE_HOST", "localhost");
        home.set("KUBERNETES_SERVICE_PORT", tls.port().to_string());
        Self { own, refuses, _api: api, _tls: tls }
    }

    /// Whether the account may request no tokens.
    pub(crate) fn refuse(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::SeqCst);
    }
}
