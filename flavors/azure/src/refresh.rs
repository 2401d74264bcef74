//! From what a connector holds to the registry's refresh token.

use crhost_flavor::{Failure, Options, SecretOrText};

use crate::connector::TokenSource;
use crate::target::Target;
use crate::{entra, exchange};

/// The registry's refresh token for a token of Entra.
pub(crate) fn refresh_token(source: TokenSource<'_>, target: &Target, options: &Options) -> Result<String, Failure> {
    let token: SecretOrText<'_> = match source {
        TokenSource::Entra(identity) => entra::token(&identity, target.cloud, options, entra::REGISTRY)?.into(),
        TokenSource::Stored(token) => token.into(),
    };
    exchange::refresh_token(target, &token)
}
