//! The flavor `cloudsmith`: the container registry of Cloudsmith.
//!
//! An API key is the registry's own password, whoever's it is (`cloudsmith_cli/credential_helpers/docker/runtime.py` of
//! cloudsmith-cli: the user is `token`), and so is a token that Cloudsmith gives for an id token. What has to exist is
//! the repository.
#![forbid(unsafe_code)]

mod api;
mod oidc;
mod uri;

use crhost_flavor::id_tokens::{Claims, IdToken, Instruction};
use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, OptionSpec, Options,
    Prepared, Purpose, Registry, UploadProfile, password,
};

use api::{CloudsmithApi, ENDPOINT, USER};
use oidc::OIDC;

/// The auth method of an API key.
const KEY: &str = "api-key";

/// The flavor.
pub struct Cloudsmith;

impl Flavor for Cloudsmith {
    fn describe() -> Description {
        let by_key = api::operations().map(|operation| operation.header_secret(api::HEADER, "", KEY));
        let by_token = api::operations().map(|operation| operation.header(api::HEADER));
        let description = Description::new("cloudsmith", env!("CARGO_PKG_VERSION"), "Cloudsmith")
            .documentation("https://docs.cloudsmith.com/formats/docker-registry")
            .uri_examples(["docker.cloudsmith.io/acme/images", "docker.cloudsmith.io/acme"])
            .option(
                OptionSpec::choice(
                    "create-repository",
                    "Create a missing repository, as a private or a public one",
                    ["no", "private", "public"],
                )
                .default("no"),
            )
            .option(ENDPOINT.spec("Cloudsmith's API"))
            .auth_method(
                AuthMethod::new("cloudsmith", KEY, "An API key of a user or a service account")
                    .field(Field::secret(KEY, "The API key").env("CLOUDSMITH_API_KEY"))
                    .operations(by_key)
                    .registry_password(KEY),
            )
            .auth_method(oidc::method())
            .auth_method(password::method());
        // With a token that was issued for an id token.
        by_token.into_iter().fold(description, Description::operation)
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let (owner, repository) = uri::place(&image)?;
        let options = registry.options();
        let prepared = Prepared::new(UploadProfile::standard());
        let Some(connector) = connector else { return Ok(prepared) };
        let api = match connector.method.as_str() {
            KEY => CloudsmithApi::new(&options, connector.required_secret(KEY)?),
            OIDC => CloudsmithApi::new(&options, oidc::token(&connector, &options)?),
            _ => return Ok(prepared),
        };
        let create = options.get("create-repository").filter(|value| *value != "no").map(|value| value == "public");
        Ok(prepared.notes(api.check(owner, repository, create)?))
    }

    fn credentials(
        registry: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        match connector.method.as_str() {
            KEY => Ok(Credential::basic(USER, connector.into_password(KEY)?).for_whole_registry().into()),
            OIDC => Ok(oidc::credential(oidc::token(&connector, &registry.options())?)),
            _ => password::credential(connector),
        }
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        match connector.method.as_str() {
            KEY => CloudsmithApi::new(options, connector.required_secret(KEY)?).user(),
            OIDC => CloudsmithApi::new(options, oidc::token(&connector, options)?).user(),
            _ => Err(Failure::unsupported("a password of type `docker` does not say that it is for Cloudsmith")),
        }
    }

    fn describe_id_tokens() -> Vec<IdToken> {
        vec![oidc::id_token()]
    }

    fn explain_trust(connector: Connector, _: &Options, claims: &Claims) -> Result<Vec<Instruction>, Failure> {
        oidc::explain(&connector, claims)
    }
}

crhost_flavor::export!(Cloudsmith);

#[cfg(test)]
mod tests;
