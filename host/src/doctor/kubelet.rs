//! The kubelet of this machine, on nodes of a cluster: whether it asks crhost about the registered registries.

use super::bounded::on_thread;
use super::finding::{Check, Finding};
use crate::kubernetes::kubelet::{self, Fault};
use crate::store::{RegistryRecord, Store};

/// Whether a kubelet that runs here asks crhost; nothing where none runs.
pub(super) async fn set_up(store: &Store) -> Vec<Finding> {
    let registries = store.registries().unwrap_or_default();
    match on_thread(Check::Kubelet, move || examine(&registries)).await {
        Ok(findings) => findings,
        Err(failed) => vec![*failed],
    }
}

fn examine(registries: &[RegistryRecord]) -> Vec<Finding> {
    let Some(kubelet) = kubelet::find() else { return Vec::new() };
    if registries.is_empty() {
        return vec![Finding::skipped(Check::Kubelet, "no registry is registered, about which it could ask crhost")];
    }
    let faults = kubelet::check(&kubelet, registries);
    if faults.is_empty() {
        return vec![Finding::ok(Check::Kubelet, "the kubelet asks crhost about all registered registries")];
    }
    let finding = |fault: &Fault| {
        let failed = Finding::failed(Check::Kubelet, fault);
        // A node need not ask crhost: only what is begun and does not work is a problem.
        if matches!(fault, Fault::NoFlag(_) | Fault::NoProvider(_)) { failed.into_warning() } else { failed }
    };
    faults.iter().map(finding).collect()
}
