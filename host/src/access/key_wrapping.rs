//! Keys that a service wraps, by a flavor with the interface `key-wrapping`.

use super::Access;
use super::error::AccessError;
use crate::flavor::{RegistryContext, ServiceKey, WrappedKey};

impl Access<'_> {
    /// A new key of the service; `None` where the flavor wraps no keys.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure.
    pub(crate) async fn make_key(&self) -> Result<Option<WrappedKey>, AccessError> {
        let (flavor, lent) = (self.flavor()?, self.lent().await?);
        let context = RegistryContext { registry: &self.registry, connector: lent.as_deref() };
        self.supported(flavor, flavor.make_key(context).await)
    }

    /// A key that the service wrapped; `None` where the flavor wraps no keys.
    ///
    /// # Errors
    /// As for [`make_key`](Self::make_key).
    pub(crate) async fn unwrap_key(&self, wrapped: &str) -> Result<Option<ServiceKey>, AccessError> {
        let (flavor, lent) = (self.flavor()?, self.lent().await?);
        let context = RegistryContext { registry: &self.registry, connector: lent.as_deref() };
        self.supported(flavor, flavor.unwrap_key(context, wrapped).await)
    }
}
