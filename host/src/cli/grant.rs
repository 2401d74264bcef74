//! The options that grant hosts to a flavor.

use std::mem;

use clap::Args;

use super::failure::Failure;
use super::output;
use crate::error::Kind;
use crate::flavor::{Description, MetadataHost};
use crate::grant::{Grant, HostPattern, NamedHosts, merged};

/// Hosts that the user grants.
#[derive(Debug, Clone, Args)]
pub(super) struct GrantArgs {
    /// Let it reach a host, e.g. `https://api.example.com`, `https://*.example.com` or `http://127.0.0.1:5557`, without
    /// secrets; an address inside a private network and plain http have to be written out like that
    #[arg(long, value_name = "PATTERN")]
    allow_host: Vec<HostPattern>,
    /// The same, and let it send secrets of connectors there, in the operations that it declares
    #[arg(long, value_name = "PATTERN")]
    allow_secret_host: Vec<HostPattern>,
    /// Let it reach one exact host inside your private network, without secrets, though it asked for that host itself
    #[arg(long, value_name = "PATTERN")]
    allow_private_host: Vec<HostPattern>,
    /// Let it reach the addresses of this machine's metadata that it asks for, with the secrets that its operations
    /// send there: repeat the flavor's name, e.g. `aws`; what that opens is said
    #[arg(long, value_name = "FLAVOR")]
    allow_metadata: Vec<String>,
}

impl GrantArgs {
    /// The grants to the flavor of this description, one for each pattern. A pattern that the flavor asks for is
    /// granted as asked: it opens nothing that an agreement to the flavor's request would not open.
    ///
    /// Fails for a preset of another flavor, or of one without any.
    pub(super) fn grants(mut self, flavor: &Description) -> Result<Vec<Grant>, Failure> {
        let presets = mem::take(&mut self.allow_metadata);
        let mut grants = self.beside(flavor.requested_hosts().into_iter().map(|host| host.pattern).collect());
        if !presets.is_empty() {
            let hosts = preset(flavor, &presets)?;
            hosts.iter().for_each(|host| say_open(flavor, host));
            grants.extend(hosts.iter().map(MetadataHost::grant));
        }
        Ok(merged(grants))
    }

    /// The grants to a component that asks for these patterns.
    pub(super) fn beside(self, requested: Vec<HostPattern>) -> Vec<Grant> {
        let Self { allow_host: plain, allow_secret_host: secret, allow_private_host: private, .. } = self;
        NamedHosts { plain, secret, private }.beside(&requested)
    }

    /// Whether there are any.
    pub(super) fn is_empty(&self) -> bool {
        let hosts = [&self.allow_host, &self.allow_secret_host, &self.allow_private_host];
        hosts.iter().all(|list| list.is_empty()) && self.allow_metadata.is_empty()
    }
}

/// The addresses of a flavor's metadata, whose name the user repeats: what a component by another name would open is
/// not what was meant.
fn preset(flavor: &Description, names: &[String]) -> Result<Vec<MetadataHost>, Failure> {
    let hosts = flavor.metadata_hosts();
    if hosts.is_empty() {
        return Err(Failure::new(
            Kind::Usage,
            format!("flavor `{}` asks for no address of this machine's metadata", flavor.name),
            "`--allow-private-host` opens one host that you name",
        ));
    }
    match names.iter().find(|name| name.as_str() != flavor.name.as_str()) {
        Some(other) => Err(Failure::new(
            Kind::Usage,
            format!("`--allow-metadata {other}` does not fit flavor `{}`, expected its own name", flavor.name),
            format!("write `--allow-metadata {}`", flavor.name),
        )),
        None => Ok(hosts),
    }
}

/// Says what a preset opens.
fn say_open(flavor: &Description, host: &MetadataHost) {
    let secrets = if host.secrets { ", with secrets" } else { "" };
    let operations = host.operations.join(", ");
    output::say("note", &format!("flavor `{}` may ask `{}`{secrets}: {operations}", flavor.name, host.pattern));
}
