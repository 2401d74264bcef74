//! The flavor `gcp`: Google's Artifact Registry (`<location>-docker.pkg.dev`, `docker.<region>.rep.pkg.dev`), and the
//! hosts of Container Registry (`gcr.io` and three more), which it serves today.
//!
//! A connector is a principal that gets an access token. The token opens the registry, and Artifact Registry's API, in
//! which the flavor checks the image's repository.
#![forbid(unsafe_code)]

mod api;
mod cleanup;
mod connector;
mod credentials;
mod describe;
mod endpoint;
mod external;
mod federation;
mod file;
mod given;
mod host;
mod impersonation;
mod jwt;
mod key;
mod listing;
mod location;
mod metadata;
mod names;
mod operations;
mod principal;
mod refusal;
mod repository;
mod subject;
mod target;
mod token;
mod upload;
mod uri;
mod user;
mod username;

use crhost_flavor::commands::Command;
use crhost_flavor::id_tokens::{Claims, IdToken, Instruction};
use crhost_flavor::{
    AcceptedUri, Connector, Credential, Description, Failure, Flavor, Image, Options, Password, Prepared, Purpose,
    Registry, SecretOrText, password,
};

use repository::CreatePolicy;
use target::Target;
use token::Token;

/// The flavor.
pub struct Gcp;

/// The user whose password is an access token.
const USER: &str = "oauth2accesstoken";

impl Flavor for Gcp {
    fn describe() -> Description {
        describe::description()
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let options = registry.options();
        let (target, policy) = (Target::of(&registry, &image)?, CreatePolicy::of(&options)?);
        let prepared = Prepared::new(upload::profile(&registry)?);
        let Some(connector) = connector else {
            return Ok(prepared.note(
                "without a connector nobody looks whether the repository exists; the credentials are those of Docker's \
                 configuration",
            ));
        };
        if connector.method == password::PASSWORD {
            return Ok(prepared.note(
                "a password does not open Artifact Registry's API: nobody looked whether the repository exists",
            ));
        }
        if !policy.check && !policy.create {
            return Ok(prepared.note(format!(
                "whether repository `{}` exists was not looked at, as `check-repository` says",
                target.repository
            )));
        }
        // A location that is missing fails before a token is requested.
        target.location()?;
        let principal = connector::principal(&connector)?;
        let api = api::new(&target.api, principal.api_token(&options)?, principal.quota_project(&target.project));
        let home = connector.text(describe::PROJECT_ID).or(principal.project());
        Ok(prepared.notes(repository::provide(&api, &target, &policy, home)?))
    }

    /// A token opens all that the principal may use, whatever it is for: Google documents no scope that pulls only, and
    /// none for one repository.
    fn credentials(
        registry: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        let options = registry.options();
        if connector.method == password::PASSWORD {
            if target::is_google_s(&registry)? {
                username::check(connector.text("username").unwrap_or_default())?;
            }
            return password::credential(connector);
        }
        let (issued, expires_at) = {
            let principal = connector::principal(&connector)?;
            let Token { value, expires_at } = principal.token(&options)?;
            match value {
                SecretOrText::Text(text) => (Some(Password::Plain(text)), expires_at),
                SecretOrText::Secret(_) | SecretOrText::Signed(..) => (None, expires_at),
            }
        };
        let password = match issued {
            Some(password) => password,
            None => Password::Secret(
                connector.into_secret(describe::TOKEN).ok_or_else(|| connector::missing(describe::TOKEN))?,
            ),
        };
        Ok(Credential::basic(USER, password).for_whole_registry().expires_at(expires_at).into())
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        refuse_password(&connector, "verified")?;
        connector::principal(&connector)?.proved(options)
    }

    fn list_resources(connector: Connector, options: &Options) -> Result<Vec<String>, Failure> {
        refuse_password(&connector, "used to list registries")?;
        let principal = connector::principal(&connector)?;
        let project = connector::project(&connector, &principal, options)?;
        let location = target::location_option(options)?;
        let url = endpoint::ARTIFACT_REGISTRY.url(options);
        let api = api::new(&url, principal.api_token(options)?, principal.quota_project(&project));
        listing::list(&api, &project, location)
    }

    fn describe_id_tokens() -> Vec<IdToken> {
        vec![federation::id_token()]
    }

    /// The token of `gcloud`'s own login, whoever that is
    /// (<https://cloud.google.com/sdk/gcloud/reference/auth/print-access-token>).
    fn describe_commands() -> Vec<Command> {
        let command = Command::new(given::TYPE, given::OAUTH2_TOKEN, given::TOKEN, "gcloud");
        vec![command.arguments(["auth", "print-access-token", "--quiet"]).login("gcloud auth login")]
    }

    fn explain_trust(connector: Connector, _: &Options, claims: &Claims) -> Result<Vec<Instruction>, Failure> {
        federation::explain(&connector, claims)
    }

    crhost_flavor::cleanup!(cleanup::Api);
}

crhost_flavor::export!(Gcp);

/// Refuses a password, which opens registries only.
fn refuse_password(connector: &Connector, used: &str) -> Result<(), Failure> {
    if connector.method == password::PASSWORD {
        return Err(Failure::unsupported(format!("a password can't be {used} without a registry"))
            .hint("register a registry with the connector and run `crhost registry verify`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
