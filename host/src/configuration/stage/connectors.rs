//! Connectors of a file: their fields are references, or values that are no secrets.

use std::collections::BTreeMap;

use super::{Stage, parsed_name};
use crate::configuration::error::ConfigurationError;
use crate::configuration::file::{ConnectorEntry, FieldText, absolute_text, filled_in, read_field};
use crate::connector::{self, GivenValue};
use crate::flavor::{AuthMethod, FieldKind};
use crate::implicit_sources::Command;
use crate::store::{IfTaken, Name, StoredValue};

/// The beginning of a place of id tokens that is a file.
const OF_FILE: &str = "file:";

impl Stage<'_> {
    /// Registers a connector.
    pub(super) async fn connector(&mut self, name: &str, entry: &ConnectorEntry) -> Result<(), ConfigurationError> {
        let at = self.file.at("connector", name);
        let ConnectorEntry { connector_type, auth_method, flavor, allow_implicit, .. } = entry.clone();
        let own_name = parsed_name(&at, name)?;
        let descriptions = match &flavor {
            Some(flavor) => self.catalog.entry(flavor).await.map(|entry| vec![entry.description]),
            None => self.catalog.descriptions().await,
        };
        let descriptions = descriptions.map_err(|error| ConfigurationError::of_entry(&at, &error))?;
        let wrong = |error: connector::ConnectorError| ConfigurationError::of_entry(&at, &error);
        let method = connector::find_method(&descriptions, &connector_type, auth_method.as_deref()).map_err(wrong)?;
        let fields = self.fields(&at, &own_name, entry, method)?;
        let id_token_from = match entry.id_token_from.as_deref().map(|from| self.place(name, from).parse()) {
            None => None,
            Some(Ok(from)) => Some(from),
            Some(Err(reason)) => {
                let problem = format!("`id-token-from` {reason}");
                return Err(ConfigurationError::malformed(&at, problem));
            }
        };
        let registration = connector::Registration {
            name: own_name,
            connector_type,
            method: auth_method,
            flavor,
            fields,
            id_token_from,
            allow_commands: entry.allow_commands.clone(),
            allow_implicit,
            prove: None,
        };
        let registered =
            connector::register(self.store, self.catalog, self.environment, registration, IfTaken::Refuse).await;
        registered.map(drop).map_err(wrong)
    }

    /// The place of id tokens, in which a file is found from any directory, as all paths of the file are.
    fn place(&self, connector: &str, from: &str) -> String {
        match from.strip_prefix(OF_FILE).filter(|path| !path.is_empty() && !path.starts_with("~/")) {
            Some(path) => format!("{OF_FILE}{}", absolute_text(&self.file.path_of("connector", connector, path))),
            None => from.to_owned(),
        }
    }

    /// The fields of a connector: references, and values of fields that are no secrets.
    fn fields(
        &self,
        at: &str,
        connector: &Name,
        entry: &ConnectorEntry,
        method: &AuthMethod,
    ) -> Result<BTreeMap<String, GivenValue>, ConfigurationError> {
        let mut given = BTreeMap::new();
        for (name, text) in &entry.fields {
            let described = method.fields.iter().find(|field| field.name.as_str() == name);
            let is_secret = described.is_some_and(|field| field.kind != FieldKind::Text);
            let field = || name.as_str().into();
            if text.starts_with('@') && !text.starts_with("@@") && text.contains("${") {
                return Err(ConfigurationError::VariableInReference { at: at.into(), field: field() });
            }
            let value = match read_field(text) {
                FieldText::Literal(_) if is_secret => {
                    return Err(ConfigurationError::Literal { at: at.into(), field: field() });
                }
                FieldText::Literal(text) => filled_in(at, text, self.environment)?.as_str().into(),
                FieldText::Env(variable) => GivenValue::Variable(variable.to_owned()),
                FieldText::File(path) => {
                    let is_of_home = path.starts_with("~/");
                    let absolute = || self.file.path_of("connector", connector.as_str(), path);
                    let path = if is_of_home { path.to_owned() } else { absolute_text(&absolute()) };
                    GivenValue::Read(path)
                }
                FieldText::IdToken(audience) => GivenValue::IdToken { audience: audience.map(str::to_owned) },
                FieldText::Command(line) => GivenValue::Command(
                    Command::written(line)
                        .map_err(|reason| ConfigurationError::malformed(at, format!("field `{name}` {reason}")))?,
                ),
                FieldText::Stored => self.stored_value(at, connector, (entry, method), name)?,
                FieldText::Unknown => {
                    return Err(ConfigurationError::Reference { at: at.into(), field: field() });
                }
            };
            given.insert(name.clone(), value);
        }
        Ok(given)
    }

    /// The value that the store has for a field.
    fn stored_value(
        &self,
        at: &str,
        connector: &Name,
        (entry, method): (&ConnectorEntry, &AuthMethod),
        field: &str,
    ) -> Result<GivenValue, ConfigurationError> {
        let missing = || ConfigurationError::NotStored { at: at.into(), field: field.into() };
        let store = self.stored.ok_or_else(missing)?;
        if !store.has_connector(connector)? {
            return Err(missing());
        }
        let record = store.connector(connector)?;
        // A value that was given for one service is no value for another, whatever its field is called.
        if record.connector_type != entry.connector_type || record.method != method.name.as_str() {
            return Err(missing());
        }
        match record.fields.into_iter().find(|stored| stored.name == field).map(|stored| stored.value) {
            Some(StoredValue::Given(value)) => Ok(GivenValue::Value(value)),
            Some(StoredValue::Implicit(_)) | None => Err(missing()),
        }
    }
}
