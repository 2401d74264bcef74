//! Has flavors give logins: one at a time of all servers.
//!
//! What is prepared is prepared once for a tag, as flavors look at rules for tags, and is kept beside the credentials;
//! these are given once for a repository, whatever is pushed there.

use std::time::Instant;

use secrecy::SecretString;
use tokio::runtime::Handle;

use super::failures;
use super::login::{Granted, LoginKey};
use super::no_login::NoLogin;
use crate::access::{Access, AccessContext, AccessError, RegistryLogin, wire_of};
use crate::catalog::Catalog;
use crate::docker::Configuration;
use crate::environment::Environment;
use crate::error::Kind;
use crate::flavor::Runtime;
use crate::image::{Reference, Repository};
use crate::server::rules::Operation;
use crate::server_client::WireProfile;
use crate::store::{CachedCredential, RegistryRecord, Store};
use crate::text::Moment;

/// What was prepared is kept for so long, in seconds: about as long as a build with many pushes takes.
const PREPARED: u64 = 17 * 60;

/// What flavors run in.
pub(super) struct Giver {
    /// The sandbox.
    pub(super) runtime: Runtime,
    /// The environment, for connectors that read it.
    pub(super) environment: Environment,
}

/// How the registry takes uploads, and the flavor's notes.
type Prepared = (Option<WireProfile>, Vec<String>);

impl Giver {
    /// Has the flavor give a login, while no other server does. Gives the number of changes that the store had before.
    pub(super) fn give(&self, store: &Store, key: &LoginKey, fresh: bool) -> (i64, Result<Granted, NoLogin>) {
        match store.revision() {
            Ok(revision) => (revision, Handle::current().block_on(self.ask(store, key, fresh, revision))),
            Err(error) => (0, Err(error.into())),
        }
    }

    async fn ask(&self, store: &Store, key: &LoginKey, fresh: bool, revision: i64) -> Result<Granted, NoLogin> {
        failures::check(store, key, revision)?;
        // Told before others have their turn.
        let told = |error: AccessError| {
            let error = NoLogin::from(error);
            failures::tell(store, key, revision, &error);
            error
        };
        let registry = store.registry(&key.registry)?;
        let image = match &key.repository {
            Some(repository) => Some(image(&registry, repository, key)?),
            None => None,
        };
        let catalog = Catalog::new(&self.runtime, store);
        // Empty: what the server's own user has logged in to is not for others.
        let (docker, environment) = (Configuration::load(&Environment::default()), &self.environment);
        let context = AccessContext { store, catalog: &catalog, docker: &docker, environment };
        let access = Access::to(context, &registry).await?.with_purpose(key.operation.purpose());
        let (upload, notes) = match (key.operation, &image) {
            (Operation::Push, Some(image)) => prepared(store, &access, key, image, revision, told).await?,
            _ => Prepared::default(),
        };
        let place = format!("{} {} {}", key.registry, key.operation, shown(key.repository.as_ref()));
        let _turn = turn(store, &place);
        failures::check(store, key, revision)?;
        let login = match &image {
            Some(image) => access.repository_login(image, fresh).await.map_err(told)?,
            None => access.kept_registry_login().await.map_err(told)?,
        };
        let RegistryLogin { credential, expires_at, .. } = login;
        let component = access.component().cloned();
        Ok(Granted { registry, credential, expires_at, upload, notes, component, given: Instant::now() })
    }
}

/// What the flavor prepares for a push, or has prepared for another server.
async fn prepared(
    store: &Store,
    access: &Access<'_>,
    key: &LoginKey,
    image: &Reference,
    revision: i64,
    told: impl Fn(AccessError) -> NoLogin,
) -> Result<Prepared, NoLogin> {
    let _turn = turn(store, &format!("prepare {} {image}", key.registry));
    let name = format!("prepared\0{revision}\0{}\0{image}", key.registry).into_bytes();
    let found = store.as_cache(store.cached_credential(&name, Moment::now().0)).flatten();
    if let Some(prepared) = found.and_then(|found| serde_json::from_str(&found.username).ok()) {
        return Ok(prepared);
    }
    failures::check(store, key, revision)?;
    let prepared = access.prepare(image).await.map_err(told)?;
    let prepared = (Some(wire_of(&prepared.profile)), prepared.notes);
    // Numbers and texts, which JSON can always represent. The place of a user name: it is sealed, too.
    let kept = CachedCredential {
        username: serde_json::to_string(&prepared).unwrap_or_default(),
        password: SecretString::default(),
        expires_at: Moment::now().0.saturating_add(PREPARED),
        given_at: None,
    };
    store.as_cache(store.cache_credential(&name, &kept));
    Ok(prepared)
}

/// Waits for the turn of a name. Without a turn it works too, with one more call of the provider.
fn turn(store: &Store, name: &str) -> Option<impl Sized + use<>> {
    store.turn(name).inspect_err(|error| tracing::debug!("no turn: {error}")).ok()
}

fn shown(repository: Option<&Repository>) -> &str {
    repository.map_or("", Repository::as_str)
}

/// The image's name in the registry, which has to own it.
fn image(registry: &RegistryRecord, repository: &Repository, key: &LoginKey) -> Result<Reference, NoLogin> {
    let image = Reference::new(registry.uri.host().clone(), repository.clone(), key.tag.clone(), None);
    if registry.uri.owns(&image) {
        return Ok(image);
    }
    let detail = format!("`{repository}` is not in the registry `{}`, which is `{}`", registry.name, registry.uri);
    let hint = Some("name the whole repository, as in names of images after the host".into());
    Err(NoLogin { kind: Kind::Usage, log: detail.as_str().into(), detail: Some(detail.into()), hint, asked: None })
}
