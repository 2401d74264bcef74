//! Errors of fields that take an id token of the machine.

use crate::error::{Explain, Kind};
use crate::id_token::IdTokenError;
use crate::store::Name;
use crate::text::{Escaped, Printable};

/// A failure to fill a field with an id token.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum TokenError {
    /// The machine was issued none.
    #[error(transparent)]
    #[explain(transparent)]
    Issue(IssueError),
    /// An audience that is made of a field without a value.
    #[error("the audience of field `{field}` of connector `{connector}` needs the field `{missing}`")]
    #[explain(hint = "give it with `crhost connector update {connector} --{missing}=…`")]
    Placeholder {
        /// The connector.
        connector: Name,
        /// The field that takes the token.
        field: Escaped,
        /// The field without a value.
        missing: Escaped,
    },
    /// A field that takes no id token.
    #[error("field `{field}` of `{method}` takes no id token, expected a field of kind `secret`")]
    #[explain(hint = "`crhost connector describe-type` shows the kinds of fields")]
    NoTokenField {
        /// The type and the auth method, joined by a slash.
        method: Escaped,
        /// The field.
        field: Escaped,
    },
    /// A connector without a field that takes an id token.
    #[error("no field of connector `{connector}` takes an id token of this machine")]
    #[explain(hint = "`crhost connector update {connector} --FIELD=@oidc` has one take it")]
    NoToken {
        /// The connector.
        connector: Name,
    },
    /// A question about tokens on a machine without any.
    #[error("whom the tokens of connector `{connector}` are about is not known here: {reason}")]
    #[explain(
        hint = "ask in the job, or say it, for GitHub: `--issuer https://token.actions.githubusercontent.com --subject repo:OWNER/NAME:ref:refs/heads/main`"
    )]
    NoClaims {
        /// The connector.
        connector: Name,
        /// Why not.
        reason: Escaped,
    },
    /// An issuer that is none.
    #[error(
        "the issuer `{issuer}` is none: expected an `https` URL without query, of letters, digits, `.`, `-` and the like"
    )]
    #[explain(hint = "the claim `iss` of a token has it, e.g. `https://token.actions.githubusercontent.com`")]
    Issuer {
        /// The issuer.
        issuer: Escaped,
    },
    /// A claim that would end the quotes around it.
    #[error(
        "the {claim} `{text}` can't stand in a command or a policy: expected no quotes, `$`, `\\` or control characters"
    )]
    #[explain(hint = "give what it is about another name, such as the branch, or write the policy by hand")]
    Claim {
        /// Which one.
        claim: &'static str,
        /// Its text.
        text: Escaped,
    },
    /// A service that no flavor knows.
    #[error("what the service of connector `{connector}` needs to trust its tokens is not known: {reason}")]
    #[explain(hint = "`--flavor` names who is to ask; the service's documentation has it, too")]
    NoFlavor {
        /// The connector.
        connector: Name,
        /// Why not.
        reason: Escaped,
    },
    /// An id token that is for nobody.
    #[error("`{method}` does not say the audience of an id token in field `{field}`")]
    #[explain(hint = "say it: `--{field}=@oidc:AUDIENCE`")]
    NoAudience {
        /// The type and the auth method, joined by a slash.
        method: Escaped,
        /// The field.
        field: Escaped,
    },
}

/// A token that could not be had.
#[derive(Debug, thiserror::Error, Printable)]
#[error("field `{field}` of connector `{connector}`: {reason}")]
pub(crate) struct IssueError {
    /// The connector.
    pub(super) connector: Name,
    /// The field.
    pub(super) field: Escaped,
    /// Why not.
    pub(super) reason: Box<IdTokenError>,
}

impl Explain for IssueError {
    fn kind(&self) -> Kind {
        self.reason.kind()
    }

    fn hint(&self) -> Option<Escaped> {
        self.reason.hint()
    }
}
