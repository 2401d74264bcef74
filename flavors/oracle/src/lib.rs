//! The flavor `oracle`: Oracle Cloud Infrastructure's registry (OCIR).
//!
//! It is logged in to with an auth token, or with a login of an hour that Oracle's API issues for an API key. With the
//! latter, repositories are looked up and created; without, the first push creates one in the root compartment, where
//! the user may
//! (<https://docs.oracle.com/en-us/iaas/Content/Registry/Tasks/registrypushingimagesusingthedockercli.htm>).
#![forbid(unsafe_code)]

mod api;
mod region;
mod sign;
mod uri;

use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, OptionSpec, Prepared,
    Purpose, Registry, Source, UploadProfile, password,
};

use api::ApiKey;

/// The auth method of an auth token.
const TOKEN: &str = "auth-token";

/// The auth method of an API key.
const KEY: &str = "api-key";

/// The flavor.
pub struct Oracle;

impl Flavor for Oracle {
    fn describe() -> Description {
        let token = AuthMethod::new("oracle", TOKEN, "A user of a tenancy and an auth token")
            .field(Field::text("username", "`<namespace>/<user>` or `<namespace>/<domain>/<user>`"))
            .field(Field::secret("token", "The auth token"))
            .registry_password("token");
        Description::new("oracle", env!("CARGO_PKG_VERSION"), "Oracle Cloud Infrastructure Registry")
            .documentation("https://docs.oracle.com/en-us/iaas/Content/Registry/home.htm")
            .uri_examples(["fra.ocir.io/mytenancy", "ocir.eu-frankfurt-1.oci.oraclecloud.com/mytenancy"])
            .option(
                OptionSpec::flag(api::CREATE, "Create a missing repository before the push, with an API key")
                    .default("false"),
            )
            .option(OptionSpec::text(
                api::COMPARTMENT,
                "Where it is created, as an OCID; the root compartment by default",
            ))
            .option(OptionSpec::flag(
                api::IMMUTABLE,
                "Whether images of repositories that are created can't be replaced",
            ))
            .option(OptionSpec::url(api::ENDPOINT, "URL of the API of repositories; that of the region by default"))
            .option(OptionSpec::url(api::LOGIN_ENDPOINT, "URL that issues logins; the registry's own by default"))
            .auth_method(token)
            .auth_method(key())
            .auth_method(password::method())
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let namespace = registry.uri.split('/').nth(1).unwrap_or_default();
        if image.repository.strip_prefix(namespace).is_none_or(|rest| !rest.starts_with('/')) {
            return Err(Failure::invalid_input(format!(
                "image path `{}` does not fit Oracle's registry, expected `{namespace}/<repository>`",
                image.repository
            ))
            .hint(format!("name the image e.g. `{}/{namespace}/train`", image.host)));
        }
        let prepared = Prepared::new(UploadProfile::standard());
        let Some(connector) = connector else { return Ok(prepared) };
        if connector.method == KEY {
            let name = image.repository.split_once('/').map_or("", |(_, name)| name);
            return Ok(prepared.notes(ApiKey::of(&connector)?.check(&image.host, name, &registry.options())?));
        }
        let user_of = tenancy(connector.text("username").unwrap_or_default())?;
        let other = (user_of != namespace).then(|| {
            format!(
                "the user is of the tenancy `{user_of}` and not of `{namespace}`: a policy of `{namespace}` has to \
                 admit it"
            )
        });
        Ok(prepared.notes(other))
    }

    fn credentials(
        registry: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        if connector.method == KEY {
            return ApiKey::of(&connector)?.login(registry.host(), &registry.options());
        }
        tenancy(connector.text("username").unwrap_or_default())?;
        if connector.method != TOKEN {
            return password::credential(connector);
        }
        let username = connector.required_text("username")?.to_owned();
        Ok(Credential::basic(username, connector.into_password("token")?).into())
    }
}

/// The key of a user, as Oracle's own tools have it in variables
/// (<https://docs.oracle.com/en-us/iaas/Content/API/SDKDocs/clienvironmentvariables.htm>).
fn key() -> AuthMethod {
    AuthMethod::new("oracle", KEY, "A user's API key; the registry's login lasts an hour")
        .field(Field::text("tenancy", "The tenancy, `ocid1.tenancy.…`").env("OCI_CLI_TENANCY"))
        .field(Field::text("user", "The user, `ocid1.user.…`").env("OCI_CLI_USER"))
        .field(Field::text("fingerprint", "The fingerprint of the key").env("OCI_CLI_FINGERPRINT"))
        .field(
            Field::secret("private-key", "The key in PEM form, without a passphrase")
                .env("OCI_CLI_KEY_CONTENT")
                .source(Source::EnvFile("OCI_CLI_KEY_FILE".to_owned())),
        )
        .operations(api::operations())
}

/// The namespace of the tenancy in a user's name, without which Oracle knows no user.
fn tenancy(username: &str) -> Result<&str, Failure> {
    match username.split_once('/') {
        Some((namespace, user)) if !namespace.is_empty() && !user.is_empty() => Ok(namespace),
        _ => Err(Failure::invalid_input(format!(
            "user name `{username}` has no tenancy, expected `<namespace>/<user>` or `<namespace>/<domain>/<user>`"
        ))
        .hint("write the tenancy's namespace in front, e.g. `mytenancy/ann@acme.example`; `oci os ns get` shows it")),
    }
}

crhost_flavor::export!(Oracle);

#[cfg(test)]
mod tests;
