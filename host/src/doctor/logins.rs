//! The files with logins of Docker, Podman and skopeo.

use super::finding::{Check, Finding};
use crate::docker::{Configuration, CredentialError};
use crate::environment::{EnvVars, Environment};

/// Whether they can be read, and each entry in them.
pub(super) fn files(environment: &Environment, docker: &Configuration) -> Vec<Finding> {
    let fault = |error: &CredentialError| {
        let failed = Finding::failed(Check::LoginFiles, error);
        // The others can be used.
        if matches!(error, CredentialError::Entry { .. }) { failed.into_warning() } else { failed }
    };
    let mut findings: Vec<Finding> = docker.faults().iter().map(fault).collect();
    let named = environment.path(EnvVars::REGISTRY_AUTH_FILE).filter(|path| !path.exists());
    findings.extend(named.map(|path| {
        let found = format!("`REGISTRY_AUTH_FILE` names `{}`, which is not there", path.display());
        Finding::warning(Check::LoginFiles, found, "`crhost login REGISTRY` writes it, or `unset REGISTRY_AUTH_FILE`")
    }));
    if findings.is_empty() {
        let read: Vec<&str> = docker.origins().map(|origin| origin.as_str()).collect();
        let found =
            if read.is_empty() { "there are none".to_owned() } else { format!("{} can be read", read.join(", ")) };
        findings.push(Finding::ok(Check::LoginFiles, found));
    }
    findings
}
