//! The flavor `quay`: quay.io, and Quay on hosts of one's own.
//!
//! Also the flavor to start from: [`uri`] has the grammar of its URIs, [`api`] the client of its API, and this file the
//! contract's functions.
#![forbid(unsafe_code)]

mod api;
mod cleanup;
mod federation;
mod permissions;
mod robot;
mod uri;

use crhost_flavor::id_tokens::{Claims, IdToken, Instruction};
use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Deletion, Description, Failure, Field, Flavor, Image, OptionSpec,
    Options, Prepared, Purpose, Registry, UploadProfile, password,
};

use api::{ENDPOINT, NewRepository, OAUTH, QuayApi};
use federation::FEDERATION;
use permissions::Permissions;
use robot::robot;

/// The auth method of a robot account.
const ROBOT: &str = "robot";
/// The auth method of a user's app token.
const APP: &str = "app-token";

/// The flavor.
pub struct Quay;

impl Flavor for Quay {
    fn describe() -> Description {
        let method = |name, summary| AuthMethod::new("quay", name, summary).registry_password("token");
        let [team_roles, robot_roles] = Permissions::options();
        let token = || Field::secret("token", "The token");
        Description::new("quay", env!("CARGO_PKG_VERSION"), "Quay: quay.io and self-hosted")
            .documentation("https://docs.quay.io/")
            .uri_examples(["quay.io/acme", "quay.example.com/acme"])
            .option(
                OptionSpec::flag("create-repository", "Create a missing repository before the push").default("false"),
            )
            .option(
                OptionSpec::choice("visibility", "Of a repository that is created", ["private", "public"])
                    .default("private"),
            )
            .option(team_roles)
            .option(robot_roles)
            .option(OptionSpec::url(
                ENDPOINT,
                "URL of Quay's API without `/api/v1`; the registry's own host by default",
            ))
            .auth_method(
                method(ROBOT, "A robot account and its token")
                    .field(Field::text("username", "The robot, as `namespace+name`"))
                    .field(token()),
            )
            .auth_method(federation::method())
            .auth_method(
                method(OAUTH, "An OAuth access token, which also opens Quay's API")
                    .field(token())
                    .operations(api::operations()),
            )
            .auth_method(method(APP, "A token of a user's application").field(token()))
            .auth_method(password::method())
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let (namespace, name) = image.split("Quay", "namespace", "repository")?;
        let options = registry.options();
        let create = options.flag("create-repository").unwrap_or(false);
        let public = options.get("visibility") == Some("public");
        let new = NewRepository { public, permissions: Permissions::of(&options)? };
        // Quay refuses a mount without a source repository; crhost always names one. It deletes by tag, too.
        let profile = UploadProfile { deletion: Deletion::ByTag, ..UploadProfile::standard() };
        let prepared = Prepared::new(profile);
        let Some(connector) = connector else { return Ok(prepared) };
        if connector.method == OAUTH {
            let url = options.url(ENDPOINT).unwrap_or_else(|| format!("https://{}", image.host));
            let api = QuayApi::new(&connector, url)?;
            let notes = api.check(namespace, name, image.tag.as_deref(), create.then_some(&new))?;
            return Ok(notes.into_iter().fold(prepared, Prepared::note));
        }
        let home = connector.text("username").and_then(|name| name.split_once('+')).map(|(namespace, _)| namespace);
        let strange = home.filter(|home| *home != namespace).map(|home| {
            format!(
                "the robot belongs to `{home}` and not to `{namespace}`: Quay lets it push there only if it was given \
                 access"
            )
        });
        let unchecked = create.then(|| {
            "only an OAuth token opens Quay's API: the repository was neither checked nor created in advance".to_owned()
        });
        Ok(prepared.notes(strange).notes(unchecked))
    }

    fn credentials(
        registry: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        let username = match connector.method.as_str() {
            FEDERATION => {
                let host = registry.host();
                let url = registry.options().url(ENDPOINT).unwrap_or_else(|| format!("https://{host}"));
                return federation::credential(&connector, url);
            }
            ROBOT => robot(connector.text("username").unwrap_or_default())?,
            OAUTH => "$oauthtoken".to_owned(),
            APP => "$app".to_owned(),
            _ => return password::credential(connector),
        };
        Ok(Credential::basic(username, connector.into_password("token")?).into())
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        if connector.method != OAUTH {
            return Err(Failure::unsupported("only an OAuth token of Quay can be verified without a registry"));
        }
        // The token may be of any Quay, and no other Quay may see it.
        let Some(url) = options.url(ENDPOINT) else {
            return Err(Failure::unsupported(format!(
                "which Quay the token is of is not known without the option `{ENDPOINT}`"
            ))
            .hint(format!(
                "say so with `--option {ENDPOINT}=https://{}`, or run `crhost registry verify` on a registry that uses \
                 it",
                uri::QUAY
            )));
        };
        QuayApi::new(&connector, url)?.user()
    }

    fn describe_id_tokens() -> Vec<IdToken> {
        vec![federation::id_token()]
    }

    fn explain_trust(connector: Connector, _: &Options, claims: &Claims) -> Result<Vec<Instruction>, Failure> {
        federation::explain(&connector, claims)
    }

    crhost_flavor::cleanup!(cleanup::Api);
}

crhost_flavor::export!(Quay);

#[cfg(test)]
mod tests;
