//! The flavor `quay`: quay.io, and Quay on hosts of one's own.
#![forbid(unsafe_code)]

mod api;
mod uri;

use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, OptionSpec, Options,
    Password, Prepared, Registry, UploadProfile, password,
};

use api::Api;

/// The auth methods: a robot account, an OAuth token (the only one that opens the API), a user's app token.
const ROBOT: &str = "robot";
const OAUTH: &str = "oauth-token";
const APP: &str = "app-token";
/// The option that names another API.
const ENDPOINT: &str = "quay-endpoint";

/// The flavor.
pub struct Quay;

impl Flavor for Quay {
    fn describe() -> Description {
        let token = |name, summary| {
            let method = AuthMethod::new("quay", name, summary).host("https://{registry}");
            if name == ROBOT { method.field(Field::text("username", "The robot, as `namespace+name`")) } else { method }
                .field(Field::secret("token", "The token"))
        };
        Description {
            name: "quay".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Quay: quay.io and self-hosted".to_owned(),
            documentation: Some("https://docs.quay.io/".to_owned()),
            uri_examples: ["quay.io/acme", "quay.example.com/acme"].map(str::to_owned).to_vec(),
            options: vec![
                OptionSpec::new("create-repository", "Create a missing repository before the push: `true` or `false`")
                    .default("false"),
                OptionSpec::new("visibility", "Of a repository that is created: `private` or `public`")
                    .default("private"),
                OptionSpec::new(ENDPOINT, "URL of Quay's API without `/api/v1`; the registry's own host by default"),
            ],
            auth_methods: vec![
                token(ROBOT, "A robot account and its token"),
                AuthMethod {
                    hosts: vec!["https://{registry}".into(), "https://quay.io".into()],
                    ..token(OAUTH, "An OAuth access token, which also opens Quay's API")
                },
                token(APP, "A token of a user's application"),
                password::method(),
            ],
            hosts: Vec::new(),
        }
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let Some((namespace, name)) = image.repository.split_once('/') else {
            return Err(Failure::invalid_input(format!(
                "image path `{}` does not fit Quay, expected `namespace/repository`",
                image.repository
            ))
            .hint(format!("name the image e.g. `{}/<namespace>/{}`", image.host, image.repository)));
        };
        let options = registry.options();
        let create = options.flag("create-repository")?.unwrap_or(false);
        let public = match options.get("visibility") {
            None | Some("private") => false,
            Some("public") => true,
            Some(other) => {
                let wrong = format!("option `visibility` is `{other}`, expected `private` or `public`");
                return Err(Failure::invalid_input(wrong).hint("write `--option visibility=private`"));
            }
        };
        // A mount without its source fails on Quay; the host names the source always.
        let prepared = Prepared::new(UploadProfile::standard());
        let Some(connector) = connector else { return Ok(prepared) };
        if connector.method == OAUTH {
            let url = options.url(ENDPOINT)?.unwrap_or_else(|| format!("https://{}", image.host));
            let api = Api::new(&connector, url)?;
            return Ok(match api.check(namespace, name, create.then_some(public))? {
                Some(note) => prepared.note(note),
                None => prepared,
            });
        }
        let robot_of = connector.text("username").and_then(|name| name.split_once('+')).map(|(namespace, _)| namespace);
        let prepared = match robot_of {
            Some(home) if home != namespace => prepared.note(format!(
                "the robot belongs to `{home}` and not to `{namespace}`: Quay lets it push there only if it was given access"
            )),
            _ => prepared,
        };
        Ok(match create {
            true => prepared.note(
                "only an OAuth token opens Quay's API: the repository was neither checked nor created in advance",
            ),
            false => prepared,
        })
    }

    fn credentials(_: Registry, connector: Option<Connector>, _: Image) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        let username = match connector.method.as_str() {
            ROBOT => robot(connector.text("username").unwrap_or_default())?,
            OAUTH => "$oauthtoken".to_owned(),
            APP => "$app".to_owned(),
            _ => return password::credential(connector),
        };
        let token = connector.into_secret("token").ok_or_else(api::no_token)?;
        Ok(Credential::basic(username, Password::Secret(token)).into())
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        if connector.method != OAUTH {
            return Err(Failure::unsupported("only an OAuth token of Quay can be proved without a registry"));
        }
        // The token may be of any Quay, and is nothing that quay.io should see if it is of another.
        let Some(url) = options.url(ENDPOINT)? else {
            return Err(Failure::unsupported(format!(
                "which Quay the token is of is not known without the option `{ENDPOINT}`"
            ))
            .hint(format!(
                "say so with `--option {ENDPOINT}=https://{}`, or run `crhost registry verify` on a registry that uses it",
                uri::QUAY
            )));
        };
        Api::new(&connector, url)?.user()
    }
}

crhost_flavor::export!(Quay);

/// Checks the name of a robot.
fn robot(name: &str) -> Result<String, Failure> {
    match name.split_once('+') {
        Some((namespace, short)) if !namespace.is_empty() && !short.is_empty() && !short.contains('+') => {
            Ok(name.to_owned())
        }
        _ => Err(Failure::invalid_input(format!("`{name}` is no robot of Quay, expected `namespace+name`"))
            .hint("copy the name from the robot's page, e.g. `acme+ci`")),
    }
}

#[cfg(test)]
mod tests;
