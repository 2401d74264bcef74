//! The flavor `digitalocean`: DigitalOcean's container registry.
//!
//! An API token does not go to the registry: DigitalOcean's API issues short-lived credentials for it.
#![forbid(unsafe_code)]

mod api;
mod uri;

use crhost_flavor::commands::Command;
use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, OptionSpec, Options,
    Prepared, Purpose, Registry, UploadProfile, clock, password,
};

use api::{DigitalOceanApi, ENDPOINT, NewRegistry};

/// The option that has a missing registry created.
const CREATE: &str = "create-registry";
/// The auth method with an API token.
const TOKEN: &str = "token";

/// The flavor.
pub struct DigitalOcean;

impl Flavor for DigitalOcean {
    fn describe() -> Description {
        Description::new("digitalocean", env!("CARGO_PKG_VERSION"), "DigitalOcean's container registry")
            .documentation("https://docs.digitalocean.com/products/container-registry/")
            .uri_examples([format!("{}/my-registry", uri::HOST)])
            .option(OptionSpec::flag(CREATE, "Create a missing registry, which may cost money").default("false"))
            .option(OptionSpec::text("registry-region", "Where the data of a registry that is created is, e.g. `fra1`"))
            .option(OptionSpec::choice(
                "subscription-tier",
                "The plan to sign up for with a registry that is created",
                ["starter", "basic", "professional"],
            ))
            .option(ENDPOINT.spec("DigitalOcean's API"))
            .auth_method(
                AuthMethod::new("digitalocean", TOKEN, "An API token; the registry's credentials last an hour")
                    .field(Field::secret("token", "The API token").env("DIGITALOCEAN_ACCESS_TOKEN"))
                    .operation(api::issue_credentials())
                    .operation(api::read_registries())
                    .operation(api::read_repositories())
                    .operation(api::create_registry())
                    .operation(api::identify()),
            )
            .auth_method(password::method())
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let name = uri::name(&registry.uri)?;
        let below = image.repository.strip_prefix(name).and_then(|rest| rest.strip_prefix('/'));
        let Some(repository) = below else {
            return Err(Failure::invalid_input(format!(
                "image path `{}` does not fit DigitalOcean's registry, expected `{name}/<repository>`",
                image.repository
            ))
            .hint(format!("name the image e.g. `{}/{name}/train`", image.host)));
        };
        let prepared = Prepared::new(UploadProfile { zstd: false, ..UploadProfile::standard() });
        match connector.filter(|connector| connector.method == TOKEN) {
            Some(connector) => {
                let options = registry.options();
                let text = |name: &str| options.get(name).map(str::to_owned);
                let new = NewRegistry { region: text("registry-region"), tier: text("subscription-tier") };
                let create = options.flag(CREATE).unwrap_or(false).then_some(&new);
                Ok(prepared.notes(DigitalOceanApi::new(&connector, &options)?.check(name, repository, create)?))
            }
            None => Ok(prepared),
        }
    }

    fn credentials(
        registry: Registry,
        connector: Option<Connector>,
        purpose: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        if connector.method != TOKEN {
            return password::credential(connector);
        }
        let name = uri::name(&registry.uri)?;
        DigitalOceanApi::new(&connector, &registry.options())?.issue(name, purpose, clock::now())
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        api(&connector, options)?.account()
    }

    fn list_resources(connector: Connector, options: &Options) -> Result<Vec<String>, Failure> {
        let names = api(&connector, options)?.registries()?;
        let mut uris: Vec<String> = names.iter().map(|name| format!("{}/{name}", uri::HOST)).collect();
        uris.sort();
        uris.dedup();
        Ok(uris)
    }

    /// The token of DigitalOcean's own program (<https://docs.digitalocean.com/reference/doctl/reference/auth/token/>).
    fn describe_commands() -> Vec<Command> {
        let command = Command::new("digitalocean", TOKEN, "token", "doctl");
        vec![command.arguments(["auth", "token"]).login("doctl auth init")]
    }
}

crhost_flavor::export!(DigitalOcean);

/// The API, for a connector with a token; a password of the registry does not open it.
fn api<'a>(connector: &'a Connector, options: &Options) -> Result<DigitalOceanApi<'a>, Failure> {
    if connector.method != TOKEN {
        return Err(Failure::unsupported("a password of the registry can't be verified without the registry"));
    }
    DigitalOceanApi::new(connector, options)
}

#[cfg(test)]
mod tests;
