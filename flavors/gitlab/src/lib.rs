//! The flavor `gitlab`: GitLab's container registry, on gitlab.com and on hosts of one's own.
#![forbid(unsafe_code)]

mod api;
mod cleanup;
mod method;
mod pattern;
mod uri;

use crhost_flavor::commands::Command;
use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, OptionSpec, Options,
    Prepared, Purpose, Registry, UploadProfile, password,
};

use api::{ENDPOINT, GITLAB_COM, GitLabApi, Kind};
use method::{CI_USER, HOSTNAME, IMPLICIT, JOB, JOB_REGISTRY, PERSONAL, SERVER_URL, endpoint, kind, of_job};

/// The flavor.
pub struct GitLab;

impl Flavor for GitLab {
    fn describe() -> Description {
        let method = |name, summary| AuthMethod::new("gitlab", name, summary).registry_password("token");
        Description::new(
            "gitlab",
            env!("CARGO_PKG_VERSION"),
            "GitLab's container registry: gitlab.com and self-managed",
        )
        .documentation("https://docs.gitlab.com/user/packages/container_registry/")
        .uri_examples(["registry.gitlab.com/acme/ml", "registry.example.com:5050/acme"])
        .option(OptionSpec::url(
            ENDPOINT,
            "URL of GitLab without `/api/v4`, e.g. `https://gitlab.example.com`; known for registry.gitlab.com",
        ))
        .auth_method(
            method("deploy-token", "A deploy token with `read_registry` and `write_registry`")
                .field(Field::text("username", "Its user name, e.g. `gitlab+deploy-token-7`"))
                .field(Field::secret("token", "The token")),
        )
        .auth_method(
            method(PERSONAL, "A personal, project or group access token")
                .field(Field::text("username", "Any name; GitLab takes every one").optional())
                .field(Field::secret("token", "The token, with `write_registry` and, to check the project, `read_api`"))
                .field(
                    Field::text(
                        HOSTNAME,
                        "Host that `glab` is logged in to, where it runs for the token; else gitlab.com",
                    )
                    .optional(),
                )
                .operations(Kind::Access.operations()),
        )
        .auth_method(
            method(JOB, "The token of a CI job")
                .field(Field::text("username", "`gitlab-ci-token` unless set").optional())
                .field(Field::secret("token", "The token"))
                .operations(Kind::Job.operations()),
        )
        .auth_method(
            method(IMPLICIT, "The token in the environment of a CI job")
                .field(Field::text("username", "`gitlab-ci-token` unless set").optional().env("CI_REGISTRY_USER"))
                .field(Field::secret("token", "The token").env("CI_REGISTRY_PASSWORD").env("CI_JOB_TOKEN"))
                .field(
                    Field::text(SERVER_URL, "URL of the job's GitLab; has to be granted, but for gitlab.com")
                        .optional()
                        .env("CI_SERVER_URL"),
                )
                .field(Field::text(JOB_REGISTRY, "Its registry").optional().env("CI_REGISTRY"))
                .operations(Kind::Job.operations().into_iter().map(|operation| operation.endpoint(SERVER_URL)))
                .implicit(),
        )
        .auth_method(password::method())
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let components: Vec<&str> = image.repository.split('/').collect();
        if components.len() < 2 {
            return Err(Failure::invalid_input(format!(
                "image path `{}` does not fit GitLab, expected `group/project` and at most two more names",
                image.repository
            ))
            .hint(format!("name the image e.g. `{}/<group>/<project>/{}`", image.host, image.repository)));
        }
        // One request per blob: a token lives five minutes, and crhost renews it between requests.
        let prepared = Prepared::new(UploadProfile::standard());
        let Some(connector) = connector else { return Ok(prepared) };
        let Some(kind) = kind(&connector) else { return Ok(prepared) };
        let known = endpoint(&registry.options(), &image.host);
        let by_job = known.is_none();
        let Some(url) = known.or_else(|| of_job(&connector, &image.host).map(str::to_owned)) else {
            return Ok(
                prepared.note(format!("the project was not checked: set the option `{ENDPOINT}` to the URL of GitLab, in a job `$CI_SERVER_URL`"))
            );
        };
        let api = GitLabApi::new(&connector, kind, url)?;
        let notes = api.check(&components, image.tag.as_deref(), by_job)?;
        Ok(notes.into_iter().fold(prepared, Prepared::note))
    }

    fn credentials(
        _: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        if connector.method == password::PASSWORD {
            return password::credential(connector);
        }
        let other = if connector.method == PERSONAL { "token" } else { CI_USER };
        let username = connector.text("username").filter(|name| !name.is_empty()).unwrap_or(other).to_owned();
        Ok(Credential::basic(username, connector.into_password("token")?).into())
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        let Some(kind) = kind(&connector) else {
            return Err(Failure::unsupported(
                "only access tokens and job tokens of GitLab can be verified without a registry",
            ));
        };
        // The token may be of any GitLab, and no other GitLab may see it.
        let Some(url) = options.url(ENDPOINT) else {
            return Err(Failure::unsupported(format!(
                "which GitLab the token is of is not known without the option `{ENDPOINT}`"
            ))
            .hint(format!(
                "say so with `--option {ENDPOINT}={GITLAB_COM}`, or run `crhost registry verify` on a registry that uses it"
            )));
        };
        GitLabApi::new(&connector, kind, url)?.user()
    }

    /// The token of GitLab's own program (<https://docs.gitlab.com/cli/config/get/>), which prints nothing where there
    /// is none, and takes no host of its own.
    fn describe_commands() -> Vec<Command> {
        let command = Command::new("gitlab", PERSONAL, "token", "glab");
        vec![command.arguments(["config", "get", "token", "--host={hostname=gitlab.com}"]).login("glab auth login")]
    }

    crhost_flavor::cleanup!(cleanup::Api);
}

crhost_flavor::export!(GitLab);

#[cfg(test)]
mod tests;
