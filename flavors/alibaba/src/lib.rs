//! The flavor `alibaba`: Alibaba Cloud Container Registry.
//!
//! An access key does not go to the registry: the API issues a password of an hour for an instance of the Enterprise
//! Edition. The personal edition takes its fixed password alone.
#![forbid(unsafe_code)]

mod api;
mod sign;
mod uri;

use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, OptionSpec, Prepared,
    Purpose, Registry, UploadProfile, password,
};

use api::{AcrApi, ENDPOINT};

/// The auth method of an access key.
const KEY: &str = "access-key";

/// The flavor.
pub struct Alibaba;

impl Flavor for Alibaba {
    fn describe() -> Description {
        Description::new("alibaba", env!("CARGO_PKG_VERSION"), "Alibaba Cloud Container Registry")
            .documentation("https://www.alibabacloud.com/help/en/acr/")
            .uri_examples([
                "acme-registry.eu-central-1.cr.aliyuncs.com/team",
                "registry.cn-hangzhou.aliyuncs.com/team",
                "crpi-0123456789abcdef.cn-shanghai.personal.cr.aliyuncs.com/team",
            ])
            .option(OptionSpec::text("instance-id", "The instance of the Enterprise Edition, `cri-…`"))
            .option(
                OptionSpec::flag("create-repository", "Create a missing repository before the push").default("false"),
            )
            .option(
                OptionSpec::choice("visibility", "Of a repository that is created", ["private", "public"])
                    .default("private"),
            )
            .option(OptionSpec::url(ENDPOINT, "URL of the registry's API; that of the region by default"))
            .auth_method(
                AuthMethod::new("alibaba", KEY, "An access key; the registry's password lasts an hour")
                    .field(Field::text("access-key-id", "The id").env("ALIBABA_CLOUD_ACCESS_KEY_ID"))
                    .field(Field::secret("access-key-secret", "The secret").env("ALIBABA_CLOUD_ACCESS_KEY_SECRET"))
                    .field(
                        Field::secret("security-token", "The token of temporary keys (STS)")
                            .optional()
                            .env("ALIBABA_CLOUD_SECURITY_TOKEN"),
                    )
                    .operations(api::operations()),
            )
            .auth_method(password::method())
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let (namespace, name) = image.split("Alibaba Cloud's registry", "namespace", "repository")?;
        let prepared = Prepared::new(UploadProfile::standard());
        let Some(connector) = connector.filter(|connector| connector.method == KEY) else { return Ok(prepared) };
        let options = registry.options();
        let kind = if options.get("visibility") == Some("public") { "PUBLIC" } else { "PRIVATE" };
        let create = options.flag("create-repository").unwrap_or(false).then_some(kind);
        Ok(prepared.notes(AcrApi::new(&connector, &image.host, &options)?.check(namespace, name, create)?))
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
        AcrApi::new(&connector, host, &registry.options())?.issue()
    }
}

crhost_flavor::export!(Alibaba);

#[cfg(test)]
mod tests;
