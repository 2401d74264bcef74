//! The arguments of `crhost policy register` and `update`.

use std::path::PathBuf;

use clap::Args;

use super::super::assignment;
use super::super::inspect::InsecureArgument;
use crate::flavor::PolicyDescription;
use crate::grant::{Grant, HostPattern};
use crate::policy::{Action, Change};
use crate::store::Name;

/// The arguments of `register`.
#[derive(Debug, Args)]
pub(in crate::cli) struct RegisterArgs {
    /// The component: a `.wasm` file, the name of a built-in policy, or `oci://` and its name in a registry, such as
    /// `oci://ghcr.io/acme/mypolicy:1.2.0`; without a tag, the newest release
    pub(super) file: PathBuf,
    /// Your name for it; without it, the name that it has for itself
    #[arg(long)]
    pub(super) name: Option<Name>,
    /// An option of the policy; may be given several times
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = assignment::parse)]
    pub(super) options: Vec<(String, String)>,
    #[command(flatten)]
    pub(super) asked: AskedArgs,
    #[command(flatten)]
    pub(super) hosts: HostArgs,
    /// Succeed where one of this name is registered, and leave it as it is
    #[arg(long, conflicts_with = "replace")]
    pub(super) if_missing: bool,
    /// Take the place of a registered policy of the same name
    #[arg(long)]
    pub(super) replace: bool,
    /// Grant all hosts that it asks for, without a question
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Take it from a registry only if this public key has signed it: a file, or `env://VARIABLE`
    #[arg(long, value_name = "KEY")]
    pub(super) require_signature: Option<String>,
    #[command(flatten)]
    pub(super) insecure: InsecureArgument,
}

/// What a policy is asked about.
#[derive(Debug, Args)]
pub(in crate::cli) struct AskedArgs {
    /// What it is asked about: push, copy, delete; without it, all three
    #[arg(long, value_name = "ACTION", value_delimiter = ',')]
    on: Vec<Action>,
    /// A registry that it is asked about, by name or URI; may be given several times; without it, all
    #[arg(long = "for", value_name = "REGISTRY")]
    registries: Vec<String>,
}

/// Hosts that a policy may reach.
#[derive(Debug, Args)]
pub(in crate::cli) struct HostArgs {
    /// Let it reach a host, e.g. `https://policy.example.com` or `http://127.0.0.1:8181`; an address inside a private
    /// network and plain http have to be written out like that
    #[arg(long, value_name = "PATTERN")]
    allow_host: Vec<HostPattern>,
    /// Let it reach one exact host inside your private network, though it asked for that host itself
    #[arg(long, value_name = "PATTERN")]
    allow_private_host: Vec<HostPattern>,
}

/// The arguments of `update`.
#[derive(Debug, Args)]
pub(in crate::cli) struct UpdateArgs {
    /// The policy's name
    pub(super) name: Name,
    #[command(flatten)]
    pub(super) change: ChangeArgs,
}

/// What is changed of a policy.
#[derive(Debug, Args)]
pub(in crate::cli) struct ChangeArgs {
    /// An option of the policy; an empty value takes it back to its default
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = assignment::parse)]
    options: Vec<(String, String)>,
    #[command(flatten)]
    asked: AskedArgs,
    /// Ask it about all registries again
    #[arg(long, conflicts_with = "registries")]
    for_all: bool,
    #[command(flatten)]
    hosts: HostArgs,
    /// Take a host away, as `crhost policy describe` shows it
    #[arg(long, value_name = "PATTERN")]
    revoke: Vec<HostPattern>,
}

impl AskedArgs {
    /// The actions and the registries; none where all are meant.
    pub(super) fn read(self) -> (Vec<Action>, Vec<String>) {
        (self.on, self.registries)
    }
}

impl HostArgs {
    /// Whether any host is named.
    pub(super) fn is_empty(&self) -> bool {
        self.allow_host.is_empty() && self.allow_private_host.is_empty()
    }

    /// The grants, one for each pattern. A pattern that the policy asks for is granted as asked, which opens no private
    /// address.
    pub(super) fn read(self, description: &PolicyDescription) -> Vec<Grant> {
        let requested = description.requested_hosts();
        let plain = self.allow_host.into_iter().map(|pattern| {
            let written = !requested.contains(&pattern);
            Grant { pattern, written, secrets: false }
        });
        let mut grants: Vec<Grant> = Vec::new();
        for grant in self.allow_private_host.into_iter().map(Grant::written).chain(plain) {
            if !grants.iter().any(|known| known.pattern == grant.pattern) {
                grants.push(grant);
            }
        }
        grants
    }
}

impl ChangeArgs {
    /// The change.
    pub(super) fn read(self, description: &PolicyDescription) -> Change {
        let (actions, registries) = self.asked.read();
        let value = |value: String| (!value.is_empty()).then_some(value);
        let registries = match (self.for_all, registries.is_empty()) {
            (true, _) => Some(Vec::new()),
            (false, true) => None,
            (false, false) => Some(registries),
        };
        Change {
            options: self.options.into_iter().map(|(name, text)| (name, value(text))).collect(),
            actions: (!actions.is_empty()).then_some(actions),
            registries,
            grant: self.hosts.read(description),
            revoke: self.revoke,
            enabled: None,
        }
    }
}
