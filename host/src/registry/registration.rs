//! The data of a new registry.

use std::collections::BTreeMap;

use super::typed_uri::TypedUri;
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
    pub(crate) uri: TypedUri,
    /// Values for the flavor's options.
    pub(crate) options: BTreeMap<String, String>,
    /// Hosts that the flavor may reach for this registry alone.
    pub(crate) grants: Vec<Grant>,
    /// The connector whose credentials the flavor may use.
    pub(crate) connector: Option<Name>,
    /// The user's word whether it may be spoken to in plain HTTP; without one, a registry that stays on its host keeps
    /// what is stored, and any other is spoken to in https alone.
    pub(crate) insecure: Option<bool>,
}
