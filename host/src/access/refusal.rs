//! A registry's refusal of credentials, in the words of whose they are and where they are from.

use crate::distribution::ErrorBody;
use crate::docker;
use crate::error::Explain;
use crate::image::Host;
use crate::text::Escaped;

/// Why the credentials don't open the registry.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Auth)]
pub(crate) enum Refusal {
    /// The registry wants credentials, and Docker's configuration should have had some.
    #[error("`{host}` requires a login, and {reason}")]
    #[explain(hint = unavailable_hint(host, reason))]
    Unavailable {
        /// The registry's host.
        host: Host,
        /// Why there are none.
        reason: Box<docker::CredentialError>,
    },
    /// The registry wants credentials, and Docker's configuration has none for it.
    #[error("registry `{host}` requires a login, and no credentials were found")]
    #[explain(hint = none_found_hint(host, looked_at))]
    NoneFound {
        /// The registry's host.
        host: Host,
        /// The places that were looked at, in quotes and in their order.
        looked_at: Vec<Escaped>,
    },
    /// The registry does not know these credentials.
    #[error("registry `{host}` refused the credentials of {whose}: {body}")]
    #[explain(hint = refused_hint(renewal.as_ref()))]
    Refused {
        /// The registry's host.
        host: Host,
        /// Whose they are, and where they are from.
        whose: Escaped,
        /// The registry's own words.
        body: ErrorBody,
        /// How others are stored in the same place.
        renewal: Option<Escaped>,
    },
    /// The registry knows these credentials, and doesn't let them do this.
    #[error("registry `{host}` doesn't let {whose} {action}: {body}")]
    #[explain(hint = body.hint_to_a_denial())]
    NotAllowed {
        /// The registry's host.
        host: Host,
        /// Whose they are, and where they are from.
        whose: Escaped,
        /// What they don't allow, such as ``push to `acme/train` ``.
        action: Escaped,
        /// The registry's own words.
        body: ErrorBody,
    },
}

fn unavailable_hint(host: &Host, reason: &docker::CredentialError) -> String {
    let login = format!("log in with `docker login {host}`");
    match reason.hint() {
        Some(hint) if !hint.contains("docker login") => format!("{hint}; or {login}"),
        _ => login,
    }
}

fn none_found_hint(host: &Host, looked_at: &[Escaped]) -> String {
    let order = order(looked_at);
    format!("give the registry a connector (`crhost registry connect`), or log in with `docker login {host}`; {order}")
}

/// Which places were looked at, for a user who has a login in another one.
pub(super) fn order(looked_at: &[Escaped]) -> String {
    let places: Vec<&str> = looked_at.iter().map(Escaped::as_str).collect();
    format!("looked at, in this order: {}", places.join(", "))
}

fn refused_hint(renewal: Option<&Escaped>) -> String {
    let wrong = "they may be wrong, have run out, or not be for this repository";
    renewal.map_or_else(|| wrong.to_owned(), |renewal| format!("{wrong}: {renewal}"))
}
