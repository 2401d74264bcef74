//! Lists of repositories over GitLab's API: the registry's own catalog is for its administrators.
//!
//! Tags are not listed here: the API's list has neither digests nor times, and the time that it tells of a single tag
//! is the configuration's, which crhost reads itself. Tags and manifests are deleted over the registry's own protocol.

use crhost_flavor::cleanup::{Cleanup, CleanupOperations, RepositoryPage, entries, next_page, page_number};
use crhost_flavor::http::percent_encoded;
use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{Connector, Failure, Registry};
use serde_json::Value;

use crate::api::{GitLabApi, Kind, SERVICE};
use crate::method::{IMPLICIT, JOB, PERSONAL, endpoint, kind};

/// Entries of a part of a list: the most that GitLab gives at once.
const PAGE: usize = 100;

/// The interface `cleanup`.
pub(crate) struct Api;

impl Cleanup for Api {
    fn operations() -> Vec<CleanupOperations> {
        let methods = [(PERSONAL, Kind::Access), (JOB, Kind::Job), (IMPLICIT, Kind::Job)];
        let of = |(method, kind): (&str, Kind)| CleanupOperations::of_method("gitlab", method, [kind.list()]);
        methods.map(of).into()
    }

    /// A group has the repositories of all projects below it; what is no group is a project.
    fn list_repositories(
        registry: &Registry,
        connector: Option<&Connector>,
        page: Option<&str>,
    ) -> Result<RepositoryPage, Failure> {
        let opening = connector.and_then(|connector| Some((connector, kind(connector)?)));
        let (connector, kind) = opening
            .ok_or_else(|| Failure::unsupported("only an access token or the token of a job opens GitLab's API"))?;
        let uri = RegistryUri::parse(&registry.uri)?;
        let url = endpoint(&registry.options(), &uri.authority())
            .ok_or_else(|| Failure::unsupported("which GitLab is behind the registry is not known"))?;
        let path = uri.path().join("/");
        if path.is_empty() {
            return Err(Failure::unsupported(
                "GitLab lists the repositories of one group or project, which the URI names",
            ));
        }
        let (api, number) = (GitLabApi::new(connector, kind, url)?, page_number(page)?);
        let list = format!("{}/registry/repositories?per_page={PAGE}&page={number}", percent_encoded(&path));
        let of_group = api.get(&format!("/api/v4/groups/{list}"))?;
        // A job's token opens no group.
        let answer = match of_group.status {
            401 | 403 | 404 => api.get(&format!("/api/v4/projects/{list}"))?,
            _ => of_group,
        };
        let all = entries(&SERVICE, &answer)?;
        let names = all.iter().filter_map(|it| it.get("path").and_then(Value::as_str)).map(str::to_owned);
        Ok(RepositoryPage { repositories: names.collect(), next: next_page(number, all.len(), PAGE) })
    }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::{cleanup_operations, connector, registry};
    use crhost_flavor::{FailureKind, Flavor as _};

    use crate::GitLab;

    #[test]
    fn asks_for_these_operations_and_no_other() {
        let line = |method: &str, header: &str| {
            format!(
                "gitlab/{method} list-repositories: GET https://gitlab.com|<gitlab-endpoint> \
                 /api/v4/groups/*/registry/repositories|/api/v4/projects/*/registry/repositories ?per_page&page; \
                 token in `{header}: …`"
            )
        };
        let expected =
            [line("personal-token", "private-token"), line("job-token", "job-token"), line("implicit", "job-token")];
        assert_eq!(cleanup_operations::<GitLab>(), expected);
    }

    #[test]
    fn a_deploy_token_opens_no_api_and_without_a_group_no_list_is_whole() {
        for (uri, method) in
            [("registry.gitlab.com/acme", "deploy-token"), ("registry.example.com/acme", "personal-token")]
        {
            let listed = GitLab::list_repositories(registry(uri, &[]), Some(connector(method, &[])), None);
            assert_eq!(listed.unwrap_err().kind, FailureKind::Unsupported, "{uri}");
        }
        let whole = registry("registry.gitlab.com", &[]);
        let listed = GitLab::list_repositories(whole, Some(connector("personal-token", &[])), None);
        assert_eq!(listed.unwrap_err().kind, FailureKind::Unsupported);
    }
}
