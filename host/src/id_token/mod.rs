//! Id tokens of this machine (OpenID Connect Core 1.0, section 2): a platform's word on which job, pod or machine this
//! is, for one audience. Services give credentials for it, so that no password is stored.
//!
//! A token is issued when it is needed, and kept nowhere. Its claims are read, never believed: that one is for another
//! audience, or has ended, is better said here than by the service in its own words. What a service does with a token
//! is no concern of this module.

mod check;
mod claims;
mod error;
mod from;
mod hidden;
mod http;
mod platform;
mod platforms;

use secrecy::{ExposeSecret as _, SecretString};

pub(crate) use claims::Claims;
pub(crate) use error::IdTokenError;
pub(crate) use from::IdTokenFrom;
pub(crate) use hidden::failure;

use crate::environment::Environment;
use crate::text::Moment;

/// A token with its claims. Without `Debug`: it is a secret.
pub(crate) struct IdToken {
    /// The token, as it is sent.
    pub(crate) token: SecretString,
    /// What it says about itself.
    pub(crate) claims: Claims,
}

/// Has a token issued for an audience.
///
/// # Errors
/// When the machine has none, its platform issues none, or what it gave can't be used.
pub(crate) async fn issue(
    from: &IdTokenFrom,
    audience: &str,
    environment: &Environment,
) -> Result<IdToken, IdTokenError> {
    let platform = platforms::find(from, environment)?;
    let name = platform.name();
    let token = platform.token(audience).await?;
    let claims = Claims::of(&token).ok_or_else(|| match token.expose_secret() {
        "" => IdTokenError::Nothing { platform: name.clone() },
        _ => IdTokenError::NoToken { platform: name.clone() },
    })?;
    let advice = platform.advice(audience);
    check::usable(&claims, audience, platform.issues_now(), Moment::now().0, &name, advice)?;
    tracing::info!("an id token of {name} for `{}`, about `{}`", claims.audience_shown(), claims.subject);
    Ok(IdToken { token, claims })
}
