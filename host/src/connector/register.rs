//! Registering and updating connectors: fields are checked, credentials are proved where that is possible, then it is
//! stored.

use std::collections::BTreeMap;

use super::commands::Origins;
use super::descriptions::descriptions;
use super::error::{ConnectorError, ProofUnavailable};
use super::given::GivenValue;
use super::implicit_reads::ImplicitReads;
use super::prove::{Proof, ProveOptions, prove};
use super::{change, fields, method};
use crate::catalog::Catalog;
use crate::environment::Environment;
use crate::flavor::{AuthMethod, Description, SecretUses};
use crate::id_token::IdTokenFrom;
use crate::store::{ConnectorRecord, IfTaken, Name, Outcome, Put, Store, StoreError, StoredField, StoredValue};

/// A new connector. Without `Debug`: it holds secrets.
pub(crate) struct Registration {
    /// The user's name for it.
    pub(crate) name: Name,
    /// Its type, as flavors name it.
    pub(crate) connector_type: String,
    /// The name of its auth method; may be absent where its type has only one.
    pub(crate) method: Option<String>,
    /// The flavor whose description counts; may be absent where all descriptions of the method agree.
    pub(crate) flavor: Option<String>,
    /// Values by the names of the method's fields.
    pub(crate) fields: BTreeMap<String, GivenValue>,
    /// Where id tokens of the machine are from.
    pub(crate) id_token_from: Option<IdTokenFrom>,
    /// The names of programs that may be run for fields that are left out.
    pub(crate) allow_commands: Vec<String>,
    /// Whether fields that are left out may be read on this machine, or issued to it.
    pub(crate) allow_implicit: bool,
    /// How the credentials are proved before they are stored; absent to store them unproved.
    pub(crate) prove: Option<ProveOptions>,
}

/// A change of a connector. Without `Debug`: it holds secrets.
pub(crate) struct Change {
    /// The connector's name.
    pub(crate) name: Name,
    /// Its new name.
    pub(crate) rename: Option<Name>,
    /// The flavor whose description counts; may be absent where all descriptions of the method agree.
    pub(crate) flavor: Option<String>,
    /// New values by the names of fields.
    pub(crate) fields: BTreeMap<String, GivenValue>,
    /// Where id tokens of the machine are from, from now on.
    pub(crate) id_token_from: Option<IdTokenFrom>,
    /// The names of programs that may be run, from now on in place of the values of their fields.
    pub(crate) allow_commands: Vec<String>,
    /// Names of fields to remove.
    pub(crate) removed: Vec<String>,
    /// Whether fields of an implicit method may be read on this machine that were not before.
    pub(crate) allow_implicit: bool,
    /// Whether its secrets may be used for all that its auth method declares now.
    pub(crate) renew: bool,
    /// How the credentials are proved before they are stored; absent to store them unproved.
    pub(crate) prove: Option<ProveOptions>,
}

/// A connector that was stored.
pub(crate) struct Registered {
    /// The record in the store.
    pub(crate) connector: ConnectorRecord,
    /// What became of the connector that was given.
    pub(crate) put: Put,
    /// The proof of its credentials, or why they can't be proved without a registry; absent if no proof was asked for.
    pub(crate) proof: Option<Result<Proof, ProofUnavailable>>,
}

/// Registers a connector once its fields match its auth method and its credentials are proved, where they can be. Where
/// another one has its name and stays, nothing is proved.
///
/// # Errors
/// When the name is taken and that is refused, a registry uses the connector that it would replace and can't use it, no
/// flavor describes the auth method or several do so differently, a field is missing,
/// unknown or not of its kind, or the credentials are not accepted; nothing is stored then.
pub(crate) async fn register(
    store: &Store,
    catalog: &Catalog<'_>,
    environment: &Environment,
    registration: Registration,
    if_taken: IfTaken,
) -> Result<Registered, ConnectorError> {
    let Registration { name, connector_type, method, flavor, fields, .. } = registration;
    let Registration { id_token_from, allow_commands, allow_implicit, prove, .. } = registration;
    let descriptions = descriptions(catalog, flavor.as_deref()).await?;
    let method = method::find(&descriptions, &connector_type, method.as_deref())?;
    let asked = asked_for(&fields);
    let origins = Origins::new(id_token_from, &allow_commands, environment);
    let fields = fields::checked(method, fields, &origins)?;
    let reads = ImplicitReads::of_stored(fields.iter().filter(|field| !asked.contains(&field.name)));
    if !reads.is_empty() && !allow_implicit {
        return Err(ConnectorError::NotAllowed { method: method.to_string().into(), reads });
    }
    let uses = uses(&descriptions, method);
    let connector = ConnectorRecord { name, connector_type, method: method.name.to_string(), fields, uses };
    // Before the service is asked: a taken name would make the answer useless.
    match if_taken {
        IfTaken::Refuse if store.has_connector(&connector.name)? => {
            return Err(StoreError::ConnectorRegistered(connector.name).into());
        }
        IfTaken::Keep => {
            if let Some(put) = store.compare_connector(&connector)? {
                return Ok(Registered { connector: store.connector(&connector.name)?, put, proof: None });
            }
        }
        IfTaken::Replace if store.has_connector(&connector.name)? => users_can_use(store, catalog, &connector).await?,
        IfTaken::Refuse | IfTaken::Replace => {}
    }
    let proof = proved(catalog, environment, &connector, prove).await?;
    let put = store.put_connector(&connector, if_taken)?;
    let connector = if put.outcome == Outcome::Kept { store.connector(&connector.name)? } else { connector };
    Ok(Registered { connector, put, proof })
}

/// Checks that the registries that use the connector of this name can use this one.
async fn users_can_use(
    store: &Store,
    catalog: &Catalog<'_>,
    connector: &ConnectorRecord,
) -> Result<(), ConnectorError> {
    for registry in store.registries_of_connector(&connector.name)? {
        let flavor = store.registry(&registry)?.flavor;
        let description = catalog.entry(&flavor).await?.description;
        if description.auth_method(&connector.connector_type, &connector.method).is_none() {
            return Err(ConnectorError::UsedElsewhere {
                connector: connector.name.clone(),
                method: format!("{}/{}", connector.connector_type, connector.method).into(),
                registry,
                flavor: description.name,
            });
        }
    }
    Ok(())
}

/// Changes a connector once its fields match its auth method and its credentials are proved, where they can be.
///
/// # Errors
/// As for [`register`]; when there is no such connector, or it changed at the same time. The stored connector is
/// unchanged then.
pub(crate) async fn update(
    store: &Store,
    catalog: &Catalog<'_>,
    environment: &Environment,
    change: Change,
) -> Result<Registered, ConnectorError> {
    let Change { name, rename, flavor, fields, id_token_from, .. } = change;
    let Change { allow_commands, removed, allow_implicit, renew, prove, .. } = change;
    let old = store.connector(&name)?;
    let mut new = ConnectorRecord { name: rename.unwrap_or(name), ..old.clone() };
    if new.name != old.name {
        store.connector_is_free(&new.name)?;
    }
    // A new name alone leaves the credentials as they are: no proof, and no flavor is needed.
    let mut proof = None;
    let new_value = !fields.is_empty() || !allow_commands.is_empty();
    if renew || new_value || !removed.is_empty() || id_token_from.is_some() {
        let descriptions = descriptions(catalog, flavor.as_deref()).await?;
        let method = method::find(&descriptions, &old.connector_type, Some(&old.method))?;
        let asked = asked_for(&fields);
        let origins = Origins::new(id_token_from, &allow_commands, environment);
        new.fields = change::changed(&old, method, fields, &removed, &origins)?;
        // A new value is stored for what the method is now; a removed one leaves the others as they were stored.
        if renew || new_value {
            new.uses = uses(&descriptions, method);
        }
        // The user's consent covers a source for one field and its kind; the same source for another kind needs a new
        // one.
        let is_new = |field: &&StoredField| !asked.contains(&field.name) && !was_allowed(&old.fields, field);
        let reads = ImplicitReads::of_stored(new.fields.iter().filter(is_new));
        if !reads.is_empty() && !allow_implicit {
            return Err(ConnectorError::NotAllowed { method: method.to_string().into(), reads });
        }
        proof = proved(catalog, environment, &new, prove).await?;
    }
    store.update_connector(&old, &new)?;
    Ok(Registered { connector: new, put: Put::updated(), proof })
}

/// The fields for which the user asks for id tokens, or names a program: that is consent.
fn asked_for(fields: &BTreeMap<String, GivenValue>) -> Vec<String> {
    fields.iter().filter(|(_, value)| value.is_consent()).map(|(name, _)| name.clone()).collect()
}

/// What the secrets of a new connector may be used for: all that flavors describe for its method now.
fn uses(descriptions: &[Description], method: &AuthMethod) -> String {
    uses_of(descriptions, method.connector_type.as_str(), method.name.as_str())
}

/// What flavors describe that the secrets of a method may be used for, as it is recorded with a connector.
#[must_use]
pub(crate) fn uses_of(descriptions: &[Description], connector_type: &str, method: &str) -> String {
    let same = |description: &Description| description.auth_method(connector_type, method).map(AuthMethod::uses);
    let mut uses = SecretUses::default();
    descriptions.iter().filter_map(same).for_each(|more| uses.add(more));
    // Never fails: lists of texts make JSON.
    serde_json::to_string(&uses).unwrap_or_default()
}

async fn proved(
    catalog: &Catalog<'_>,
    environment: &Environment,
    connector: &ConnectorRecord,
    options: Option<ProveOptions>,
) -> Result<Option<Result<Proof, ProofUnavailable>>, ConnectorError> {
    match options {
        Some(options) => match prove(catalog, environment, connector, &options).await {
            Ok(proof) => Ok(Some(proof)),
            Err(reason) => Err(ConnectorError::Unproved(Box::new(reason))),
        },
        None => Ok(None),
    }
}

/// Whether the field was implicit before, with no other sources and the same secrecy. Programs have a consent of their
/// own.
fn was_allowed(old: &[StoredField], field: &StoredField) -> bool {
    let (StoredValue::Implicit(sources), Some(old)) = (&field.value, old.iter().find(|old| old.name == field.name))
    else {
        return false;
    };
    let StoredValue::Implicit(allowed) = &old.value else { return false };
    let same_secrecy = (old.kind, &old.public_members) == (field.kind, &field.public_members);
    same_secrecy && sources.iter().all(|source| source.command().is_some() || allowed.contains(source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::implicit_sources::ImplicitSource;
    use crate::store::StoredKind;

    fn field(name: &str, kind: StoredKind, public: &[&str], value: StoredValue) -> StoredField {
        let public_members = public.iter().map(|&name| name.to_owned()).collect();
        StoredField { name: name.to_owned(), kind, public_members, value }
    }

    #[test]
    fn leave_to_read_a_place_is_for_one_field_and_how_secret_it_is() {
        let at = |name: &str| StoredValue::Implicit(vec![ImplicitSource::Env(name.to_owned())]);
        let old = [
            field("key", StoredKind::SecretJson, &["id"], at("KEY")),
            field("token", StoredKind::Secret, &[], at("TOKEN")),
            field("given", StoredKind::Secret, &[], StoredValue::Given("x".into())),
        ];
        assert!(was_allowed(&old, &old[0]) && was_allowed(&old, &old[1]));
        for other in [
            field("note", StoredKind::Text, &[], at("TOKEN")),
            field("token", StoredKind::Text, &[], at("TOKEN")),
            field("token", StoredKind::Secret, &[], at("KEY")),
            field("key", StoredKind::SecretJson, &["id", "private"], at("KEY")),
            field("given", StoredKind::Secret, &[], at("TOKEN")),
        ] {
            assert!(!was_allowed(&old, &other), "{}", other.name);
        }
    }
}
