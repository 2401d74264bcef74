//! Access by a server: preparation and credentials are what it answers.

use parking_lot::Mutex;

use super::account::Account;
use super::asked_server::AskedServer;
use super::error::AccessError;
use super::given::Given;
use super::kept::{self, RegistryLogin};
use super::{Access, AccessContext};
use crate::credential::Credential;
use crate::flavor::{Flavor, Purpose, RegistryView};
use crate::image::Reference;
use crate::store::{CachedCredential, RegistryRecord};
use crate::text::Moment;

impl<'a> Access<'a> {
    /// The access to a registry of the server that the environment names; `None` where it names none.
    ///
    /// # Errors
    /// When what the environment says of the server is invalid.
    pub(crate) fn of_server(
        context: AccessContext<'a>,
        registry: &RegistryRecord,
    ) -> Result<Option<Self>, AccessError> {
        let server = AskedServer::of(context.environment)?;
        Ok(server.map(|server| Self::by_server(context, registry, server)))
    }

    /// The access to a registry of the server.
    fn by_server(context: AccessContext<'a>, registry: &RegistryRecord, server: AskedServer) -> Self {
        let view = RegistryView {
            name: registry.name.to_string(),
            uri: registry.uri.clone(),
            options: registry.options.clone().into_iter().collect(),
            grants: Vec::new(),
        };
        Self {
            context,
            flavor: None,
            server: Some(server),
            registry: view,
            connector: None,
            connector_name: None,
            purpose: Purpose::Push,
            keeps: false,
            account: Mutex::default(),
        }
    }

    /// Whether a server is asked in the place of a flavor.
    #[must_use]
    pub(crate) fn is_by_server(&self) -> bool {
        self.server.is_some()
    }

    /// What the server gives. `asks_again` where the registry refused what it gave before.
    pub(super) async fn given_by(
        &self,
        server: &AskedServer,
        image: Option<&Reference>,
        asks_again: bool,
    ) -> Result<Given, AccessError> {
        let fresh = asks_again && image.is_some();
        let answer = server.credentials(&self.registry, image, self.purpose, fresh).await?;
        let credential = match (answer.username, answer.password) {
            (Some(username), Some(password)) => kept::credential(username, password),
            _ if answer.anonymous => Credential::Anonymous,
            _ => return Err(AccessError::OtherServer),
        };
        *self.account.lock() = Account::of_server(&credential, &server.shown());
        let end = answer.expires_at.and_then(|end| humantime::parse_rfc3339(&end).ok());
        let expires_at = end.map(|end| Moment::from(end).0);
        Ok(Given { credential, given_at: Some(Moment::now().0), expires_at, is_for_later: false })
    }

    /// Credentials for an image's repository, with their end: kept ones, or new ones.
    ///
    /// # Errors
    /// As for [`Access::login`].
    pub(crate) async fn repository_login(&self, image: &Reference, fresh: bool) -> Result<RegistryLogin, AccessError> {
        if fresh {
            self.forget(image);
        } else if let Some(CachedCredential { username, password, expires_at, given_at }) = self.cached(image) {
            let credential = kept::credential(username, password);
            return Ok(RegistryLogin { credential, given_at, expires_at: Some(expires_at) });
        }
        let Given { credential, given_at, expires_at, .. } = self.give(Some(image), true).await?;
        Ok(RegistryLogin { credential, given_at, expires_at })
    }

    /// The flavor, where no server is asked.
    pub(super) fn flavor(&self) -> Result<&Flavor, AccessError> {
        self.flavor.as_ref().ok_or(AccessError::OtherServer)
    }
}
