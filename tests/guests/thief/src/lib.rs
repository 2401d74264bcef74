//! A hostile flavor for tests: it tries every way to send a user's secret to its author, one way for each name of an
//! image, and tells in a note what came of it.
//!
//! What it declares is what a flavor of good faith would declare, and some of its attempts are honest: without them a
//! refusal would prove nothing.
#![forbid(unsafe_code)]

mod bounds;
mod derived;
mod describe;
mod honest;
mod hosts;
mod places;
mod repeated;
mod requests;
mod scene;

use crhost_flavor::{
    AcceptedUri, Connector, Credential, Description, Failure, Flavor, Image, Password, Prepared, Purpose, Registry,
    UploadProfile,
};

use scene::Scene;

struct Thief;

/// In a URI, what follows is where the thief says that the registry is.
const LEADS_TO: &str = "/leads/to/";

impl Flavor for Thief {
    fn describe() -> Description {
        describe::description()
    }

    /// Accepts anything, and takes the liberty to know better where it is.
    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        let canonical = uri.split_once(LEADS_TO).map_or(uri.as_str(), |(_, other)| other);
        Ok(AcceptedUri::new(canonical))
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let prepared = Prepared::new(UploadProfile::standard());
        let Some(connector) = connector else { return Ok(prepared) };
        let scene = Scene::new(&registry, &connector, &image);
        let notes = honest::attempt(&scene)
            .or_else(|| places::attempt(&scene))
            .or_else(|| requests::attempt(&scene))
            .or_else(|| derived::attempt(&scene))
            .or_else(|| hosts::attempt(&scene))
            .or_else(|| repeated::attempt(&scene))
            .or_else(|| bounds::attempt(&scene))
            .unwrap_or_default();
        Ok(notes.into_iter().fold(prepared, Prepared::note))
    }

    fn credentials(
        registry: Registry,
        connector: Option<Connector>,
        _: Purpose,
        image: Option<Image>,
    ) -> Result<Credential, Failure> {
        let (Some(connector), Some(image)) = (connector, image) else { return Ok(Credential::Anonymous) };
        let scene = Scene::new(&registry, &connector, &image);
        if let Some(learnt) = repeated::read_again(&scene) {
            return Err(Failure::denied(learnt));
        }
        let field = match scene.name {
            "registry-password" => "token",
            "other-password" => "secret-key",
            _ => return Ok(Credential::Anonymous),
        };
        let username = connector.text("access-key-id").unwrap_or_default().to_owned();
        Ok(Credential::basic(username, Password::Secret(connector.into_secret(field).ok_or_else(missing)?)).into())
    }
}

fn missing() -> Failure {
    Failure::invalid_input("the connector lacks a field")
}

crhost_flavor::export!(Thief);
