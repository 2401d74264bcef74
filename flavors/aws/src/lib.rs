//! The flavor `aws`: Amazon's Elastic Container Registry, private (`<account>.dkr.ecr.<region>.amazonaws.com`, and its
//! names in other partitions of AWS) and public (`public.ecr.aws`).
//!
//! A user's keys sign calls of AWS's APIs: to check that the image's repository exists, and to get the registry's
//! password.
#![forbid(unsafe_code)]

mod cleanup;
mod configured;
mod connector;
mod describe;
mod endpoint;
mod host;
mod keys;
mod kms;
mod machine;
mod names;
mod operations;
mod process;
mod profile;
mod public;
mod refusal;
mod region;
mod repository;
mod sigv4;
mod sso;
mod sts;
mod target;
mod token;
mod trust;
mod upload;
mod uri;
mod xml;

use crhost_flavor::commands::Command;
use crhost_flavor::id_tokens::{Claims, IdToken, Instruction};
use crhost_flavor::key_wrapping::WrappedKey;
use crhost_flavor::{
    AcceptedUri, Connector, Credential, Description, Failure, FailureKind, Flavor, Image, Options, Prepared, Purpose,
    Registry, Secret,
};

use configured::{Configured, with_target};
use host::{PUBLIC_REGION, Private};
use repository::CreatePolicy;

/// The flavor.
pub struct Aws;

impl Flavor for Aws {
    fn describe() -> Description {
        describe::description()
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let prepared = Prepared::new(upload::profile(&registry)?);
        let Some(connector) = connector else {
            return Ok(prepared.note(
                "without a connector nobody looks whether the repository exists; the credentials are those of Docker's \
                 configuration",
            ));
        };
        with_target(&registry, &connector, |target, options| {
            let policy = CreatePolicy::of(options, target.public)?;
            let keys = connector::keys(&connector, options, &target.sts)?;
            Ok(repository::provide(target, &keys, &policy, &image)?.into_iter().fold(prepared, Prepared::note))
        })
    }

    /// One password opens all, whatever it is for: ECR gives no narrower ones.
    fn credentials(
        registry: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        with_target(&registry, &connector, |target, options| {
            let keys = connector::keys(&connector, options, &target.sts)?;
            token::get(target, &keys)
        })
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        // STS knows all keys of a partition in each of its regions.
        let own = own_region(&connector, options)?;
        let region = own.clone().unwrap_or_else(|| PUBLIC_REGION.to_owned());
        let configured = Configured::of(&connector, options, false)?;
        let options = &configured.options;
        let sts = target::sts(options, &region, false)?;
        let caller = connector::keys(&connector, options, &sts).and_then(|keys| sts::caller(&sts, &keys));
        match caller.map_err(|failure| configured.told(failure)) {
            Err(failure) if own.is_none() && failure.kind == FailureKind::Unauthenticated => {
                let hint = failure.hint.clone().unwrap_or_default();
                Err(failure.hint(format!(
                    "{hint}; keys of China, GovCloud and other partitions need `--region`, e.g. `--region=cn-north-1`"
                )))
            }
            caller => Ok(caller?.arn),
        }
    }

    fn list_resources(connector: Connector, options: &Options) -> Result<Vec<String>, Failure> {
        let region = own_region(&connector, options)?.ok_or_else(|| {
            Failure::invalid_input("the connector names no region, and an account has a registry in each")
                .hint("store it with `--region=eu-west-1`, or give the option `region`")
        })?;
        let configured = Configured::of(&connector, options, false)?;
        let options = &configured.options;
        let sts = target::sts(options, &region, false)?;
        let caller = connector::keys(&connector, options, &sts).and_then(|keys| sts::caller(&sts, &keys));
        let account = caller.map_err(|failure| configured.told(failure))?.account;
        Ok(vec![Private { account, region, fips: false, dual_stack: false }.host()])
    }

    fn describe_commands() -> Vec<Command> {
        describe::commands()
    }

    fn describe_id_tokens() -> Vec<IdToken> {
        vec![trust::id_token()]
    }

    fn explain_trust(connector: Connector, _: &Options, claims: &Claims) -> Result<Vec<Instruction>, Failure> {
        trust::explain(&connector, claims)
    }

    fn make_key(registry: Registry, connector: Option<Connector>) -> Result<WrappedKey, Failure> {
        kms::make(&registry, connector.as_ref())
    }

    fn unwrap_key(registry: Registry, connector: Option<Connector>, wrapped: String) -> Result<Secret, Failure> {
        kms::unwrap(&registry, connector.as_ref(), &wrapped)
    }

    crhost_flavor::cleanup!(cleanup::Api);
}

crhost_flavor::export!(Aws);

/// The region that the options or the connector name.
fn own_region(connector: &Connector, options: &Options) -> Result<Option<String>, Failure> {
    target::region_option(options)?.map_or_else(|| connector::region(connector), |region| Ok(Some(region)))
}

#[cfg(test)]
mod tests;
