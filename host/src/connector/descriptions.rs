//! Descriptions of flavors, as far as they matter for a connector.

use super::error::ConnectorError;
use crate::catalog::Catalog;
use crate::flavor::Description;

/// The description of the named flavor, or of every flavor.
///
/// # Errors
/// When there is no such flavor, or one does not load.
pub(super) async fn descriptions(
    catalog: &Catalog<'_>,
    flavor: Option<&str>,
) -> Result<Vec<Description>, ConnectorError> {
    Ok(match flavor {
        Some(flavor) => vec![catalog.entry(flavor).await?.description],
        None => catalog.descriptions().await?,
    })
}
