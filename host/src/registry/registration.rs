//! The data of a new registry.

use std::collections::BTreeMap;

use crate::grant::Grant;
use crate::store::Name;

/// A registry to register, as the user describes it.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    /// The user's name for it.
    pub(crate) name: Name,
    /// The name of its flavor.
    pub(crate) flavor: String,
    /// Its URI, in any form that the flavor accepts.
    pub(crate) uri: String,
    /// Values for the flavor's options.
    pub(crate) options: BTreeMap<String, String>,
    /// Hosts that the flavor may reach for this registry alone.
    pub(crate) grants: Vec<Grant>,
    /// The connector whose credentials the flavor may use.
    pub(crate) connector: Option<Name>,
}
