//! The auth methods that open GitLab's API, and where that is.

use crhost_flavor::{Connector, Options};

use crate::api::{ENDPOINT, GITLAB_COM, Kind};
use crate::uri;

/// The auth method of an access token, which opens the API.
pub(crate) const PERSONAL: &str = "personal-token";
/// The auth method of a job's token, which opens a little of the API.
pub(crate) const JOB: &str = "job-token";
/// The auth method of the token in a job's environment.
pub(crate) const IMPLICIT: &str = "implicit";
/// The user name that goes with the token of a job.
pub(crate) const CI_USER: &str = "gitlab-ci-token";

/// The kind of a connector's token for the API; `None` if the API takes no such token.
pub(crate) fn kind(connector: &Connector) -> Option<Kind> {
    match connector.method.as_str() {
        PERSONAL => Some(Kind::Access),
        JOB => Some(Kind::Job),
        // With another user name it is another token that was put in place of the job's.
        IMPLICIT if matches!(connector.text("username"), None | Some("" | CI_USER)) => Some(Kind::Job),
        _ => None,
    }
}

/// The field with the URL of GitLab that a job's environment names.
pub(crate) const SERVER_URL: &str = "gitlab-url";
/// The field with the host that GitLab's own program is logged in to.
pub(crate) const HOSTNAME: &str = "hostname";

/// The field with the registry of that GitLab.
pub(crate) const JOB_REGISTRY: &str = "job-registry";

/// The URL of GitLab: the option's, or that of gitlab.com for its registry; `None` where neither is known.
pub(crate) fn endpoint(options: &Options, host: &str) -> Option<String> {
    options.url(ENDPOINT).or_else(|| (host == uri::REGISTRY).then(|| GITLAB_COM.to_owned()))
}

/// The URL of the GitLab whose job this is, for its own registry: a job says nothing about another GitLab's.
pub(crate) fn of_job<'a>(connector: &'a Connector, host: &str) -> Option<&'a str> {
    let url = connector.text(SERVER_URL).filter(|_| connector.text(JOB_REGISTRY) == Some(host));
    url.map(|url| url.trim_end_matches('/')).filter(|url| !url.is_empty())
}
