//! The flavor `ibm`: IBM Cloud Container Registry.
//!
//! The API key is the registry's own password (user `iamapikey`), and so is a token of IAM (user `iambearer`):
//! <https://cloud.ibm.com/docs/Registry?topic=Registry-registry_access>. What has to exist is the namespace.
#![forbid(unsafe_code)]

mod api;
mod uri;

use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, OptionSpec, Options,
    Prepared, Purpose, Registry, UploadProfile, password,
};

use api::{ENDPOINT, IAM, IbmRegistry};

/// The auth method of an API key.
const KEY: &str = "api-key";
/// The auth method of a token of IAM.
const TOKEN: &str = "iam-token";

/// The flavor.
pub struct Ibm;

impl Flavor for Ibm {
    fn describe() -> Description {
        let [list, create] = api::operations();
        Description::new("ibm", env!("CARGO_PKG_VERSION"), "IBM Cloud Container Registry")
            .documentation("https://cloud.ibm.com/docs/Registry")
            .uri_examples(["us.icr.io/my-namespace", "icr.io/my-namespace", "private.de.icr.io/my-namespace"])
            .option(OptionSpec::flag("create-namespace", "Create a missing namespace before the push").default("false"))
            .option(OptionSpec::text("account", "The id of the account; that of the API key by default"))
            .option(IAM.spec("IBM Cloud IAM"))
            .option(OptionSpec::url(ENDPOINT, "URL of the registry's API; the registry's own host by default"))
            .auth_method(
                AuthMethod::new("ibm", KEY, "An API key of a user or a service id")
                    .field(Field::secret("api-key", "The API key").env("IBMCLOUD_API_KEY"))
                    .operation(api::sign_in())
                    .registry_password("api-key"),
            )
            .auth_method(
                AuthMethod::new("ibm", TOKEN, "A token of IAM, which lasts an hour")
                    .field(Field::secret("token", "The token, without `Bearer`"))
                    .operations([list.clone(), create.clone()].map(|operation| operation.bearer("token")))
                    .registry_password("token"),
            )
            .auth_method(password::method())
            // With a token that was issued for an API key.
            .operation(list)
            .operation(create)
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let namespace = registry.uri.split('/').nth(1).unwrap_or_default();
        if image.repository.strip_prefix(namespace).is_none_or(|rest| !rest.starts_with('/')) {
            return Err(Failure::invalid_input(format!(
                "image path `{}` does not fit IBM's registry, expected `{namespace}/<repository>`",
                image.repository
            ))
            .hint(format!("name the image e.g. `{}/{namespace}/train`", image.host)));
        }
        let options = registry.options();
        let create = options.flag("create-namespace").unwrap_or(false);
        let prepared = Prepared::new(UploadProfile::standard());
        let Some(connector) = connector else { return Ok(prepared) };
        let url = options.url(ENDPOINT).unwrap_or_else(|| format!("https://{}", image.host));
        let given = options.get("account");
        let api = match connector.method.as_str() {
            KEY => {
                let token = api::token(connector.required_secret("api-key")?, &options)?;
                let account = given.map(str::to_owned).or_else(|| api::account(&token));
                account.map(|account| IbmRegistry::new(url, token, &account))
            }
            TOKEN => {
                let token = connector.required_secret("token")?;
                given.map(|account| IbmRegistry::new(url, token, account))
            }
            _ => return Ok(prepared),
        };
        match api {
            Some(api) => Ok(prepared.notes(api.check(namespace, create)?)),
            None if create => {
                Err(Failure::invalid_input("the account is not known, in which a namespace would be created")
                    .hint("name it with `--option account=ID`; `ibmcloud account show` has it"))
            }
            None => Ok(prepared),
        }
    }

    fn credentials(
        _: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        let (username, field) = match connector.method.as_str() {
            KEY => ("iamapikey", "api-key"),
            TOKEN => ("iambearer", "token"),
            _ => return password::credential(connector),
        };
        Ok(Credential::basic(username, connector.into_password(field)?).into())
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        if connector.method != KEY {
            return Err(Failure::unsupported("only an API key can be verified without a registry"));
        }
        api::identity(&connector, options)
    }
}

crhost_flavor::export!(Ibm);

#[cfg(test)]
mod tests;
