//! An option that names a host which is not granted.

use crate::error::{Explain, Kind};
use crate::flavor::FlavorName;
use crate::store::Name;
use crate::text::{Escaped, Printable};

/// An option whose host the registry's flavor may not reach.
#[derive(Debug, thiserror::Error, Printable)]
#[error("the option `{option}` names `{origin}`, which flavor `{flavor}` may not {}", if *.secrets {
    "send the connector's secrets to"
} else {
    "reach"
})]
pub(crate) struct Ungranted {
    /// The registry.
    pub(crate) registry: Name,
    /// Its flavor.
    pub(crate) flavor: FlavorName,
    /// The option.
    pub(crate) option: Escaped,
    /// The origin of its value.
    pub(crate) origin: Escaped,
    /// Whether secrets would go there.
    pub(crate) secrets: bool,
}

impl Explain for Ungranted {
    fn kind(&self) -> Kind {
        Kind::Auth
    }

    fn hint(&self) -> Option<Escaped> {
        let Self { registry, flavor, origin, secrets, .. } = self;
        let option = if *secrets { "--allow-secret-host" } else { "--allow-host" };
        let command = format!("crhost flavor grant {flavor} --registry {registry} {option} {origin}");
        Some(format!("only if you trust whoever runs it: `{command}`").into())
    }
}
