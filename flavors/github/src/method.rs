//! The auth methods whose token opens GitHub's API, and where that is.

use crhost_flavor::{Connector, Options};

use crate::api::ENDPOINT;
use crate::hosts;

/// The auth method of a stored token.
pub(crate) const TOKEN: &str = "token";
/// The auth method of a token in the environment, as in GitHub Actions.
pub(crate) const IMPLICIT: &str = "implicit";

/// Whether a connector has such a token.
pub(crate) fn has_token(connector: &Connector) -> bool {
    matches!(connector.method.as_str(), TOKEN | IMPLICIT)
}

/// The field with the address of the API that a job's environment names.
pub(crate) const API_URL: &str = "api-url";
/// The field with the host that GitHub's own program is logged in to.
pub(crate) const HOSTNAME: &str = "hostname";

/// The API of a registry's host: the option's, the one that is known for the host, or that of the Enterprise Server
/// whose job this is. A job of another GitHub says nothing about this one.
pub(crate) fn endpoint(options: &Options, host: &str, connector: &Connector) -> Option<String> {
    let of_job = || {
        let url = connector.text(API_URL).map(|url| url.trim_end_matches('/'));
        url.filter(|url| hosts::api_of_server(host).as_deref() == Some(*url)).map(str::to_owned)
    };
    options.url(ENDPOINT).or_else(|| hosts::api_of(host)).or_else(of_job)
}
