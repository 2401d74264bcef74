//! The connector of a call.

use super::error::FlavorCallError;
use super::export::Export;
use crate::connector::{Unstored, unstored};
use crate::environment::Environment;
use crate::flavor::{ConnectorView, Description};

/// The connector of a call; none where neither an auth method nor a field is given.
///
/// # Errors
/// When the fields are not those of the auth method, an id token can't be had, or a program gives no value.
pub(super) async fn connector(
    description: &Description,
    given: Unstored,
    environment: &Environment,
) -> Result<Option<ConnectorView>, FlavorCallError> {
    if given.method.is_none() && given.fields.is_empty() && given.made.is_empty() {
        return Ok(None);
    }
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
