//! Hints that depend on what there is.

use crate::store::name::Name;
use crate::text::{Escaped, nearest, quoted_few};

/// The names that there are, and the nearest one; a command where there are none.
pub(super) fn registered(name: &Name, known: &[Name], command: &str) -> String {
    match (known, nearest(name.as_str(), known)) {
        ([], _) => format!("register one: `{command}`"),
        (known, Some(near)) => format!("did you mean `{near}`? registered: {}", quoted_few(known)),
        (known, None) => format!("registered: {}", quoted_few(known)),
    }
}

/// The same of registries, which may be those of a server.
pub(super) fn registries(name: &Name, known: &[Name]) -> String {
    let hint = registered(name, known, "crhost registry register NAME --flavor FLAVOR --uri URI");
    let of_server = "; with CRHOST_SERVER, its rules let this machine use none";
    if known.is_empty() { format!("{hint}{of_server}") } else { hint }
}

/// The ways to have a key that is trusted.
pub(super) fn restrict_key(path: &Escaped) -> String {
    format!(
        "make it a file that only you may open (`chmod 600 {path}`), or remove it and the connectors and register \
         them again"
    )
}

/// The keys that wrap the data key.
pub(super) fn wrappings(known: &[Escaped]) -> String {
    format!("it is wrapped by {}; `crhost key describe` shows them", quoted_few(known))
}
