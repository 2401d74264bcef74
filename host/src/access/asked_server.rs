//! A server that is asked in the place of a flavor.

use parking_lot::Mutex;

use super::error::AccessError;
use super::wire_profile::profile_of;
use crate::environment::Environment;
use crate::flavor::{Prepared, Purpose, RegistryView};
use crate::image::Reference;
use crate::server_client::{CredentialAnswer, CredentialRequest, ServerClient, ServerError};
use crate::text::Escaped;

/// The server, with the answer that a login after a preparation takes.
pub(super) struct AskedServer {
    client: ServerClient,
    /// One answer has both: it is not asked twice for one push.
    prepared: Mutex<Option<(Reference, CredentialAnswer)>>,
}

impl AskedServer {
    /// The server that the environment names.
    pub(super) fn of(environment: &Environment) -> Result<Option<Self>, ServerError> {
        let client = ServerClient::of(environment)?;
        Ok(client.map(|client| Self { client, prepared: Mutex::default() }))
    }

    /// Its URL, for users.
    pub(super) fn shown(&self) -> Escaped {
        self.client.shown()
    }

    /// Has it prepare a push, with its own rights.
    pub(super) async fn prepare(&self, registry: &RegistryView, image: &Reference) -> Result<Prepared, AccessError> {
        let answer = self.ask(registry, Some(image), Purpose::Push, false).await?;
        let prepared = Prepared {
            profile: profile_of(answer.upload.as_ref()).ok_or(AccessError::OtherServer)?,
            notes: answer.notes.clone(),
        };
        *self.prepared.lock() = Some((image.clone(), answer));
        Ok(prepared)
    }

    /// Has it give credentials; those that came with a preparation are taken once.
    pub(super) async fn credentials(
        &self,
        registry: &RegistryView,
        image: Option<&Reference>,
        purpose: Purpose,
        fresh: bool,
    ) -> Result<CredentialAnswer, AccessError> {
        let prepared = self.prepared.lock().take();
        if let Some((prepared_image, answer)) = prepared
            && !fresh
            && image == Some(&prepared_image)
            && purpose == Purpose::Push
        {
            return Ok(answer);
        }
        self.ask(registry, image, purpose, fresh).await
    }

    async fn ask(
        &self,
        registry: &RegistryView,
        image: Option<&Reference>,
        purpose: Purpose,
        fresh: bool,
    ) -> Result<CredentialAnswer, AccessError> {
        let operation = match purpose {
            Purpose::Push => "push",
            Purpose::Delete => "delete",
            Purpose::Pull | Purpose::Listing => "pull",
        };
        let request = CredentialRequest {
            registry: registry.name.clone(),
            repository: image.map(|image| image.repository().to_string()),
            tag: image.and_then(|image| image.tag()).map(ToString::to_string),
            operation: operation.to_owned(),
            fresh,
        };
        let answer = self.client.credentials(&request).await?;
        // Credentials are for the registry that they were asked for: the server names hosts, and may be wrong.
        if answer.host == registry.uri.host().as_str() { Ok(answer) } else { Err(AccessError::OtherServer) }
    }
}
