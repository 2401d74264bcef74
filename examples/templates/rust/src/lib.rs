//! The crhost flavor for registries of my-registry.

mod api;
mod uri;

use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, OptionSpec, Prepared,
    Purpose, Registry, UploadProfile,
};

struct MyFlavor;

impl Flavor for MyFlavor {
    fn describe() -> Description {
        let token = AuthMethod::new("my-registry", "token", "A user name and an access token")
            .field(Field::text("username", "The user name").env("MY_REGISTRY_USERNAME"))
            .field(Field::secret("token", "The access token").env("MY_REGISTRY_TOKEN"))
            .operations(api::operations())
            .registry_password("token");
        Description::new("my-registry", env!("CARGO_PKG_VERSION"), format!("Registries of {}", uri::HOST))
            .uri_examples([uri::EXAMPLE])
            .option(
                OptionSpec::flag("create-repository", "Create a missing repository before a push").default("true"),
            )
            .option(api::ENDPOINT.spec("the API"))
            .auth_method(token)
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let prepared = Prepared::new(UploadProfile::standard());
        // Without a connector nothing can be asked; the registry itself answers the push.
        let Some(connector) = connector else { return Ok(prepared) };
        let options = registry.options();
        let create = options.flag("create-repository").unwrap_or(true);
        let api = api::client(&options, &connector)?;
        Ok(prepared.notes(api::ensure_repository(&api, &image.repository, create)?))
    }

    fn credentials(
        _: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        let username = connector.required_text("username")?.to_owned();
        Ok(Credential::basic(username, connector.into_password("token")?).into())
    }
}

crhost_flavor::export!(MyFlavor);

#[cfg(test)]
mod tests;
