//! Credential helpers: crhost's own, those that the files of logins name, and loops between them.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::bounded::within;
use super::finding::{Check, Finding};
use crate::clients::{self, FoundProgram, ServerUrl};
use crate::docker::protocol::{OWN_HELPER, OWN_PROGRAM};
use crate::docker::{Configuration, HelperFailure, NamedHelper};
use crate::environment::Environment;
use crate::error::Kind;
use crate::store::Store;
use crate::text::{Escaped, quoted};

/// Bytes of a helper that are looked at: a script that calls another helper is shorter.
const MAX_SCRIPT: u64 = 64 << 10;

/// The helpers of this machine.
pub(super) async fn set_up(environment: &Environment, docker: &Configuration, store: &Store) -> Vec<Finding> {
    within(Check::Helper, find(environment, docker, store)).await
}

async fn find(environment: &Environment, docker: &Configuration, store: &Store) -> Vec<Finding> {
    let (own, others): (Vec<_>, Vec<_>) = docker.named_helpers().into_iter().partition(|one| one.name == OWN_HELPER);
    let mut findings: Vec<Finding> = others.iter().filter_map(of_other).collect();
    findings.push(of_program(environment, &own));
    for entry in &own {
        let found = of_entry(docker, store, entry).await;
        // Docker Hub has two keys.
        findings.extend(found.filter(|one| !findings.iter().any(|known| known.found == one.found)));
    }
    findings
}

/// The entry of a file, in words.
fn place(NamedHelper { origin, key, .. }: &NamedHelper) -> String {
    match key {
        Some(key) => format!("`credHelpers` in {origin}, for `{key}`"),
        None => format!("`credsStore` in {origin}"),
    }
}

/// What is wrong with another program's helper.
fn of_other(entry: &NamedHelper) -> Option<Finding> {
    let program = format!("docker-credential-{}", entry.name);
    let failed = |reason: &HelperFailure, next: String| {
        let found = format!("{} names the helper `{program}`, and {reason}", place(entry));
        Finding::problem(Check::Helper, Kind::NotFound, found, next)
    };
    match &entry.program {
        Err(reason @ HelperFailure::NotExecutable(path)) => Some(failed(reason, format!("`chmod +x {path}`"))),
        Err(reason) => Some(failed(reason, format!("install `{program}`, or correct the entry"))),
        Ok(path) if leads_back(path) => {
            let found =
                format!("{} names the helper `{program}`, which asks crhost, which asks it: a loop", place(entry));
            let next = "take the entry away; `crhost docker install` has clients ask crhost for registered registries";
            Some(Finding::problem(Check::Helper, Kind::Conflict, found, next))
        }
        Ok(_) => None,
    }
}

/// Whether a helper is a script that calls crhost's.
fn leads_back(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_SCRIPT).read_to_end(&mut start));
    read.is_ok() && start.starts_with(b"#!") && memchr::memmem::find(&start, OWN_PROGRAM.as_bytes()).is_some()
}

/// The program under which clients ask crhost.
fn of_program(environment: &Environment, entries: &[NamedHelper]) -> Finding {
    let found = match clients::look(environment) {
        Ok(found) => found,
        Err(error) => return Finding::failed(Check::Helper, &error),
    };
    let hosts: Vec<&Escaped> = entries.iter().filter_map(|entry| entry.key.as_ref()).collect();
    match found {
        FoundProgram::This(path) if entries.is_empty() => {
            Finding::ok(Check::Helper, format!("`{}` is this crhost, and no client asks it", path.display()))
        }
        FoundProgram::This(path) => {
            let hosts = if hosts.is_empty() { "all hosts".to_owned() } else { quoted(hosts) };
            Finding::ok(Check::Helper, format!("`{}` is this crhost, and clients ask it for {hosts}", path.display()))
        }
        FoundProgram::Nothing if entries.is_empty() => {
            let next = "`crhost docker install` has Docker, Podman and others ask crhost for credentials";
            Finding::skipped(Check::Helper, "no client asks crhost").with_next(next)
        }
        FoundProgram::Nothing => {
            let found = format!("clients are to ask `{OWN_PROGRAM}`, which is not on the `PATH`");
            let next = "`crhost docker install` makes it, `crhost docker uninstall` has them ask no longer";
            Finding::problem(Check::Helper, Kind::NotFound, found, next)
        }
        FoundProgram::Other { path, leads_to, this } => of_other_program(&path, &leads_to, &this, entries.is_empty()),
    }
}

fn of_other_program(path: &Path, leads_to: &Path, this: &Path, is_unused: bool) -> Finding {
    let shown = path.display();
    let leads = match (leads_to == path, leads_to.exists()) {
        (true, _) => format!("`{shown}` is another program"),
        (false, true) => format!("`{shown}` leads to `{}`", leads_to.display()),
        (false, false) => format!("`{shown}` leads to `{}`, which is not there", leads_to.display()),
    };
    let found = format!("{leads}, and not to this crhost, `{}`", this.display());
    let next = format!("`rm {shown}`, then `crhost docker install`");
    let problem = Finding::problem(Check::Helper, Kind::Conflict, found, next);
    if is_unused { problem.into_warning() } else { problem }
}

/// What crhost would answer for an entry that names it.
async fn of_entry(docker: &Configuration, store: &Store, entry: &NamedHelper) -> Option<Finding> {
    let key = entry.key.as_ref()?;
    let Ok(server) = key.parse::<ServerUrl>() else {
        let found = format!("{} is for no host", place(entry));
        return Some(Finding::warning(Check::Helper, found, "take the entry away"));
    };
    let registry = match clients::registered(store, &server) {
        Ok(Some(registry)) => registry,
        Ok(None) => {
            let host = &server.host;
            let found = format!("clients ask crhost for `{host}`, where no registry is registered");
            let next =
                format!("`crhost registry register NAME --flavor FLAVOR --uri {host}`, or `crhost docker uninstall`");
            return Some(Finding::warning(Check::Helper, found, next));
        }
        Err(error) => return Some(Finding::failed(Check::Helper, &error).into_warning()),
    };
    // A flavor without a connector takes Docker's own credentials, where it finds crhost again.
    let (host, path) = (registry.uri.host(), registry.uri.path());
    if registry.connector.is_some() || docker.needs_helper(host, path).await {
        return None;
    }
    if !docker.credential(host, path).await.credential.is_anonymous() {
        return None;
    }
    let name = &registry.name;
    let found = format!(
        "clients ask crhost for `{host}`, whose registry `{name}` has no connector: crhost looks in their own files, \
         which name crhost"
    );
    Some(Finding::warning(Check::Helper, found, format!("`crhost registry connect {name}` gives it credentials")))
}
