//! The secrets that a call is lent, for the redaction of answers.

use super::model::{ConnectorView, FieldValue};
use crate::egress::Redaction;

/// The redaction of a call that is lent a connector: all of its secrets, whatever the call will do with them.
pub(super) fn of(connector: &ConnectorView) -> Redaction {
    let (mut lent, mut public) = (Vec::new(), Vec::new());
    for (_, value) in &connector.fields {
        match value {
            FieldValue::Secret(secret) => lent.push(secret.lent()),
            FieldValue::Text(text) => public.push(text.clone()),
        }
    }
    Redaction::new(lent, public)
}
