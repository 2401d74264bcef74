//! What is counted and recorded of a request that fails.

use super::problem::Answer;
use super::state::State;
use crate::server::audit::{self, Asked};
use crate::server::issuers::CallerError;
use crate::store::AuditOutcome;

/// Counts a failure, and records it if it is one of who may do what, or of the provider.
pub(super) fn refused(state: &State, answer: &Answer, asked: &Asked) {
    let metrics = &state.metrics;
    let outcome = match answer {
        Answer::Denied(_) | Answer::LongLived(_) => {
            metrics.denied.count();
            AuditOutcome::Refused
        }
        Answer::Caller(_) => {
            metrics.unknown.count();
            AuditOutcome::Refused
        }
        Answer::Limited(_) => {
            metrics.limited.count();
            AuditOutcome::Refused
        }
        Answer::NoLogin(_) | Answer::Rules | Answer::Clock(_) | Answer::NoAudit => {
            metrics.failed.count();
            AuditOutcome::Failed
        }
        // Nothing was asked for.
        Answer::NotFound | Answer::Method | Answer::Body(_) | Answer::Slow => return,
    };
    let kind = answer.kind();
    if kind == "store" {
        metrics.store_errors.count();
    }
    // Names of registries that may not be there are not told apart.
    let registry = asked.key.as_ref().map(|key| &key.registry).filter(|_| kind == "provider");
    metrics.request(registry, outcome);
    // Where the audit can't be written, there is no use in a row about it.
    if !matches!(answer, Answer::NoAudit) {
        let error = match answer {
            Answer::Caller(CallerError::Token(error)) => format!("{kind}.{}", error.word()),
            Answer::Caller(CallerError::Certificate(_)) => format!("{kind}.certificate"),
            _ => kind.to_owned(),
        };
        state.audit.refused(audit::refusal(asked, outcome, &error));
    }
}
