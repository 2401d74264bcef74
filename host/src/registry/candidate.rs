//! A registry, new or changed, between its flavor's answer and the store: the user hears what the flavor made of the
//! URI, and agrees where that matters, before a credential moves.

use super::authenticator::Authenticator;
use super::endpoints::ungranted;
use super::error::RegistryError;
use super::registration::Registration;
use super::typed_uri::{Reading, TypedUri};
use super::ungranted::Ungranted;
use crate::access::{self, Access};
use crate::catalog::{Catalog, grantee};
use crate::connector;
use crate::flavor::{AcceptedUri, Flavor, options};
use crate::grant::Grant;
use crate::image::Host;
use crate::store::{FlavorRecord, IfTaken, Name, Put, RegistryRecord, Store, StoreError};

/// A registry that its flavor accepted. Nothing was sent anywhere, and nothing is stored.
pub(crate) struct Candidate {
    flavor: Flavor,
    flavor_record: FlavorRecord,
    registry: RegistryRecord,
    grants: Vec<Grant>,
    place: Place,
    /// The URI as it was typed.
    typed: TypedUri,
    reading: Reading,
    /// The flavor's warnings.
    warnings: Vec<String>,
    /// Options that name hosts which the flavor may not reach.
    ungranted: Vec<Ungranted>,
}

/// Where a registry goes in the store.
pub(super) enum Place {
    /// Under its name, which may be taken.
    New {
        /// What becomes of it then.
        if_taken: IfTaken,
        /// Whether it was taken when the registry was inspected.
        is_taken: bool,
    },
    /// In the place of this stored one, of which parts change.
    Of(RegistryRecord),
}

/// A registry that is in the store.
pub(crate) struct Stored {
    /// The registry, as it is stored.
    pub(crate) registry: RegistryRecord,
    /// What became of the one that was given.
    pub(crate) put: Put,
    /// A warning if the registry did not look at the credentials.
    pub(crate) unproved: Option<String>,
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
    /// Has the flavor accept a registry, and compares its answer with what was typed.
    ///
    /// # Errors
    /// When the flavor refuses the URI or an option, answers with another host than the one that was typed, or can't
    /// use the connector.
    pub(super) async fn inspect(
        store: &Store,
        catalog: &Catalog<'_>,
        (flavor, flavor_record): (Flavor, FlavorRecord),
        registration: Registration,
        place: Place,
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
        let had_plain_http = || matches!(&place, Place::Of(old) if old.insecure && old.uri.host() == uri.host());
        let insecure = insecure.unwrap_or_else(had_plain_http);
        let registry = RegistryRecord { name, flavor: flavor_name, uri, options, connector, confirmed, insecure };
        let ungranted = ungranted(store, &registry, &flavor, &grants)?;
        Ok(Self { flavor, flavor_record, registry, grants, place, typed, reading, warnings, ungranted })
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

    /// The options that name hosts which the flavor may not reach, unless another registry keeps the name.
    #[must_use]
    pub(crate) fn ungranted(&self) -> &[Ungranted] {
        if self.is_kept_out() { &[] } else { &self.ungranted }
    }

    /// The question that has to be answered before the connector's credentials go to a registry that the user did not
    /// type.
    #[must_use]
    pub(crate) fn question(&self) -> Option<Question> {
        let RegistryRecord { flavor, uri, connector, confirmed, .. } = &self.registry;
        let connector = connector.clone().filter(|_| !confirmed && !self.is_kept_out())?;
        let remark = self.remark().unwrap_or_else(|| format!("`{uri}` was chosen by flavor `{flavor}`"));
        Some(Question { remark, host: uri.host().clone(), connector })
    }

    /// Whether its name is taken by a registry that stays.
    fn is_kept_out(&self) -> bool {
        matches!(self.place, Place::New { if_taken: IfTaken::Keep, is_taken: true })
    }

    /// Takes the user's agreement to the URI that the flavor made.
    pub(crate) fn agree(&mut self) {
        self.registry.confirmed = true;
    }

    /// Stores the registry, once its connector opened it where it has one and there is an authenticator. Where another
    /// one has its name and stays, nothing is asked.
    ///
    /// # Errors
    /// When the question was not answered, the connector does not open the registry, the name is taken or the stored
    /// registry has changed meanwhile; nothing is stored then.
    pub(crate) async fn store(
        self,
        store: &Store,
        catalog: &Catalog<'_>,
        authenticator: Option<&Authenticator<'_>>,
    ) -> Result<Stored, RegistryError> {
        if self.is_kept_out() {
            let put = store.compare_registry(&self.registry, &self.grants)?;
            let put = put.ok_or_else(|| StoreError::RegistryChanged(self.registry.name.clone()))?;
            return Ok(Stored { registry: store.registry(&self.registry.name)?, put, unproved: None });
        }
        if let Some(Question { remark, connector, .. }) = self.question() {
            let registered = if let Place::Of(old) = self.place { Some(old.name) } else { None };
            let uri = Box::new(self.registry.uri);
            return Err(RegistryError::NotConfirmed { remark: remark.into(), connector, uri, registered });
        }
        let Self { flavor, flavor_record, registry, grants, place, .. } = self;
        let mut unproved = None;
        if let (Some(_), Some(authenticator)) = (&registry.connector, authenticator) {
            // The same path as for a push, so that a failure of a push shows here.
            let connector = connector::of_registry(store, &registry, flavor.description(), authenticator.environment)?;
            let view = access::registry_view(&registry, flavor.description(), grants.clone());
            let access = Access::of(authenticator.access_context(store, catalog), flavor, view, connector);
            unproved = authenticator.prove(&registry, &access).await?;
        }
        let put = match place {
            Place::Of(old) => {
                store.update_registry(&old, &registry)?;
                Put::updated()
            }
            Place::New { if_taken, .. } => store.put_registry(&registry, grantee(&flavor_record), &grants, if_taken)?,
        };
        Ok(Stored { registry: store.registry(&registry.name)?, put, unproved })
    }
}
