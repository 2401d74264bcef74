//! Why rules can't be used.

use std::io;

use super::types::CERTIFICATE_CLAIMS;
use crate::error::Explain;
use crate::store::Name;
use crate::text::{Escaped, Foreign};

/// A fault of a file of rules.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum RulesError {
    /// The file can't be read.
    #[error("the rules in `{path}` can't be read: {reason}")]
    #[explain(hint = "`--rules FILE` names them")]
    File {
        /// Its path.
        path: Escaped,
        /// The reason.
        reason: Foreign<io::Error>,
    },
    /// It is no TOML, or has unknown keys.
    #[error("the rules in `{path}` are invalid: {reason}")]
    #[explain(hint = "`docs/guide/server.md` has an example with every key")]
    Invalid {
        /// Its path.
        path: Escaped,
        /// The place and the reason.
        reason: Escaped,
    },
    /// Two rules or issuers of one name.
    #[error("two {kind}s are named `{name}`")]
    #[explain(hint = of_twice(kind))]
    Twice {
        /// `rule` or `issuer`.
        kind: &'static str,
        /// The name.
        name: Name,
    },
    /// A rule of an issuer that is not there.
    #[error("rule `{rule}` is for the issuer `{issuer}`, which the file does not have")]
    #[explain(hint = "add `[[issuer]]` with that name, and its url and an audience, or a ca-file")]
    NoIssuer {
        /// The rule.
        rule: Name,
        /// The issuer's name.
        issuer: Name,
    },
    /// An issuer of tokens and of certificates.
    #[error("the issuer `{0}` has a `ca-file`, and what issuers of id tokens have: expected one of both")]
    #[explain(hint = "`ca-file` alone is for certificates, `url` and `audience` for id tokens: make two issuers")]
    BothKinds(Name),
    /// An issuer without what it needs.
    #[error("the issuer `{issuer}` has no `{what}`")]
    #[explain(hint = "an issuer of id tokens has `url` and `audience`, one of certificates has `ca-file`")]
    Incomplete {
        /// Its name.
        issuer: Name,
        /// What is missing.
        what: &'static str,
    },
    /// Two issuers that vouch for the same callers.
    #[error("the issuers `{one}` and `{other}` have the same {what}: no rule for `{other}` would ever match")]
    #[explain(hint = "make them one issuer, whose rules tell callers apart by their claims")]
    Same {
        /// The issuer that callers would have.
        one: Name,
        /// The other one.
        other: Name,
        /// What they share.
        what: &'static str,
    },
    /// A claim that no certificate has.
    #[error("rule `{rule}` demands `{claim}`, which certificates don't have")]
    #[explain(hint = of_certificates())]
    CertificateClaim {
        /// The rule.
        rule: Name,
        /// The claim.
        claim: Escaped,
    },
    /// An issuer whose tokens could be for anybody.
    #[error("the issuer `{0}` has an empty audience: expected whom its tokens are for")]
    #[explain(hint = "name this server, such as `audience = \"https://crhost.example\"`")]
    NoAudience(Name),
    /// A claim without a name.
    #[error("rule `{0}` has a claim with an empty name")]
    #[explain(hint = "name it, such as `claims = {{ repository = \"acme/train\" }}`")]
    NoClaim(Name),
    /// A rule that all tokens of an issuer fulfil.
    #[error("rule `{0}` demands no claim, or any value of it: everybody to whom its issuer gives tokens could use it")]
    #[explain(hint = "name whom it is for, such as `claims = {{ repository = \"acme/train\" }}`")]
    Everybody(Name),
    /// A pattern or the name of a claim that nothing is.
    #[error("rule `{rule}` has `{pattern}`, which matches nothing that there can be: {reason}")]
    #[explain(hint = "`docs/guide/server.md` says what patterns match")]
    MatchesNothing {
        /// The rule.
        rule: Name,
        /// As it is written.
        pattern: Escaped,
        /// What is expected.
        reason: &'static str,
    },
    /// A rule with an empty list.
    #[error("rule `{rule}` has an empty list of {what}")]
    #[explain(hint = "remove the rule, or name some")]
    Nothing {
        /// The rule.
        rule: Name,
        /// What is empty.
        what: &'static str,
    },
    /// An address that anybody on the way could answer for.
    #[error("the issuer `{name}` has the URL `{url}`: expected `https://`")]
    #[explain(hint = "plain HTTP is for an issuer on this machine alone")]
    Url {
        /// Its name.
        name: Name,
        /// The URL.
        url: Escaped,
    },
}

/// What certificates have.
fn of_certificates() -> String {
    format!("expected one of {}", CERTIFICATE_CLAIMS.map(|claim| format!("`{claim}`")).join(", "))
}

/// The reason for which names have to differ.
fn of_twice(kind: &str) -> String {
    let by = if kind == "issuer" { "rules name an issuer" } else { "the records name a rule" };
    format!("{by} by its name: give each its own")
}
