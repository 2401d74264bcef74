//! The flavor `oracle`: Oracle Cloud Infrastructure's registry (OCIR).
//!
//! It is logged in to with an auth token, which opens no API: requests to Oracle's API are signed with an API key, as
//! `Signature …,signature="…"`, and a header of the contract can't go on behind a signature. So repositories are
//! neither looked up nor created in advance; the first push creates one in the root compartment, where the user may
//! (<https://docs.oracle.com/en-us/iaas/Content/Registry/Tasks/registrypushingimagesusingthedockercli.htm>).
#![forbid(unsafe_code)]

mod region;
mod uri;

use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, Prepared, Purpose,
    Registry, UploadProfile, password,
};

/// The auth method of an auth token.
const TOKEN: &str = "auth-token";

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
            .auth_method(token)
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
        _: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        tenancy(connector.text("username").unwrap_or_default())?;
        if connector.method != TOKEN {
            return password::credential(connector);
        }
        let username = connector.required_text("username")?.to_owned();
        Ok(Credential::basic(username, connector.into_password("token")?).into())
    }
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
