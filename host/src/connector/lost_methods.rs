//! Connectors whose auth method no flavor would know any more.

use super::error::ConnectorError;
use crate::catalog::Catalog;
use crate::flavor::Description;
use crate::store::ConnectorSummary;

/// The connectors of auth methods that a flavor has in `old` and not in `new`, and that no other flavor has.
///
/// # Errors
/// When the store can't be read.
pub(crate) async fn of_lost_methods(
    catalog: &Catalog<'_>,
    old: &Description,
    new: &Description,
) -> Result<Vec<ConnectorSummary>, ConnectorError> {
    let is_lost = |connector: &ConnectorSummary| {
        let has =
            |description: &Description| description.auth_method(&connector.connector_type, &connector.method).is_some();
        has(old) && !has(new)
    };
    let mut lost: Vec<ConnectorSummary> = catalog.store().connectors()?.into_iter().filter(is_lost).collect();
    if !lost.is_empty() {
        let others = catalog.descriptions().await?;
        let others: Vec<_> = others.iter().filter(|description| description.name != new.name).collect();
        lost.retain(|connector| {
            !others.iter().any(|one| one.auth_method(&connector.connector_type, &connector.method).is_some())
        });
    }
    Ok(lost)
}
