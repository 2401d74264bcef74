//! The rules that `describe` and the flavor's own examples tell of: those that `flavor register` checks as well.

use super::findings::Findings;
use super::rule::Rule;
use super::trial::Subject;
use crate::flavor::{BrokenPromise, Promise, broken_promises};

/// Tries them.
pub(super) async fn test(subject: &Subject<'_>, findings: &mut Findings) {
    findings.tried(Rule::DescribeComplete);
    findings.tried(Rule::DescribeStatic);
    for _ in &subject.flavor.description().uri_examples {
        findings.tried(Rule::ExamplesAccepted);
        findings.tried(Rule::CanonicalForm);
        findings.tried(Rule::UriPure);
    }
    for BrokenPromise { promise, case, problem } in broken_promises(subject.flavor).await {
        findings.broken(rule(promise), &case, &problem);
    }
}

fn rule(promise: Promise) -> Rule {
    match promise {
        Promise::Complete => Rule::DescribeComplete,
        Promise::Static => Rule::DescribeStatic,
        Promise::Examples => Rule::ExamplesAccepted,
        Promise::Canonical => Rule::CanonicalForm,
        Promise::Pure => Rule::UriPure,
    }
}
