//! What the user has to set up so that a service accepts the id tokens of a connector. The flavor knows the service;
//! the claims are those of this machine's tokens, or given by the user.

use url::Url;

use super::error::ConnectorError;
use super::prove::{ProveOptions, chosen};
use super::resolve::resolve;
use super::token_error::{IssueError, TokenError};
use crate::catalog::Catalog;
use crate::environment::Environment;
use crate::flavor::{
    CallError, ConnectorContext, ConnectorView, FailureKind, FieldValue, FlavorName, IdentityClaims, Instruction,
    options,
};
use crate::id_token;
use crate::store::ConnectorRecord;
use crate::text::Escaped;

/// Whom tokens are about, where the user says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Who issues them.
    pub(crate) issuer: String,
    /// Whom they are about.
    pub(crate) subject: String,
}

/// What has to be set up, and for which tokens.
#[derive(Debug)]
pub(crate) struct Explained {
    /// The flavor that says it.
    pub(crate) flavor: FlavorName,
    /// The tokens.
    pub(crate) claims: IdentityClaims,
    /// What to do, in this order.
    pub(crate) instructions: Vec<Instruction>,
}

/// Explains what a connector's id tokens need.
///
/// # Errors
/// When no field of the connector takes an id token, this machine has none and the user said no claims, or no flavor
/// can tell.
pub(crate) async fn explain(
    catalog: &Catalog<'_>,
    environment: &Environment,
    connector: &ConnectorRecord,
    identity: Option<Identity>,
    given: &ProveOptions,
) -> Result<Explained, ConnectorError> {
    let name = || connector.name.clone();
    let flavor = chosen(catalog, connector, given).await?;
    let (flavor_name, flavor) =
        flavor.map_err(|why| Box::new(TokenError::NoFlavor { connector: name(), reason: why.reason }))?;
    let open = resolve(connector.clone(), flavor.description(), environment)?;
    let Some((field, audience, from)) = open.first_issued() else {
        return Err(Box::new(TokenError::NoToken { connector: name() }).into());
    };
    let claims = match identity {
        Some(Identity { issuer, subject }) => IdentityClaims { issuer, subject, audience: audience.to_owned() },
        None => {
            let issued = id_token::issue(from, audience, environment).await.map_err(|reason| {
                let (connector, field) = (name(), field.into());
                if reason.is_absence() {
                    TokenError::NoClaims { connector, reason: reason.to_string().into() }
                } else {
                    TokenError::Issue(IssueError { connector, field, reason: Box::new(reason) })
                }
            });
            let claims = issued.map_err(Box::new)?.claims;
            let (issuer, subject) = (claims.issuer.to_string(), claims.subject.to_string());
            IdentityClaims { issuer, subject, audience: audience.to_owned() }
        }
    };
    ensure_quotable(&claims).map_err(Box::new)?;
    let view = without_secrets(open.kept());
    let options = options::with_defaults(&flavor.description().options, &given.options);
    let told = flavor.explain_trust(ConnectorContext { connector: &view, options: &options }, &claims).await;
    catalog.record_usage(&flavor);
    match told {
        Ok(Some(instructions)) => Ok(Explained { flavor: flavor_name, claims, instructions }),
        Ok(None) => {
            let reason = format!("flavor `{flavor_name}` does not say it").into();
            Err(Box::new(TokenError::NoFlavor { connector: name(), reason }).into())
        }
        Err(CallError::Refused { failure, .. }) if failure.kind == FailureKind::Unsupported => {
            let reason = format!("flavor `{flavor_name}`: {}", failure.message).into();
            Err(Box::new(TokenError::NoFlavor { connector: name(), reason }).into())
        }
        Err(error) => Err(Box::new(error).into()),
    }
}

/// Refuses claims that do not fit between quotes. They become parts of commands and policies that users paste, nobody
/// has verified them, and whoever may name a branch or a project has a say in them.
fn ensure_quotable(claims: &IdentityClaims) -> Result<(), TokenError> {
    let IdentityClaims { issuer, subject, audience } = claims;
    // An issuer has no query and no fragment (OpenID Connect Core 1.0, section 2).
    let is_url_char = |char: char| char.is_ascii_alphanumeric() || "-._~:/%@[]".contains(char);
    if !(issuer.starts_with("https://") && issuer.chars().all(is_url_char) && Url::parse(issuer).is_ok()) {
        return Err(TokenError::Issuer { issuer: Escaped::new(issuer, 200) });
    }
    let quotable = |text: &str| !text.chars().any(|char| char.is_control() || "'\"`$\\".contains(char));
    match [("subject", subject), ("audience", audience)].into_iter().find(|(_, text)| !quotable(text)) {
        Some((claim, text)) => Err(TokenError::Claim { claim, text: Escaped::new(text, 200) }),
        None => Ok(()),
    }
}

/// The connector with its text fields alone.
fn without_secrets(view: &ConnectorView) -> ConnectorView {
    let mut view = view.clone();
    view.fields.retain(|(_, value)| matches!(value, FieldValue::Text(_)));
    view
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(issuer: &str, subject: &str, audience: &str) -> Option<String> {
        let claims =
            IdentityClaims { issuer: issuer.to_owned(), subject: subject.to_owned(), audience: audience.to_owned() };
        ensure_quotable(&claims).err().map(|error| error.to_string())
    }

    #[test]
    fn claims_that_a_shell_or_a_policy_would_read_otherwise_are_refused() {
        let good = "https://token.actions.githubusercontent.com";
        for (issuer, subject) in [
            (good, "repo:acme/train:ref:refs/heads/main"),
            ("https://oidc.eks.eu-west-1.amazonaws.com/id/ABC_1", "system:serviceaccount:ci:runner"),
            ("https://gitlab.example:8443", "repo:acme/train:environment:My staging & more"),
        ] {
            assert_eq!(refused(issuer, subject, "sts.amazonaws.com"), None, "{issuer} {subject}");
        }
        for issuer in [
            "x\"; rm -rf /",
            "http://a.example",
            "https://a.example;id",
            "https://a.example/$(id)",
            "https://",
            "https://a b",
        ] {
            assert!(refused(issuer, "s", "a").unwrap().contains("expected an `https` URL"), "{issuer}");
        }
        for subject in ["a'b", "a\"b", "$(id)", "`id`", "a\\b", "a\nb"] {
            assert!(refused(good, subject, "a").unwrap().contains("subject"), "{subject}");
            assert!(refused(good, "s", subject).unwrap().contains("audience"), "{subject}");
        }
    }
}
