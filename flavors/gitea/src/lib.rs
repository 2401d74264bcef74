//! The flavor `gitea`: the registries of Gitea and Forgejo, on any host.
//!
//! A push creates its package (<https://docs.gitea.com/usage/packages/container>); what has to exist is its owner.
#![forbid(unsafe_code)]

mod api;
mod uri;

use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, OptionSpec, Options,
    Prepared, Purpose, Registry, UploadProfile, password,
};

use api::{ENDPOINT, GiteaApi};

/// The auth method of an access token.
const TOKEN: &str = "token";

/// The flavor.
pub struct Gitea;

impl Flavor for Gitea {
    fn describe() -> Description {
        Description::new("gitea", env!("CARGO_PKG_VERSION"), "Gitea and Forgejo: self-hosted, and codeberg.org")
            .documentation("https://docs.gitea.com/usage/packages/container")
            .uri_examples(["gitea.example.com/acme", "codeberg.org/acme"])
            .option(OptionSpec::url(
                ENDPOINT,
                "URL of Gitea's API without `/api/v1`; the registry's own host by default",
            ))
            .auth_method(
                AuthMethod::new("gitea", TOKEN, "A user and an access token with the scope `write:package`")
                    .field(Field::text("username", "The user name"))
                    .field(Field::secret("token", "The access token"))
                    .operations(api::operations(TOKEN))
                    .registry_password("token"),
            )
            // The API takes the same password.
            .auth_method(password::method().operations(api::operations(password::PASSWORD)))
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let (owner, name) = image.split("Gitea", "owner", "image")?;
        uri::check_owner(owner, &image.host)?;
        if !name.split('/').all(uri::is_simple) {
            return Err(Failure::invalid_input(format!(
                "image name `{name}` does not fit Gitea, expected single `.`, `_` or `-` between letters and digits"
            ))
            .hint("give the image a name without `__` and `--`"));
        }
        let prepared = Prepared::new(UploadProfile::standard());
        let Some(connector) = connector else { return Ok(prepared) };
        let url = registry.options().url(ENDPOINT).unwrap_or_else(|| format!("https://{}", image.host));
        Ok(prepared.notes(GiteaApi::new(&connector, url)?.check(owner)?))
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
        let username = connector.required_text("username")?.to_owned();
        Ok(Credential::basic(username, connector.into_password("token")?).into())
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        if connector.method != TOKEN {
            return Err(Failure::unsupported("a password of type `docker` does not say that it is for Gitea"));
        }
        let Some(url) = options.url(ENDPOINT) else {
            return Err(Failure::unsupported(format!(
                "which Gitea to ask is not known without the option `{ENDPOINT}`"
            )));
        };
        GiteaApi::new(&connector, url)?.user()
    }
}

crhost_flavor::export!(Gitea);

#[cfg(test)]
mod tests;
