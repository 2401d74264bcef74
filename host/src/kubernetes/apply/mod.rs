//! Applies a Secret to a cluster: through the cluster's own API in a pod, else through the user's `kubectl`.
//!
//! Both apply on the server, as the field manager `crhost`: what others set on the Secret stays.

mod error;
mod kubectl;
mod pod_api;

use super::names::Namespace;
use super::pull_secret::Secret;
use crate::environment::{EnvVars, Environment};
pub(crate) use error::ApplyError;
use kubectl::Kubectl;
pub(in crate::kubernetes) use kubectl::find_kubectl;
use pod_api::PodApi;

/// A way to a cluster.
pub(crate) struct Cluster(Way);

/// The ways that there are.
enum Way {
    /// The API of the cluster that this pod runs in.
    Pod(PodApi),
    /// The user's own program, which knows clusters and how to log in.
    Kubectl(Kubectl),
}

impl Cluster {
    /// The cluster that `kubectl` knows by this context; without one, that of this pod, or the one in use.
    ///
    /// # Errors
    /// When there is no way to one.
    pub(crate) fn find(environment: &Environment, context: Option<String>) -> Result<Self, ApplyError> {
        // A configuration of `kubectl` in a pod is there for a reason.
        let is_named = context.is_some() || environment.get(EnvVars::KUBECONFIG).is_some();
        match PodApi::find(environment)?.filter(|_| !is_named) {
            Some(pod) => Ok(Self(Way::Pod(pod))),
            None => Ok(Self(Way::Kubectl(Kubectl::find(environment, context)?))),
        }
    }

    /// The namespace that the Secret goes to if it names none, where that is known before.
    #[must_use]
    pub(crate) fn namespace(&self) -> Option<&Namespace> {
        match &self.0 {
            Way::Pod(pod) => Some(pod.namespace()),
            Way::Kubectl(_) => None,
        }
    }

    /// Makes the Secret, or changes the one of its name.
    ///
    /// # Errors
    /// When the cluster can't be reached, or refuses it.
    pub(crate) async fn apply(&self, secret: &Secret) -> Result<(), ApplyError> {
        match &self.0 {
            Way::Pod(pod) => pod.apply(secret).await,
            Way::Kubectl(kubectl) => kubectl.apply(secret).await,
        }
    }
}
