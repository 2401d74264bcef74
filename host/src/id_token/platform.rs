//! What all platforms have in common.

use futures_util::future::BoxFuture;
use secrecy::SecretString;

use super::error::IdTokenError;
use crate::text::Escaped;

/// Something that gives this machine id tokens.
pub(super) trait Platform: Send + Sync {
    /// Its name in messages, which stands behind "of".
    fn name(&self) -> Escaped;

    /// Whether it issues a token when it is asked; otherwise it has one that was issued before.
    fn issues_now(&self) -> bool;

    /// What to do where a token is for another audience, or has ended.
    fn advice(&self, audience: &str) -> Escaped;

    /// Gives a token, for this audience if it can choose.
    fn token<'a>(&'a self, audience: &'a str) -> BoxFuture<'a, Result<SecretString, IdTokenError>>;
}
