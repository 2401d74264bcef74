//! What the secrets of a connector are for.

use serde::{Deserialize, Serialize};

use crate::grant::operation::Operation;

/// What the secrets of a connector may be used for: its auth method as flavors described it when it was stored.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct SecretUses {
    /// The operations.
    pub(crate) operations: Vec<Operation>,
    /// Fields that may be handed back as a registry's password.
    pub(crate) registry_password: Vec<String>,
}

impl SecretUses {
    /// Adds what another flavor describes for the same method.
    pub(crate) fn add(&mut self, other: Self) {
        for operation in other.operations {
            if !self.has(&operation) {
                self.operations.push(operation);
            }
        }
        for field in other.registry_password {
            if !self.registry_password.contains(&field) {
                self.registry_password.push(field);
            }
        }
    }

    /// Whether it has an operation, whatever that is called.
    #[must_use]
    pub(crate) fn has(&self, operation: &Operation) -> bool {
        self.operations.iter().any(|known| known.is_same(operation))
    }
}
