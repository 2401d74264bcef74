//! The auth methods whose token opens GitHub's API.

use crhost_flavor::Connector;

/// The auth method of a stored token.
pub(crate) const TOKEN: &str = "token";
/// The auth method of a token in the environment, as in GitHub Actions.
pub(crate) const IMPLICIT: &str = "implicit";

/// Whether a connector has such a token.
pub(crate) fn has_token(connector: &Connector) -> bool {
    matches!(connector.method.as_str(), TOKEN | IMPLICIT)
}
