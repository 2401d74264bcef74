//! What the user has to set up so that a service accepts the id tokens of a connector. The flavor knows the service;
//! the claims are those of this machine's tokens, or given by the user.

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

/// The connector with its text fields alone.
fn without_secrets(view: &ConnectorView) -> ConnectorView {
    let mut view = view.clone();
    view.fields.retain(|(_, value)| matches!(value, FieldValue::Text(_)));
    view
}
