//! The rules that a flavor is tested against.

use std::fmt;

use crate::text::Printable;

/// A rule. `docs/reference/flavor-rules.md` has the reason for each, under its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rule {
    /// See [`Rule::statement`], as for all of them.
    DescribeComplete,
    /// The description is constant.
    DescribeStatic,
    /// Examples are right.
    ExamplesAccepted,
    /// Canonical forms are fixed points.
    CanonicalForm,
    /// URIs are judged without help.
    UriPure,
    /// What is no URI is refused.
    GarbageRefused,
    /// Nobody is sent elsewhere.
    HostKept,
    /// Refusals help.
    RefusalsExplained,
    /// Every call ends.
    CallsEnd,
    /// Requests are declared.
    OperationsDeclared,
    /// Limits are far away.
    LimitsRespected,
    /// Each request is sent once.
    RequestsOnce,
    /// A push may be prepared again.
    PrepareRepeatable,
    /// Failures are of the right kind.
    FailuresTold,
    /// A service that is away is told with the next step.
    OutagesExplained,
    /// Waiting times are passed on.
    RetryAfter,
    /// Nothing secret is shown.
    SecretsKept,
    /// Credentials are valid when they are given.
    CredentialsCurrent,
    /// Recorded calls go as they went.
    FixturesReplayed,
}

impl Rule {
    /// All of them, in the order of a report.
    pub(crate) const ALL: [Self; 19] = [
        Self::DescribeComplete,
        Self::DescribeStatic,
        Self::ExamplesAccepted,
        Self::CanonicalForm,
        Self::UriPure,
        Self::GarbageRefused,
        Self::HostKept,
        Self::RefusalsExplained,
        Self::CallsEnd,
        Self::OperationsDeclared,
        Self::LimitsRespected,
        Self::RequestsOnce,
        Self::PrepareRepeatable,
        Self::FailuresTold,
        Self::OutagesExplained,
        Self::RetryAfter,
        Self::SecretsKept,
        Self::CredentialsCurrent,
        Self::FixturesReplayed,
    ];

    /// Its name.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::DescribeComplete => "describe-complete",
            Self::DescribeStatic => "describe-static",
            Self::ExamplesAccepted => "examples-accepted",
            Self::CanonicalForm => "canonical-form",
            Self::UriPure => "uri-pure",
            Self::GarbageRefused => "garbage-refused",
            Self::HostKept => "host-kept",
            Self::RefusalsExplained => "refusals-explained",
            Self::CallsEnd => "calls-end",
            Self::OperationsDeclared => "operations-declared",
            Self::LimitsRespected => "limits-respected",
            Self::RequestsOnce => "requests-once",
            Self::PrepareRepeatable => "prepare-repeatable",
            Self::FailuresTold => "failures-told",
            Self::OutagesExplained => "outages-explained",
            Self::RetryAfter => "retry-after",
            Self::SecretsKept => "secrets-kept",
            Self::CredentialsCurrent => "credentials-current",
            Self::FixturesReplayed => "fixtures-replayed",
        }
    }

    /// What it demands, in one line.
    #[must_use]
    pub(crate) fn statement(self) -> &'static str {
        match self {
            Self::DescribeComplete => {
                "`describe` has a summary for everything, and no option that is required and has a default"
            }
            Self::DescribeStatic => "`describe` gives the same at every call, and calls nothing of the host",
            Self::ExamplesAccepted => "`validate-uri` accepts the examples of `describe`",
            Self::CanonicalForm => "`validate-uri` returns a canonical form unchanged, and one form for one registry",
            Self::UriPure => "`validate-uri` sends no request, and does not depend on the time",
            Self::GarbageRefused => "`validate-uri` refuses what is no URI of a registry",
            Self::HostKept => "`validate-uri` refuses a host that only looks right, or keeps it as it was typed",
            Self::RefusalsExplained => "a refused URI gets one line that says why, and a hint",
            Self::CallsEnd => "every call ends with an answer or a failure, whatever a service answers",
            Self::OperationsDeclared => "every request is one that `describe` declares",
            Self::LimitsRespected => "no call reaches a limit, or half of the memory",
            Self::RequestsOnce => "no call sends a request again that was answered",
            Self::PrepareRepeatable => "`prepare-image-push` twice gives the same, by the same requests",
            Self::FailuresTold => "a failure is of the kind that the service's answer means",
            Self::OutagesExplained => "a failure for a service that can't be reached has a hint",
            Self::RetryAfter => "the time that a service asks to wait is passed on",
            Self::SecretsKept => "nothing that a service issued stands in a note, a failure or the log",
            Self::CredentialsCurrent => "credentials end in the future",
            Self::FixturesReplayed => "recorded calls send the recorded requests, and give the recorded answer",
        }
    }

    /// The command that prints its reason, below its name.
    #[must_use]
    pub(crate) fn reference(self) -> &'static str {
        "crhost help flavor-rules"
    }

    /// Why it was not tried, where it was not.
    #[must_use]
    pub(crate) fn untried(self) -> &'static str {
        match self {
            Self::FixturesReplayed => "no `--fixtures`",
            Self::HostKept => "no example has a name that others could look like",
            Self::RetryAfter => "no call failed at a 429 or a 503",
            Self::CredentialsCurrent => "no call gave credentials that end",
            _ => "no call sent a request",
        }
    }
}

/// Words of crhost's own.
impl Printable for Rule {}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_has_each_rule_with_its_statement_in_order() {
        let page = include_str!("../../../docs/reference/flavor-rules.md");
        let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(headings, Rule::ALL.map(Rule::name));
        for rule in Rule::ALL {
            let section = page.split(&format!("## {rule}\n")).nth(1).unwrap();
            let statement = section.trim_start().lines().next().unwrap();
            assert_eq!(statement, format!("*{}.*", rule.statement()), "{rule}");
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.name());
        }
    }
}
