//! The flavor `dockerhub`: Docker Hub, under all the names that people give it.
//!
//! Other registries are accepted with a warning, because documents that users follow have them under this flavor.
#![forbid(unsafe_code)]

mod api;
mod cleanup;
mod names;
mod oidc;
mod uri;

use crhost_flavor::id_tokens::{Claims, IdToken, Instruction};
use crhost_flavor::{
    AcceptedUri, Connector, Credential, Description, Failure, Flavor, Image, OptionSpec, Options, Prepared, Purpose,
    Registry, UploadProfile, password,
};

use api::{ENDPOINT, HubApi, Wanted};
use oidc::OIDC;

/// The flavor.
pub struct DockerHub;

impl Flavor for DockerHub {
    fn describe() -> Description {
        Description::new(
            "dockerhub",
            env!("CARGO_PKG_VERSION"),
            "Docker Hub, with a password or token, or Docker's own credentials",
        )
        .documentation("https://docs.docker.com/docker-hub/")
        .uri_examples(["docker.io/acme", "acme", "docker.io"])
        .option(
            OptionSpec::choice(
                Wanted::CREATE,
                "Create a missing repository, as a private or a public one",
                ["no", "private", "public"],
            )
            .default("no"),
        )
        .option(
            OptionSpec::flag(Wanted::PRIVATE, "Stop the push unless the repository is known to be private")
                .default("false"),
        )
        .option(ENDPOINT.spec("Docker Hub's API"))
        // The API takes the same password.
        .auth_method(password::method().operation(api::sign_in()))
        .auth_method(oidc::method())
        .operation(api::look_up())
        .operation(api::create())
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let prepared = Prepared::new(UploadProfile::standard());
        let options = registry.options();
        // The option says that Docker Hub is behind the host.
        if !names::is_hub(&image.host) && options.get(ENDPOINT.option).is_none() {
            return Ok(prepared);
        }
        check_repository(&registry.uri, &image.repository)?;
        if image.repository.starts_with("library/") {
            return Ok(prepared.note("`library` holds Docker's official images; only their maintainers may push there"));
        }
        let wanted = Wanted::of(&options)?;
        // What a token of a connection opens is not documented for the API.
        let Some(connector) = connector.filter(|connector| connector.method != OIDC) else {
            if wanted == Wanted::default() {
                return Ok(prepared);
            }
            let no_api = Failure::denied("only a connector with a password opens Docker Hub's API");
            return Ok(prepared.notes(wanted.unchecked(&image.repository, no_api)?));
        };
        Ok(prepared.notes(HubApi::new(&connector, &options)?.check(&image.repository, wanted)?))
    }

    fn credentials(
        registry: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        match connector {
            None => Ok(Credential::DockerConfig),
            Some(connector) if connector.method == OIDC => oidc::credential(&connector, &registry.options()),
            Some(connector) => password::credential(connector),
        }
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        if connector.method == OIDC {
            return oidc::identify(&connector, options);
        }
        // Passwords of every registry have this method; only the option says that this one is for Docker Hub.
        if options.get(ENDPOINT.option).is_none() {
            return Err(Failure::unsupported("a password of type `docker` does not say that it is for Docker Hub")
                .hint(format!("say so with `--option {}={}`", ENDPOINT.option, ENDPOINT.address)));
        }
        HubApi::new(&connector, options)?.identify()
    }

    fn describe_id_tokens() -> Vec<IdToken> {
        vec![oidc::id_token()]
    }

    fn explain_trust(connector: Connector, _: &Options, claims: &Claims) -> Result<Vec<Instruction>, Failure> {
        oidc::explain(&connector, claims)
    }

    crhost_flavor::cleanup!(cleanup::Api);
}

crhost_flavor::export!(DockerHub);

/// Checks an image's repository: on Docker Hub it is `namespace/repository`, no less and no more.
fn check_repository(registry: &str, repository: &str) -> Result<(), Failure> {
    let components: Vec<&str> = repository.split('/').collect();
    let corrected = match components.as_slice() {
        [namespace, name] => return names::check_namespace(namespace).and_then(|()| names::check_name(name)),
        [name] => {
            let namespace = registry.split('/').nth(1).unwrap_or("<account>");
            format!("docker.io/{namespace}/{name}")
        }
        [namespace, rest @ ..] => format!("docker.io/{namespace}/{}", rest.join("-")),
        [] => "docker.io/<account>/<repository>".to_owned(),
    };
    Err(Failure::invalid_input(format!(
        "image path `{repository}` does not fit Docker Hub, expected `namespace/repository`"
    ))
    .hint(format!("name the image e.g. `{corrected}`")))
}

#[cfg(test)]
mod tests;
