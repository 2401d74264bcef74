//! The end of a push, as its trace shows it.

use tracing::Span;

use super::ended::Ended;
use super::error::PushError;
use super::report::Report;
use crate::image::{Digest, Tag};
use crate::spans;

/// Notes in the push's span how it ended.
pub(super) fn ended(span: &Span, ended: &Result<Report, PushError>) {
    if span.is_disabled() {
        return;
    }
    let report = match ended {
        Ok(report) => report,
        Err(error) => return spans::push_failed(span, error),
    };
    let _entered = span.enter();
    let tags: Vec<&str> = report.tags.iter().map(Tag::as_str).collect();
    spans::pushed(span, &report.name, &tags.join(","), report.digest.as_ref().map(Digest::as_str));
    for layer in report.layers.iter().filter(|layer| !layer.uploaded) {
        spans::layer_skipped(layer.digest.as_str(), layer.size, layer.outcome.as_str());
    }
}

/// Notes in the span of the whole push how it ended: what was pushed to its only registry, else the first failure.
pub(super) fn all_ended(span: &Span, all: &Result<Vec<Ended>, PushError>) {
    match all.as_deref() {
        Ok([one]) => ended(span, &one.result),
        Ok(several) => {
            if let Some(error) = several.iter().find_map(|ended| ended.result.as_ref().err()) {
                spans::push_failed(span, error);
            }
        }
        Err(error) => spans::push_failed(span, error),
    }
}
