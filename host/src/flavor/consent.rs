//! The policy of a flavor's requests: what it declares, as far as the user consented.

use super::handle::{Accepted, Flavor};
use super::model::{
    ConnectorContext, ConnectorView, FieldValue, RegistryView, cleanup_operation_name, needs_acceptance,
};
use super::reach::Reach;
use crate::egress::{Consent, DeclaredOperation, EgressPolicy, GrantedOperations};
use crate::grant::Grant;
use crate::grant::operation::Operation;
use crate::image::Host;

impl Flavor {
    /// For a call about a registry: the grants of the flavor, and those for this registry.
    pub(super) fn registry_policy(
        &self,
        registry: &RegistryView,
        connector: Option<&ConnectorView>,
        reach: Reach,
    ) -> EgressPolicy {
        let grants = self.grants.iter().chain(&registry.grants).cloned().collect();
        self.policy(grants, Some(registry.uri.host().clone()), connector, &registry.options, reach)
    }

    /// For a call about a connector alone: the grants of the flavor.
    pub(super) fn connector_policy(&self, context: &ConnectorContext<'_>) -> EgressPolicy {
        self.policy(self.grants.clone(), None, Some(context.connector), context.options, Reach::Described)
    }

    fn policy(
        &self,
        grants: Vec<Grant>,
        registry: Option<Host>,
        connector: Option<&ConnectorView>,
        options: &[(String, String)],
        reach: Reach,
    ) -> EgressPolicy {
        let of_connector = connector.and_then(|connector| {
            let method = self.description.auth_method(&connector.connector_type, &connector.method)?;
            Some((connector, method))
        });
        let declared = of_connector.into_iter().flat_map(|(connector, method)| {
            let declared = move |operation: &Operation, must_be_accepted: bool| {
                let consent = match self.acceptance(method.operation_name(operation), must_be_accepted) {
                    Consent::Given if !self.is_trusted() && !connector.uses.has(operation) => Consent::Unrecorded,
                    consent => consent,
                };
                DeclaredOperation { consent, operation: operation.clone() }
            };
            let described =
                method.operations.iter().map(move |operation| declared(operation, !operation.is_ordinary()));
            let of_cleanup = method.cleanup_operations.iter().filter(move |_| reach == Reach::Cleanup);
            described.chain(of_cleanup.map(move |operation| declared(operation, needs_acceptance(operation))))
        });
        let without_secrets = self.description.operations.iter().cloned();
        let without_secrets = without_secrets.map(|operation| DeclaredOperation { operation, consent: Consent::Given });
        let of_cleanup = self.description.cleanup_operations.iter().filter(|_| reach == Reach::Cleanup);
        let of_cleanup = of_cleanup.map(|operation| DeclaredOperation {
            consent: self.acceptance(cleanup_operation_name(operation), needs_acceptance(operation)),
            operation: operation.clone(),
        });
        let registry_password = of_connector.and_then(|(connector, method)| {
            let field = method.registry_password.as_ref()?.to_string();
            let is_recorded = self.is_trusted() || connector.uses.registry_password.contains(&field);
            Some((field, if is_recorded { Consent::Given } else { Consent::Unrecorded }))
        });
        let fields = connector.into_iter().flat_map(|connector| &connector.fields);
        let texts = fields.filter_map(|(name, value)| match value {
            FieldValue::Text(text) => Some((name.clone(), text.clone())),
            FieldValue::Secret(_) => None,
        });
        EgressPolicy::Granted(GrantedOperations {
            grants,
            registry,
            operations: declared.chain(without_secrets).chain(of_cleanup).collect(),
            endpoints: options.iter().cloned().chain(texts).collect(),
            registry_password,
        })
    }

    /// The user's consent to an operation that is accepted by this name, if it has to be.
    fn acceptance(&self, name: String, must_be_accepted: bool) -> Consent {
        match &self.accepted {
            Accepted::Operations(names) if must_be_accepted && !names.contains(&name) => Consent::Unaccepted(name),
            Accepted::Operations(_) | Accepted::All => Consent::Given,
        }
    }

    /// Whether it is part of crhost.
    fn is_trusted(&self) -> bool {
        matches!(self.accepted, Accepted::All)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flavor::{Runtime, builtin};

    #[tokio::test]
    async fn what_deletes_is_for_clean_ups_alone_and_has_to_be_accepted_by_name() {
        let component = builtin::find("github").unwrap().component;
        let flavor = Runtime::new(None).unwrap().admit("github", component).await.unwrap();
        let uri = "ghcr.io/acme".parse().unwrap();
        let registry = RegistryView { name: "gh".to_owned(), uri, options: Vec::new(), grants: Vec::new() };
        let uses = flavor.description().auth_method("github", "token").unwrap().uses();
        let (connector_type, method) = ("github".to_owned(), "token".to_owned());
        let connector = ConnectorView { connector_type, method, fields: Vec::new(), uses };
        let declared = |reach| match flavor.registry_policy(&registry, Some(&connector), reach) {
            EgressPolicy::Granted(granted) => granted.operations,
            EgressPolicy::DenyAll => Vec::new(),
        };
        let find = |name: &str| declared(Reach::Cleanup).into_iter().find(|it| it.operation.name == name).unwrap();
        assert!(declared(Reach::Described).iter().any(|it| it.operation.name == "check-package"));
        assert!(declared(Reach::Described).iter().all(|it| it.operation.name != "delete-version"));
        assert!(matches!(find("list-versions").consent, Consent::Given));
        let consent = find("delete-version").consent;
        assert!(matches!(consent, Consent::Unaccepted(name) if name == "github/token/delete-version"));
    }
}
