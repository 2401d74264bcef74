//! The flavor `dockerhub`: Docker Hub, under all the names that people give it.
//!
//! Other registries are accepted with a warning, because documents that users follow have them under this flavor.
#![forbid(unsafe_code)]

mod names;
mod uri;

use crhost_flavor::{
    AcceptedUri, Connector, Credential, Description, Failure, Flavor, Image, Prepared, Registry, UploadProfile,
};

/// The flavor.
pub struct DockerHub;

impl Flavor for DockerHub {
    fn describe() -> Description {
        Description {
            name: "dockerhub".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Docker Hub, with the credentials of Docker's configuration".to_owned(),
            documentation: Some("https://docs.docker.com/docker-hub/".to_owned()),
            uri_examples: ["docker.io/acme", "acme", "docker.io"].map(str::to_owned).to_vec(),
            options: Vec::new(),
            auth_methods: Vec::new(),
            hosts: Vec::new(),
        }
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::accept(&uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        refuse_connector(connector)?;
        let prepared = Prepared::new(UploadProfile::standard());
        if !names::is_hub(&image.host) {
            return Ok(prepared);
        }
        check_repository(&registry.uri, &image.repository)?;
        Ok(match image.repository.starts_with("library/") {
            true => prepared.note("`library` holds Docker's official images; only their maintainers may push there"),
            false => prepared,
        })
    }

    fn credentials(_: Registry, connector: Option<Connector>, _: Image) -> Result<Credential, Failure> {
        refuse_connector(connector)?;
        Ok(Credential::DockerConfig)
    }
}

crhost_flavor::export!(DockerHub);

/// A repository of Docker Hub is `namespace/repository`, no less and no more.
fn check_repository(registry: &str, repository: &str) -> Result<(), Failure> {
    let components: Vec<&str> = repository.split('/').collect();
    let corrected = match components.as_slice() {
        [namespace, _] => return names::check_namespace(namespace),
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

fn refuse_connector(connector: Option<Connector>) -> Result<(), Failure> {
    match connector {
        None => Ok(()),
        Some(connector) => Err(Failure::unsupported(format!(
            "flavor `dockerhub` uses no connector and was given one of method `{}`, expected none",
            connector.method
        ))
        .hint("detach the connector and run `docker login`")),
    }
}

#[cfg(test)]
mod tests;
