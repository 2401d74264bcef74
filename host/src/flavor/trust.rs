//! The call of the optional interface `id-tokens`.

use wasmtime::Store;

use super::error::CallError;
use super::handle::Flavor;
use super::limits;
use super::model::{ConnectorContext, IdentityClaims, Instruction};
use super::sandbox::SandboxState;
use crate::egress::{EgressPolicy, Redaction};

impl Flavor {
    /// What the user has to set up so that id tokens with these claims are accepted; none if the flavor can't tell. The
    /// connector is one without secrets, and no request is sent.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn explain_trust(
        &self,
        context: ConnectorContext<'_>,
        claims: &IdentityClaims,
    ) -> Result<Option<Vec<Instruction>>, CallError> {
        let call = async |store: &mut Store<SandboxState>| self.contract.explain_trust(store, context, claims).await;
        let (policy, redaction) = (EgressPolicy::DenyAll, Redaction::default());
        self.call("explain-trust", limits::PURE_CALL_TIME, policy, redaction, call).await
    }
}
