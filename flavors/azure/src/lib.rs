//! The flavor `azure`: Azure Container Registry, in the public cloud and the sovereign ones.
//!
//! An identity gets a token of Microsoft Entra, which the registry exchanges for a refresh token, the password of a
//! fixed user. Repositories are created by the first push.
#![forbid(unsafe_code)]

mod cleanup;
mod cloud;
mod connector;
mod describe;
mod endpoint;
mod entra;
mod exchange;
mod guid;
mod host;
mod imds;
mod management;
mod message;
mod names;
mod operations;
mod refresh;
mod refusal;
mod target;
mod trust;
mod upload;
mod uri;

use crhost_flavor::commands::Command;
use crhost_flavor::id_tokens::{Claims, IdToken, Instruction};
use crhost_flavor::{
    AcceptedUri, Connector, Credential, Description, Failure, Flavor, Image, Options, Prepared, Purpose, Registry,
};

use cloud::Cloud;
use connector::{Identity, Login, TokenSource};
use exchange::RegistryCredential;
use management::Management;
use refresh::refresh_token;
use target::Target;

/// The flavor.
pub struct Azure;

impl Flavor for Azure {
    fn describe() -> Description {
        describe::description()
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let prepared = Prepared::new(upload::profile(&registry)?);
        let check = registry.options().flag(names::CHECK_PERMISSION).unwrap_or(false);
        let Some(connector) = connector else { return Ok(prepared) };
        let login = connector::login(&connector)?;
        if check {
            let target = Target::of(&registry)?;
            match login {
                Login::Password { username, password } => {
                    exchange::check_push(&target, &RegistryCredential::Password(username, password), &image)?;
                }
                Login::Token(source) => {
                    let token = refresh_token(source, &target, &registry.options())?;
                    exchange::check_push(&target, &RegistryCredential::RefreshToken(&token), &image)?;
                }
            }
        }
        Ok(prepared)
    }

    /// A refresh token opens all that the identity may use, whatever it is for: the registry's token service gives
    /// narrower ones for it, which are no passwords.
    fn credentials(
        registry: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        match connector::login(&connector)? {
            Login::Password { username, .. } => {
                let username = username.to_owned();
                Ok(Credential::basic(username, connector.into_password(names::PASSWORD)?).into())
            }
            Login::Token(source) => {
                let target = Target::of(&registry)?;
                Ok(exchange::credential(refresh_token(source, &target, &registry.options())?))
            }
        }
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        let identity = identity(&connector)?;
        let token = entra::token(&identity, Cloud::of_options(options), options, entra::REGISTRY)?;
        Ok(entra::owner(&token, &identity))
    }

    fn list_resources(connector: Connector, options: &Options) -> Result<Vec<String>, Failure> {
        let identity = identity(&connector)?;
        let cloud = Cloud::of_options(options);
        let token = entra::token(&identity, cloud, options, cloud.management)?;
        let subscription = options.get(names::SUBSCRIPTION).or(connector.text(names::SUBSCRIPTION));
        Management::new(cloud, options, token).registries(subscription)
    }

    fn describe_id_tokens() -> Vec<IdToken> {
        vec![trust::id_token()]
    }

    /// A token of the login of `az` for registries
    /// (<https://learn.microsoft.com/cli/azure/account#az-account-get-access-token>).
    fn describe_commands() -> Vec<Command> {
        let command = Command::new(describe::TYPE, names::ACCESS_TOKEN, names::TOKEN, "az");
        let resource = "--resource=https://containerregistry.azure.net";
        let token = ["account", "get-access-token", resource, "--query=accessToken", "--output=tsv"];
        vec![command.arguments(token).login("az login")]
    }

    fn explain_trust(connector: Connector, _: &Options, claims: &Claims) -> Result<Vec<Instruction>, Failure> {
        trust::explain(&connector, claims)
    }

    crhost_flavor::cleanup!(cleanup::Api);
}

crhost_flavor::export!(Azure);

/// The identity of a connector; fails for credentials that Entra does not know.
fn identity(connector: &Connector) -> Result<Identity<'_>, Failure> {
    match connector::login(connector)? {
        Login::Token(TokenSource::Entra(identity)) => Ok(identity),
        Login::Token(TokenSource::Stored(_)) | Login::Password { .. } => Err(Failure::unsupported(format!(
            "only a registry can tell whether credentials of method `{}` are good",
            connector.method
        ))),
    }
}

#[cfg(test)]
mod tests;
