//! The addresses of the machine itself that a flavor asks: a cloud's metadata.

use super::description::Description;
use crate::grant::operation::Operation;
use crate::grant::{Grant, HostPattern};

/// An address of the machine itself, as operations declare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MetadataHost {
    /// The address.
    pub(crate) pattern: HostPattern,
    /// Whether a secret of a connector goes there.
    pub(crate) secrets: bool,
    /// The operations, by their names.
    pub(crate) operations: Vec<String>,
}

impl MetadataHost {
    /// The user's grant of it.
    #[must_use]
    pub(crate) fn grant(&self) -> Grant {
        Grant { secrets: self.secrets, ..Grant::written(self.pattern.clone()) }
    }
}

impl Description {
    /// Every address of the machine itself that operations declare, each once. No other host inside a private network
    /// is among them, whatever a flavor declares.
    #[must_use]
    pub(crate) fn metadata_hosts(&self) -> Vec<MetadataHost> {
        let of_methods = self.auth_methods.iter().flat_map(|method| &method.operations);
        let mut found: Vec<MetadataHost> = Vec::new();
        for operation in self.operations.iter().chain(of_methods) {
            for pattern in operation.hosts.iter().filter(|pattern| pattern.is_of_machine()) {
                add(&mut found, pattern, operation);
            }
        }
        found
    }
}

fn add(found: &mut Vec<MetadataHost>, pattern: &HostPattern, operation: &Operation) {
    let (name, secrets) = (operation.name.to_string(), !operation.secrets.is_empty());
    match found.iter_mut().find(|host| host.pattern == *pattern) {
        Some(host) => {
            host.secrets |= secrets;
            if !host.operations.contains(&name) {
                host.operations.push(name);
            }
        }
        None => found.push(MetadataHost { pattern: pattern.clone(), secrets, operations: vec![name] }),
    }
}
