//! The flavor `huawei`: Huawei Cloud SoftWare Repository for Container (SWR).
//!
//! An access key does not go to the registry: the API issues a login of some hours. What has to exist is the
//! organization; a push creates its repositories.
#![forbid(unsafe_code)]

mod api;
mod sign;
mod uri;

use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, OptionSpec, Prepared,
    Purpose, Registry, UploadProfile, password,
};

use api::{ENDPOINT, SwrApi};

/// The auth method of an access key.
const KEY: &str = "access-key";

/// The flavor.
pub struct Huawei;

impl Flavor for Huawei {
    fn describe() -> Description {
        Description::new("huawei", env!("CARGO_PKG_VERSION"), "Huawei Cloud SoftWare Repository for Container")
            .documentation("https://support.huaweicloud.com/intl/en-us/swr/")
            .uri_examples(["swr.eu-west-101.myhuaweicloud.eu/acme", "swr.cn-north-4.myhuaweicloud.com/acme"])
            .option(
                OptionSpec::flag("create-organization", "Create a missing organization before the push")
                    .default("false"),
            )
            .option(OptionSpec::text("project-id", "The project of the region; its main one by default"))
            .option(OptionSpec::url(ENDPOINT, "URL of the registry's API; that of the region by default"))
            .auth_method(
                AuthMethod::new("huawei", KEY, "An access key; the registry's login lasts some hours")
                    .field(Field::text("access-key-id", "The id (AK)").env("HUAWEICLOUD_SDK_AK"))
                    .field(Field::secret("secret-access-key", "The secret (SK)").env("HUAWEICLOUD_SDK_SK"))
                    .field(
                        Field::secret("security-token", "The token of temporary keys")
                            .optional()
                            .env("HUAWEICLOUD_SDK_SECURITY_TOKEN"),
                    )
                    .operations(api::operations()),
            )
            .auth_method(password::method())
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let (organization, _) = image.split("Huawei Cloud's registry", "organization", "repository")?;
        let prepared = Prepared::new(UploadProfile::standard());
        let Some(connector) = connector.filter(|connector| connector.method == KEY) else { return Ok(prepared) };
        let options = registry.options();
        let create = options.flag("create-organization").unwrap_or(false);
        Ok(prepared.notes(SwrApi::new(&connector, &image.host, &options)?.check(organization, create)?))
    }

    fn credentials(
        registry: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        if connector.method != KEY {
            return password::credential(connector);
        }
        let host = registry.host();
        SwrApi::new(&connector, host, &registry.options())?.issue()
    }
}

crhost_flavor::export!(Huawei);

#[cfg(test)]
mod tests;
