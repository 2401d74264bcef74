//! Calls of the optional interface `key-wrapping`.

use wasmtime::Store;

use super::error::CallError;
use super::handle::Flavor;
use super::model::{RegistryContext, ServiceKey, WrappedKey};
use super::reach::Reach;
use super::sandbox::SandboxState;

impl Flavor {
    /// A new key of the service; none if the flavor wraps no keys.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn make_key(&self, context: RegistryContext<'_>) -> Result<Option<WrappedKey>, CallError> {
        let call = async |store: &mut Store<SandboxState>| self.contract.make_key(store, context).await;
        self.call_at_registry("make-key", context, Reach::Described, call).await
    }

    /// A key that the service wrapped; none if the flavor wraps no keys.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn unwrap_key(
        &self,
        context: RegistryContext<'_>,
        wrapped: &str,
    ) -> Result<Option<ServiceKey>, CallError> {
        let call = async |store: &mut Store<SandboxState>| self.contract.unwrap_key(store, context, wrapped).await;
        self.call_at_registry("unwrap-key", context, Reach::Described, call).await
    }
}
