//! The secrets that a call is lent, for the redaction of answers.

use super::model::{ConnectorView, Description, FieldValue};
use crate::egress::Redaction;

/// Names that answers have by a standard (RFC 6749, sections 4 to 6; RFC 8693, section 2).
const STANDARD_NAMES: [&str; 12] = [
    "access_token",
    "refresh_token",
    "id_token",
    "token_type",
    "issued_token_type",
    "subject_token",
    "client_secret",
    "client_id",
    "grant_type",
    "expires_in",
    "error_description",
    "assertion",
];

/// The redaction of a call that is lent a connector: all of its secrets, whatever the call will do with them.
///
/// Text that everyone knows stays in answers, though a secret may contain it: the hosts that the flavor declares, names
/// that standards define, and what is `known` of the registry.
pub(super) fn of(connector: &ConnectorView, description: &Description, known: &[String]) -> Redaction {
    let (mut lent, mut public) = (Vec::new(), known.to_vec());
    for (_, value) in &connector.fields {
        match value {
            FieldValue::Secret(secret) => lent.push(secret.lent()),
            FieldValue::Text(text) => public.push(text.clone()),
        }
    }
    public.extend(STANDARD_NAMES.map(str::to_owned));
    public.extend(description.requested_hosts().into_iter().map(|host| host.pattern.to_string()));
    public.push(description.name.to_string());
    Redaction::new(lent, public)
}
