//! The flavor `gcp`: Google's Artifact Registry (`<location>-docker.pkg.dev`, `docker.<region>.rep.pkg.dev`), and the
//! names of Container Registry (`gcr.io` and three more), which it keeps today.
//!
//! Whoever the connector is gets an access token: it opens the registry, and Artifact Registry's API, where the flavor
//! looks whether the image's repository is there.
#![forbid(unsafe_code)]

mod api;
mod connector;
mod describe;
mod endpoint;
mod external;
mod file;
mod host;
mod impersonation;
mod jwt;
mod key;
mod listing;
mod location;
mod metadata;
mod names;
mod principal;
mod refusal;
mod repository;
mod target;
mod token;
mod uri;
mod user;
mod username;

use crhost_flavor::{
    AcceptedUri, Connector, Credential, Description, Failure, Flavor, Image, Options, Password, Prepared, Registry,
    UploadProfile, password,
};

use api::Api;
use repository::Wish;
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
        let (target, wish) = (Target::of(&registry, &image)?, Wish::of(&options)?);
        // Artifact Registry takes no chunks; one request per blob is the standard.
        let prepared = Prepared::new(UploadProfile::standard());
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
        if !wish.check && !wish.create {
            return Ok(prepared.note(format!(
                "whether repository `{}` exists was not looked at, as `check-repository` says",
                target.repository
            )));
        }
        // Before any token is asked for.
        target.location()?;
        let principal = connector::principal(&connector)?;
        let api =
            Api::new(target.api.clone(), principal.api_token(&options)?, principal.quota_project(&target.project));
        let home = connector.text(describe::PROJECT_ID).or(principal.project());
        Ok(match repository::provide(&api, &target, &wish, home)? {
            Some(note) => prepared.note(note),
            None => prepared,
        })
    }

    fn credentials(registry: Registry, connector: Option<Connector>, _: Image) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        let options = registry.options();
        if connector.method == password::PASSWORD {
            if target::is_google_s(&registry)? {
                username::check(connector.text("username").unwrap_or_default())?;
            }
            return password::credential(connector);
        }
        let made = match connector::principal(&connector)?.token(&options)? {
            Token::Made(token, end) => Some((token, end)),
            Token::Stored(_) => None,
        };
        let Some((token, end)) = made else {
            let token = connector.into_secret(describe::TOKEN).ok_or_else(|| connector::missing(describe::TOKEN))?;
            return Ok(Credential::basic(USER, Password::Secret(token)).for_whole_registry().into());
        };
        let basic = Credential::basic(USER, Password::Plain(token)).for_whole_registry();
        Ok(match end {
            Some(end) => basic.expires_at(end),
            None => basic,
        }
        .into())
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        refuse_password(&connector, "proved")?;
        connector::principal(&connector)?.proved(options)
    }

    fn list_resources(connector: Connector, options: &Options) -> Result<Vec<String>, Failure> {
        refuse_password(&connector, "used to list registries")?;
        let principal = connector::principal(&connector)?;
        let project = connector::project(&connector, &principal, options)?;
        let location = target::location_option(options)?;
        let url = endpoint::ARTIFACT_REGISTRY.url(options)?;
        let api = Api::new(url, principal.api_token(options)?, principal.quota_project(&project));
        listing::list(&api, &project, location)
    }
}

crhost_flavor::export!(Gcp);

/// A password opens registries alone.
fn refuse_password(connector: &Connector, used: &str) -> Result<(), Failure> {
    if connector.method == password::PASSWORD {
        return Err(Failure::unsupported(format!("a password can't be {used} without a registry"))
            .hint("register a registry with the connector and run `crhost registry verify`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
