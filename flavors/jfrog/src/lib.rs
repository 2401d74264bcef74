//! The flavor `jfrog`: Docker repositories of JFrog Artifactory, in JFrog's cloud and on hosts of one's own.
#![forbid(unsafe_code)]

mod api;
mod oidc;
mod uri;

use crhost_flavor::id_tokens::{Claims, IdToken, Instruction};
use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, OptionSpec, Options,
    Prepared, Purpose, Registry, UploadProfile, password,
};

use api::{Artifactory, ENDPOINT};
use oidc::OIDC;

/// The auth method of a user's token.
const TOKEN: &str = "token";

/// The flavor.
pub struct JFrog;

impl Flavor for JFrog {
    fn describe() -> Description {
        let with_password = |method: AuthMethod| {
            let field = api::secret_field(&method.name);
            method.operations(api::operations().map(|operation| operation.basic(field))).registry_password(field)
        };
        let token = AuthMethod::new("jfrog", TOKEN, "A user and an identity token, access token or API key")
            .field(Field::text("username", "The user name"))
            .field(Field::secret("token", "The token").env("JF_ACCESS_TOKEN"));
        let description =
            Description::new("jfrog", env!("CARGO_PKG_VERSION"), "JFrog Artifactory, in JFrog's cloud and self-hosted");
        description
            .documentation("https://jfrog.com/help/r/jfrog-artifactory-documentation/docker-repositories")
            .uri_examples(["acme.jfrog.io/docker-local", "artifactory.example.com/docker-local"])
            .option(
                OptionSpec::flag("create-repository", "Create a missing local repository before the push")
                    .default("false"),
            )
            .option(OptionSpec::text(
                "repository",
                "The repository in Artifactory, where the host or port stands for one; otherwise the path begins with it",
            ))
            .option(OptionSpec::url(
                ENDPOINT,
                "URL of the platform without `/artifactory`; the registry's own host by default",
            ))
            .auth_method(with_password(token))
            .auth_method(oidc::method())
            // The API takes the same password.
            .auth_method(with_password(password::method()))
            // With a token that was issued for an id token.
            .operation(api::operations()[0].clone())
            .operation(api::operations()[1].clone())
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let options = registry.options();
        let Some(repository) = api::repository(&options, &image.repository) else {
            return Err(Failure::invalid_input(format!(
                "image path `{}` does not fit Artifactory, expected `repository/image`",
                image.repository
            ))
            .hint(
                "name the image with its repository in front, or say `--option repository=NAME` where the host has it",
            ));
        };
        let create = options.flag("create-repository").unwrap_or(false);
        let prepared = Prepared::new(UploadProfile::standard());
        let Some(connector) = connector else { return Ok(prepared) };
        let url = api::url(&registry);
        let api = match connector.method.as_str() {
            OIDC => Artifactory::with_token(oidc::exchange(&connector, &url, api::is_named(&registry))?.value, url),
            _ => Artifactory::with_password(&connector, url)?,
        };
        Ok(prepared.notes(api.check(repository, create)?))
    }

    fn credentials(
        registry: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        match connector.method.as_str() {
            OIDC => Ok(oidc::exchange(&connector, &api::url(&registry), api::is_named(&registry))?.into()),
            TOKEN => {
                let username = connector.required_text("username")?.to_owned();
                Ok(Credential::basic(username, connector.into_password("token")?).into())
            }
            _ => password::credential(connector),
        }
    }

    fn describe_id_tokens() -> Vec<IdToken> {
        vec![oidc::id_token()]
    }

    fn explain_trust(connector: Connector, _: &Options, claims: &Claims) -> Result<Vec<Instruction>, Failure> {
        oidc::explain(&connector, claims)
    }
}

crhost_flavor::export!(JFrog);

#[cfg(test)]
mod tests;
