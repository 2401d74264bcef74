//! Calls of the optional interface `key-wrapping`.

use wasmtime::Store;

use super::abi::Answer;
use super::error::CallError;
use super::handle::{Flavor, Lent, known};
use super::model::{CleanupContext, ServiceKey, WrappedKey};
use super::reach::Reach;
use super::sandbox::SandboxState;

impl Flavor {
    /// A new key of the service; none if the flavor wraps no keys.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn make_key(&self, context: CleanupContext<'_>) -> Result<Option<WrappedKey>, CallError> {
        let call = async |store: &mut Store<SandboxState>| self.contract.make_key(store, context).await;
        self.call_key_wrapping("make-key", context, call).await
    }

    /// A key that the service wrapped; none if the flavor wraps no keys.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn unwrap_key(
        &self,
        context: CleanupContext<'_>,
        wrapped: &str,
    ) -> Result<Option<ServiceKey>, CallError> {
        let call = async |store: &mut Store<SandboxState>| self.contract.unwrap_key(store, context, wrapped).await;
        self.call_key_wrapping("unwrap-key", context, call).await
    }

    async fn call_key_wrapping<T>(
        &self,
        function: &'static str,
        context: CleanupContext<'_>,
        call: impl AsyncFn(&mut Store<SandboxState>) -> Answer<T>,
    ) -> Result<T, CallError> {
        let lent = Lent {
            connector: context.connector,
            known: known(context.registry),
            policy: &|| self.registry_policy(context.registry, context.connector, Reach::Described),
        };
        self.call_service(function, lent, call).await
    }
}
