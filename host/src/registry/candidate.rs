//! A registry, new or changed, between its flavor's answer and the store: the user hears what the flavor made of the
//! URI, and agrees where that matters, before a credential moves.

use super::authenticator::Authenticator;
use super::error::RegistryError;
use super::registration::Registration;
use super::typed_uri::{Reading, TypedUri};
use crate::access::{self, Access};
use crate::catalog::{Catalog, grantee};
use crate::connector;
use crate::flavor::{AcceptedUri, Flavor, options};
use crate::grant::Grant;
use crate::image::Host;
use crate::store::{FlavorRecord, Name, RegistryRecord, Store};

/// A registry that its flavor accepted. Nothing was sent anywhere, and nothing is stored.
pub(crate) struct Candidate {
    flavor: Flavor,
    flavor_record: FlavorRecord,
    registry: RegistryRecord,
    grants: Vec<Grant>,
    /// The stored registry that it replaces.
    old: Option<RegistryRecord>,
    /// The URI as it was typed.
    typed: TypedUri,
    reading: Reading,
    /// The flavor's warnings.
    warnings: Vec<String>,
}

/// A question that only the user can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// What the flavor made of what was typed.
    pub(crate) remark: String,
    /// The host of the registry.
    pub(crate) host: Host,
    /// The connector whose credentials would go there.
    pub(crate) connector: Name,
}

impl Candidate {
    /// Has the flavor accept a registry, and compares its answer with what was typed. `old` is the stored registry that
    /// this one replaces.
    ///
    /// # Errors
    /// When the flavor refuses the URI or an option, answers with another host than the one that was typed, or can't
    /// use the connector.
    pub(super) async fn inspect(
        store: &Store,
        catalog: &Catalog<'_>,
        (flavor, flavor_record): (Flavor, FlavorRecord),
        registration: Registration,
        old: Option<RegistryRecord>,
    ) -> Result<Self, RegistryError> {
        let Registration { name, flavor: flavor_name, uri: typed, options, grants, connector, insecure } = registration;
        options::check(flavor.description(), &options)?;
        let accepted = flavor.validate_uri(typed.as_str()).await;
        catalog.record_usage(&flavor);
        let AcceptedUri { uri, warnings } = accepted?;
        let reading = typed.read_as(&uri);
        if matches!(reading, Reading::OtherHost | Reading::NoHost) {
            return Err(RegistryError::other_host(&flavor.description().name, &typed, uri));
        }
        let confirmed = reading == Reading::AsTyped && typed.is_confirmed();
        let had_plain_http = || old.as_ref().is_some_and(|old| old.insecure && old.uri.host() == uri.host());
        let insecure = insecure.unwrap_or_else(had_plain_http);
        let registry = RegistryRecord { name, flavor: flavor_name, uri, options, connector, confirmed, insecure };
        connector::fits(store, &registry, flavor.description())?;
        Ok(Self { flavor, flavor_record, registry, grants, old, typed, reading, warnings })
    }

    /// The name of its flavor.
    #[must_use]
    pub(crate) fn flavor(&self) -> &str {
        &self.registry.flavor
    }

    /// What the flavor made of the URI, if that is not what was typed.
    #[must_use]
    pub(crate) fn remark(&self) -> Option<String> {
        let RegistryRecord { flavor, uri, .. } = &self.registry;
        (self.reading != Reading::AsTyped)
            .then(|| format!("`{}` is read as `{uri}` by flavor `{flavor}`", self.typed.as_str()))
    }

    /// The flavor's own warnings, which are to be shown under its name.
    #[must_use]
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The question that has to be answered before the connector's credentials go to a registry that the user did not
    /// type.
    #[must_use]
    pub(crate) fn question(&self) -> Option<Question> {
        let RegistryRecord { flavor, uri, connector, confirmed, .. } = &self.registry;
        let connector = connector.clone().filter(|_| !confirmed)?;
        let remark = self.remark().unwrap_or_else(|| format!("`{uri}` was chosen by flavor `{flavor}`"));
        Some(Question { remark, host: uri.host().clone(), connector })
    }

    /// Takes the user's agreement to the URI that the flavor made.
    pub(crate) fn agree(&mut self) {
        self.registry.confirmed = true;
    }

    /// Stores the registry, once its connector opened it where it has one and there is an authenticator. Returns the
    /// stored record, and a warning if the registry did not look at the credentials.
    ///
    /// # Errors
    /// When the question was not answered, the connector does not open the registry, the name is taken or the stored
    /// registry has changed meanwhile; nothing is stored then.
    pub(crate) async fn store(
        self,
        store: &Store,
        catalog: &Catalog<'_>,
        authenticator: Option<&Authenticator<'_>>,
    ) -> Result<(RegistryRecord, Option<String>), RegistryError> {
        if let Some(Question { remark, connector, .. }) = self.question() {
            let (uri, registered) = (Box::new(self.registry.uri), self.old.map(|old| old.name));
            return Err(RegistryError::NotConfirmed { remark: remark.into(), connector, uri, registered });
        }
        let Self { flavor, flavor_record, registry, grants, old, .. } = self;
        let mut unproved = None;
        if let (Some(_), Some(authenticator)) = (&registry.connector, authenticator) {
            // The same path as for a push, so that a failure of a push shows here.
            let connector = connector::of_registry(store, &registry, flavor.description(), authenticator.environment)?;
            let view = access::registry_view(&registry, flavor.description(), grants.clone());
            let access = Access::of(authenticator.access_context(store, catalog), flavor, view, connector);
            unproved = authenticator.prove(&registry, &access).await?;
        }
        match old {
            Some(old) => store.update_registry(&old, &registry)?,
            None => store.add_registry(&registry, grantee(&flavor_record), &grants)?,
        }
        Ok((registry, unproved))
    }
}
