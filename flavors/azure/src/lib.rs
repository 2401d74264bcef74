//! The flavor `azure`: Azure Container Registry, in the public cloud and the sovereign ones.
//!
//! Somebody whom Microsoft Entra knows gets a token there, which the registry exchanges for a refresh token, the password of
//! a user without a name. Repositories come into being when they are pushed to.
#![forbid(unsafe_code)]

mod cloud;
mod connector;
mod describe;
mod endpoint;
mod entra;
mod exchange;
mod host;
mod imds;
mod jwt;
mod management;
mod refusal;
mod target;
mod time;
mod uri;
mod words;

use crhost_flavor::{
    AcceptedUri, Connector, Credential, Description, Failure, Flavor, Image, Options, Password, Prepared, Registry,
    UploadProfile,
};

use cloud::Cloud;
use connector::{Identity, Means, Origin};
use exchange::{Bearer, Proof};
use management::Management;
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
        let prepared = Prepared::new(UploadProfile::standard());
        let check = registry.options().flag(describe::CHECK)?.unwrap_or(false);
        let Some(connector) = connector else { return Ok(prepared) };
        let means = connector::means(&connector)?;
        if check {
            let target = Target::of(&registry)?;
            match means {
                Means::Pair { username, password } => {
                    exchange::may_push(&target, &Proof::Pair(username, password), &image)?;
                }
                Means::Token(origin) => {
                    let token = refresh_token(origin, &target, &registry.options())?;
                    exchange::may_push(&target, &Proof::Refresh(&token), &image)?;
                }
            }
        }
        Ok(prepared)
    }

    fn credentials(registry: Registry, connector: Option<Connector>, _: Image) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        match connector::means(&connector)? {
            Means::Pair { username, .. } => {
                let username = username.to_owned();
                let password = connector.into_secret("password").ok_or_else(|| connector::missing("password"))?;
                Ok(Credential::basic(username, Password::Secret(password)).into())
            }
            Means::Token(origin) => {
                let target = Target::of(&registry)?;
                Ok(exchange::credential(refresh_token(origin, &target, &registry.options())?))
            }
        }
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        let identity = identity(&connector)?;
        let token = entra::token(&identity, Cloud::of_options(options)?, options, entra::REGISTRY)?;
        Ok(entra::whom(&token, &identity))
    }

    fn list_resources(connector: Connector, options: &Options) -> Result<Vec<String>, Failure> {
        let identity = identity(&connector)?;
        let cloud = Cloud::of_options(options)?;
        let token = entra::token(&identity, cloud, options, cloud.management)?;
        let subscription = options.get(management::SUBSCRIPTION).or(connector.text(management::SUBSCRIPTION));
        Management::new(cloud, options, token)?.registries(subscription)
    }
}

crhost_flavor::export!(Azure);

/// The registry's refresh token for a token of Entra.
fn refresh_token(origin: Origin<'_>, target: &Target, options: &Options) -> Result<String, Failure> {
    let bearer = match origin {
        Origin::Entra(identity) => Bearer::Known(entra::token(&identity, target.cloud, options, entra::REGISTRY)?),
        Origin::Connector(token) => Bearer::Stored(token),
    };
    exchange::refresh_token(target, &bearer)
}

/// Whom a connector stands for, where Entra can say it.
fn identity(connector: &Connector) -> Result<Identity<'_>, Failure> {
    match connector::means(connector)? {
        Means::Token(Origin::Entra(identity)) => Ok(identity),
        Means::Token(Origin::Connector(_)) | Means::Pair { .. } => Err(Failure::unsupported(format!(
            "only a registry can tell whether credentials of method `{}` are good",
            connector.method
        ))),
    }
}

#[cfg(test)]
mod tests;
