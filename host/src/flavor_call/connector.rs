//! The connector of a call.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::error::FlavorCallError;
use super::export::Export;
use super::input::Input;
use crate::connector::{Unstored, unstored};
use crate::environment::Environment;
use crate::flavor::{ConnectorView, Description};

/// The connector of a call; none where neither an auth method nor a field is given.
///
/// # Errors
/// When the fields are not those of the auth method, or an id token can't be had.
pub(super) async fn connector(
    description: &Description,
    input: &Input,
    fields: BTreeMap<String, SecretString>,
    issued: BTreeMap<String, Option<String>>,
    allow_implicit: bool,
    environment: &Environment,
) -> Result<Option<ConnectorView>, FlavorCallError> {
    if input.auth_method.is_none() && fields.is_empty() && issued.is_empty() {
        return Ok(None);
    }
    let given = Unstored { method: input.auth_method.clone(), fields, issued, allow_implicit };
    let failed = |error| FlavorCallError::Connector(Box::new(error));
    let connector = unstored(given, description, environment).map_err(failed)?;
    Ok(Some(connector.lend().await.map_err(failed)?.into_owned()))
}

/// The connector of an export that is about nothing else.
///
/// # Errors
/// When there is none.
pub(super) fn needed(export: Export, connector: Option<&ConnectorView>) -> Result<&ConnectorView, FlavorCallError> {
    let hint = || "give its fields with `--field NAME=@env:VARIABLE`, and `--auth-method` if there are several".into();
    connector.ok_or_else(|| FlavorCallError::Missing { export, what: "a connector", hint: hint() })
}
