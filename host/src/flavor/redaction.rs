//! The secrets that a call is lent, for the redaction of answers.

use super::model::ConnectorView;
use crate::egress::Redaction;

/// The redaction of a call that is lent a connector.
pub(super) fn of(_connector: &ConnectorView) -> Redaction {
    Redaction::default()
}
