//! The flavor `github`: GitHub's container registry, on github.com, on ghe.com and on GitHub Enterprise Server.
#![forbid(unsafe_code)]

mod api;
mod cleanup;
mod hosts;
mod method;
mod uri;

use crhost_flavor::commands::Command;
use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Deletion, Description, Failure, Field, Flavor, Image, Operation,
    OptionSpec, Options, Prepared, Purpose, Referrers, Registry, Upload, UploadProfile, password,
};

use api::{ENDPOINT, GitHubApi};
use method::{API_URL, HOSTNAME, IMPLICIT, TOKEN, has_token};

/// One request per blob, from its beginning: a request with `Content-Range` may have 4 MiB at most, which rules out
/// chunks and resuming. GitHub's documentation names 10 GB per layer, which are GiB here so that none is refused that
/// would be taken. There is no referrers API, and images are deleted over GitHub's own API.
const PROFILE: UploadProfile = UploadProfile {
    upload: Upload::Monolithic,
    mount: true,
    zstd: true,
    largest_request: None,
    largest_layer: Some(10 << 30),
    range: false,
    referrers: Referrers::Tag,
    deletion: Deletion::Unsupported,
};

/// The flavor.
pub struct GitHub;

impl Flavor for GitHub {
    fn describe() -> Description {
        let method = |name, summary, operations: [Operation; 2]| {
            let method = AuthMethod::new("github", name, summary).registry_password("token");
            operations.into_iter().fold(method, AuthMethod::operation)
        };
        let hostname = || {
            let summary = "Host that `gh` is logged in to, where it runs for the token; its default one if left out";
            Field::text(HOSTNAME, summary).optional()
        };
        let of_job = |operation: Operation| operation.endpoint(API_URL);
        Description::new(
            "github",
            env!("CARGO_PKG_VERSION"),
            "GitHub's container registry: ghcr.io, ghe.com and Enterprise Server",
        )
        .documentation(
            "https://docs.github.com/packages/working-with-a-github-packages-registry/working-with-the-container-registry",
        )
        .uri_examples(["ghcr.io/acme", "containers.acme.ghe.com/acme"])
        .option(OptionSpec::url(
            ENDPOINT,
            "URL of GitHub's API, e.g. `https://github.example.com/api/v3`; known for ghcr.io and ghe.com",
        ))
        .auth_method(
            method(TOKEN, "A personal access token (classic) with the scope `write:packages`", api::operations())
                .field(Field::text("username", "Any account's name; the registry takes every one").optional())
                .field(Field::secret("token", "The token"))
                .field(hostname()),
        )
        .auth_method(
            method(IMPLICIT, "The token in the environment, as in GitHub Actions", api::operations().map(of_job))
                .field(Field::text("username", "The account's name").optional().env("GITHUB_ACTOR"))
                .field(Field::secret("token", "The token").env("GITHUB_TOKEN").env("GH_TOKEN"))
                .field(
                    Field::text(API_URL, "URL of the API of an Enterprise Server; has to be granted")
                        .optional()
                        .env("GITHUB_API_URL"),
                )
                .field(hostname())
                .implicit(),
        )
        .auth_method(password::method())
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let Some((owner, name)) = image.repository.split_once('/') else {
            let owner = registry.uri.split('/').nth(1).unwrap_or("<owner>");
            return Err(Failure::invalid_input(format!(
                "image path `{}` does not fit GitHub's registry, expected `owner/name`",
                image.repository
            ))
            .hint(format!("name the image e.g. `{}/{owner}/{}`", image.host, image.repository)));
        };
        uri::check_owner(owner, &image.host)?;
        let prepared = Prepared::new(PROFILE);
        let Some(connector) = connector.filter(has_token) else { return Ok(prepared) };
        let Some(endpoint) = method::endpoint(&registry.options(), &image.host, &connector) else {
            let url = match hosts::api_of_server(&image.host) {
                Some(url) => format!("to `{url}`"),
                None => format!("to the URL of the API behind `{}`", image.host),
            };
            return Ok(
                prepared.note(format!("whether the token may push was not checked: set the option `{ENDPOINT}` {url}"))
            );
        };
        Ok(prepared.notes(GitHubApi::new(&connector, endpoint)?.check(owner, name)?))
    }

    fn credentials(
        _: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        if !has_token(&connector) {
            return password::credential(connector);
        }
        // The registry takes any name that is not empty; this is the one that GitHub's own tools use.
        let username =
            connector.text("username").filter(|name| !name.is_empty()).unwrap_or("x-access-token").to_owned();
        Ok(Credential::basic(username, connector.into_password("token")?).into())
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        if !has_token(&connector) {
            return Err(Failure::unsupported("a password of the registry can't be verified without the registry"));
        }
        // The token may be of an Enterprise Server, and github.com may not see it.
        let Some(endpoint) = options.url(ENDPOINT) else {
            return Err(Failure::unsupported("whose token it is only the GitHub that gave it can tell")
                .hint(format!("`--option {ENDPOINT}={}` asks github.com", hosts::API)));
        };
        GitHubApi::new(&connector, endpoint)?.user()
    }

    /// The token of GitHub's own program (<https://cli.github.com/manual/gh_auth_token>). A plain login has no scope
    /// `write:packages`, without which no package is pushed.
    fn describe_commands() -> Vec<Command> {
        let words = ["auth", "token", "--hostname={hostname}"];
        let command = |method| Command::new("github", method, "token", "gh").arguments(words);
        [TOKEN, IMPLICIT].map(|method| command(method).login("gh auth login --scopes write:packages")).into()
    }

    crhost_flavor::cleanup!(cleanup::Api);
}

crhost_flavor::export!(GitHub);

#[cfg(test)]
mod tests;
