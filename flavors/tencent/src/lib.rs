//! The flavor `tencent`: Tencent Container Registry.
//!
//! A key does not go to the registry: the API issues a password of an hour for an instance of the Enterprise Edition.
//! The personal edition takes its fixed password alone.
#![forbid(unsafe_code)]

mod api;
mod sign;
mod uri;

use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, OptionSpec, Prepared,
    Purpose, Registry, UploadProfile, password,
};

use api::{ENDPOINT, TcrApi};

/// The auth method of a key.
const KEY: &str = "secret-key";

/// The flavor.
pub struct Tencent;

impl Flavor for Tencent {
    fn describe() -> Description {
        Description::new("tencent", env!("CARGO_PKG_VERSION"), "Tencent Container Registry")
            .documentation("https://www.tencentcloud.com/document/product/1051")
            .uri_examples(["acme.tencentcloudcr.com/team", "ccr.ccs.tencentyun.com/team"])
            .option(OptionSpec::text("registry-id", "The instance, `tcr-…`; that of the host by default"))
            .option(OptionSpec::flag("create-namespace", "Create a missing namespace before the push").default("false"))
            .option(
                OptionSpec::choice("visibility", "Of a namespace that is created", ["private", "public"])
                    .default("private"),
            )
            .option(ENDPOINT.spec("Tencent Cloud's API"))
            .auth_method(
                AuthMethod::new("tencent", KEY, "A key of CAM; the registry's password lasts an hour")
                    .field(Field::text("secret-id", "The key's id").env("TENCENTCLOUD_SECRET_ID"))
                    .field(Field::secret("secret-key", "The key").env("TENCENTCLOUD_SECRET_KEY"))
                    .field(Field::secret("token", "The token of temporary keys").optional())
                    .operations(api::operations()),
            )
            .auth_method(password::method())
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let (namespace, _) = image.split("Tencent Cloud's registry", "namespace", "repository")?;
        let prepared = Prepared::new(UploadProfile::standard());
        let Some(connector) = connector.filter(|connector| connector.method == KEY) else { return Ok(prepared) };
        let options = registry.options();
        let public = options.get("visibility") == Some("public");
        let create = options.flag("create-namespace").unwrap_or(false).then_some(public);
        let api = TcrApi::new(&connector, &options)?;
        let instance = api.instance(&image.host, &options)?;
        Ok(prepared.notes(api.check(&instance, namespace, create)?))
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
        let (host, options) = (registry.host(), registry.options());
        let api = TcrApi::new(&connector, &options)?;
        api.issue(&api.instance(host, &options)?)
    }
}

crhost_flavor::export!(Tencent);

#[cfg(test)]
mod tests;
