//! The flavor `nexus`: Docker repositories of Sonatype Nexus Repository, on any host.
#![forbid(unsafe_code)]

mod api;
mod uri;

use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, OptionSpec, Prepared,
    Purpose, Registry, UploadProfile, password,
};

use api::{ENDPOINT, NexusApi};

/// The auth method of a user token.
const TOKEN: &str = "user-token";

/// The flavor.
pub struct Nexus;

impl Flavor for Nexus {
    fn describe() -> Description {
        let token = AuthMethod::new("nexus", TOKEN, "The two codes of a user token (Nexus Repository Pro)")
            .field(Field::text("name-code", "The name code, in place of the user name"))
            .field(Field::secret("pass-code", "The pass code"))
            .operations(api::operations(TOKEN))
            .registry_password("pass-code");
        Description::new("nexus", env!("CARGO_PKG_VERSION"), "Sonatype Nexus Repository, self-hosted")
            .documentation("https://help.sonatype.com/en/docker-registry.html")
            .uri_examples([
                "nexus.example.com/docker-hosted",
                "nexus.example.com:8082",
                "docker-hosted.nexus.example.com",
            ])
            .option(
                OptionSpec::flag("create-repository", "Create a missing hosted repository before the push")
                    .default("false"),
            )
            .option(OptionSpec::text(
                "repository",
                "The repository in Nexus, where the host or port stands for one; otherwise the path begins with it",
            ))
            .option(OptionSpec::url(
                ENDPOINT,
                "URL of Nexus's API without `/service/rest`; the registry's own host by default",
            ))
            // The API takes the same password.
            .auth_method(password::method().operations(api::operations(password::PASSWORD)))
            .auth_method(token)
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, _: Image) -> Result<Prepared, Failure> {
        let options = registry.options();
        let create = options.flag("create-repository").unwrap_or(false);
        let prepared = Prepared::new(UploadProfile::standard());
        // The host and a port stand for any repository: which one is not known.
        let Some(repository) = api::repository(&options, &registry.uri) else {
            return match create {
                true => Err(Failure::invalid_input("the repository to create is not known")
                    .hint("name it with `--option repository=NAME`, or in the registry's URI")),
                false => Ok(prepared),
            };
        };
        let Some(connector) = connector else { return Ok(prepared) };
        let host = registry.host();
        let url = options.url(ENDPOINT).unwrap_or_else(|| format!("https://{host}"));
        let route = api::route(&registry.uri, repository);
        let note = NexusApi::new(&connector, url)?.check(repository, create.then_some(&route))?;
        let guessed = options.get("repository").is_none();
        Ok(prepared.notes(note.map(|note| match guessed && note.contains("sees no repository") {
            true => format!("{note}; where the host or port stands for one, `--option repository=NAME` names it"),
            false => note,
        })))
    }

    fn credentials(
        _: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        if connector.method != TOKEN {
            return password::credential(connector);
        }
        let (name, secret) = api::fields(TOKEN);
        let username = connector.required_text(name)?.to_owned();
        Ok(Credential::basic(username, connector.into_password(secret)?).into())
    }
}

crhost_flavor::export!(Nexus);

#[cfg(test)]
mod tests;
