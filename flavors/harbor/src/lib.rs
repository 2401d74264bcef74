//! The flavor `harbor`: Harbor, on any host.
#![forbid(unsafe_code)]

mod api;
mod cleanup;
mod uri;

use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Deletion, Description, Failure, Field, Flavor, Image, OptionSpec,
    Options, Prepared, Purpose, Registry, UploadProfile, password,
};

use api::{ENDPOINT, HarborApi, NewProject};

/// The option with the quota of a project that is created.
const STORAGE_LIMIT: &str = "storage-limit";

/// The flavor.
pub struct Harbor;

impl Flavor for Harbor {
    fn describe() -> Description {
        let method = |name, summary| {
            AuthMethod::new("harbor", name, summary)
                .operations(api::operations(name))
                .registry_password(api::secret_field(name))
        };
        Description::new("harbor", env!("CARGO_PKG_VERSION"), "Harbor, self-hosted")
            .documentation("https://goharbor.io/docs/")
            .uri_examples(["harbor.example.com/ml", "10.0.0.7:8443/ml"])
            .option(OptionSpec::flag("create-project", "Create a missing project before the push").default("false"))
            .option(OptionSpec::flag("public", "Whether a project that is created is public").default("false"))
            .option(OptionSpec::size(STORAGE_LIMIT, "Quota of a project that is created; Harbor's default if left out"))
            .option(OptionSpec::url(
                ENDPOINT,
                "URL of Harbor's API without `/api/v2.0`; the registry's own host by default",
            ))
            .auth_method(
                method("robot", "A robot account and its token")
                    .field(Field::text("username", "Its full name, e.g. `robot$ml+ci`; quote the `$` for the shell"))
                    .field(Field::secret("token", "The token")),
            )
            .auth_method(
                method("user", "A user and the CLI secret of the user's profile")
                    .field(Field::text("username", "The user name"))
                    .field(Field::secret("secret", "The CLI secret, or the password of a local user")),
            )
            // The API takes the same password.
            .auth_method(password::method().operations(api::operations(password::PASSWORD)))
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let (project, _) = image.split("Harbor", "project", "repository")?;
        uri::check_project(project, &image.host)?;
        let options = registry.options();
        let create = options.flag("create-project").unwrap_or(false);
        let public = options.flag("public").unwrap_or(false);
        let storage_limit = options.get(STORAGE_LIMIT).and_then(|bytes| bytes.parse().ok());
        // Harbor deletes by digest alone: its registry refuses a tag.
        let profile = UploadProfile { deletion: Deletion::ByDigest, ..UploadProfile::standard() };
        let prepared = Prepared::new(profile);
        let Some(connector) = connector else { return Ok(prepared) };
        let url = options.url(ENDPOINT).unwrap_or_else(|| format!("https://{}", image.host));
        let api = HarborApi::new(&connector, url)?;
        let notes = api.check(project, &image, create.then_some(NewProject { public, storage_limit }))?;
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
        let username = connector.text("username").unwrap_or_default().to_owned();
        let field = api::secret_field(&connector.method);
        Ok(Credential::basic(username, connector.into_password(field)?).into())
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        if connector.method == password::PASSWORD {
            return Err(Failure::unsupported("a password of type `docker` does not say that it is for Harbor"));
        }
        let Some(url) = options.url(ENDPOINT) else {
            return Err(Failure::unsupported(format!(
                "which Harbor to ask is not known without the option `{ENDPOINT}`"
            )));
        };
        HarborApi::new(&connector, url)?.user()
    }
    crhost_flavor::cleanup!(cleanup::Api);
}

crhost_flavor::export!(Harbor);

#[cfg(test)]
mod tests;
