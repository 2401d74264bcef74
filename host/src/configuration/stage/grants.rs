//! What a file lets flavors reach.

use crate::configuration::error::ConfigurationError;
use crate::configuration::file::{FlavorEntry, Host};
use crate::flavor::{Description, MetadataHost};
use crate::grant::{Grant, HostPattern, NamedHosts, merged};
use crate::text::quoted;

/// The grants of a flavor for every registry.
pub(super) fn granted(
    at: &str,
    entry: &FlavorEntry,
    description: &Description,
) -> Result<Vec<Grant>, ConfigurationError> {
    let hosts = named(&entry.allow_hosts, &entry.allow_secret_hosts, &entry.allow_private_hosts);
    let mut grants = hosts.beside(&requested(description));
    if entry.allow_metadata {
        let hosts = description.metadata_hosts();
        if hosts.is_empty() {
            let problem = "`allow-metadata` is set, and it asks for no address of this machine's metadata";
            return Err(ConfigurationError::malformed(at, problem));
        }
        grants.extend(hosts.iter().map(MetadataHost::grant));
    }
    Ok(merged(grants))
}

/// The operations that are accepted by name; each must be one that needs it.
pub(super) fn accepted(
    at: &str,
    entry: &FlavorEntry,
    description: &Description,
) -> Result<Vec<String>, ConfigurationError> {
    let known: Vec<String> = description.odd_operations().map(|(name, _)| name).collect();
    match entry.allow_operations.iter().find(|name| !known.contains(name)) {
        None => Ok(entry.allow_operations.clone()),
        Some(name) => {
            let known = if known.is_empty() { "none".to_owned() } else { quoted(known) };
            let problem =
                format!("it has no operation `{name}` that has to be accepted by name; those that do: {known}");
            Err(ConfigurationError::malformed(at, problem))
        }
    }
}

/// The patterns of the hosts that a flavor asks for.
pub(super) fn requested(description: &Description) -> Vec<HostPattern> {
    description.requested_hosts().into_iter().map(|host| host.pattern).collect()
}

/// The hosts of an entry's lists.
pub(super) fn named(plain: &[Host], secret: &[Host], private: &[Host]) -> NamedHosts {
    let [plain, secret, private] =
        [plain, secret, private].map(|hosts| hosts.iter().map(|host| host.0.clone()).collect());
    NamedHosts { plain, secret, private }
}
