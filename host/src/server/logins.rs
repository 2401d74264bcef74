//! Logins: given by flavors in their sandbox, once for all who ask at the same time, and kept until shortly before
//! their end, as long as nothing in the store changes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::metrics::Metrics;
use super::rules::Operation;
use super::stores::Stores;
use crate::access::{Access, AccessContext, AccessError, RegistryLogin, handed_out_until, wire_of};
use crate::catalog::Catalog;
use crate::credential::Credential;
use crate::docker::Configuration;
use crate::environment::Environment;
use crate::error::{Explain as _, Kind};
use crate::flavor::Runtime;
use crate::image::{Digest, Reference, Repository, Tag};
use crate::server_client::WireProfile;
use crate::store::{Name, RegistryRecord, Store, StoreError};
use crate::text::{Escaped, Moment};

/// What a login is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LoginKey {
    /// The registry's name.
    pub(crate) registry: Name,
    /// The operation.
    pub(crate) operation: Operation,
    /// The repository; `None` for the whole registry.
    pub(crate) repository: Option<Repository>,
    /// The tag, where the flavor prepares its push.
    pub(crate) tag: Option<Tag>,
}

/// A login, with what was prepared for it.
pub(crate) struct Granted {
    /// The registry.
    pub(crate) registry: RegistryRecord,
    /// The credentials.
    pub(crate) credential: Credential,
    /// Unix time in seconds at which they end; absent if no end is known.
    pub(crate) expires_at: Option<u64>,
    /// How the registry takes uploads, for a push.
    pub(crate) upload: Option<WireProfile>,
    /// The flavor's notes.
    pub(crate) notes: Vec<String>,
    /// The digest of the flavor's component.
    pub(crate) component: Option<Digest>,
    /// When they were given, or found.
    given: Instant,
}

/// Why there is no login, in the words of those below. It is told to all who asked.
#[derive(Debug, Clone)]
pub(crate) struct NoLogin {
    /// The kind of failure.
    pub(crate) kind: Kind,
    /// What happened, for the caller; absent where it is the server's own affair.
    pub(crate) detail: Option<Escaped>,
    /// What to do.
    pub(crate) hint: Option<Escaped>,
    /// All of it, for the log.
    pub(crate) log: Escaped,
}

/// All logins of this process.
pub(crate) struct Logins {
    stores: Arc<Stores>,
    /// Those that flavors work with.
    givers: Arc<Stores>,
    parts: Arc<Parts>,
    metrics: Arc<Metrics>,
    kept: Mutex<HashMap<LoginKey, Arc<tokio::sync::Mutex<Option<Kept>>>>>,
    /// Calls that each registry may have yet.
    calls: Mutex<HashMap<Name, Arc<Semaphore>>>,
}

struct Parts {
    runtime: Runtime,
    environment: Environment,
}

/// What came of asking, and at which number of changes of the store.
struct Kept {
    revision: i64,
    outcome: Result<Arc<Granted>, NoLogin>,
    /// Unix time in seconds until which it is good.
    until: u64,
}

/// Logins without a known end are asked for again after about this time.
const LASTING: u64 = 17 * 60;

/// A failure is told to others for so long: a provider that throttles is not asked by each of a thousand callers.
const FAILED: u64 = 2;

/// A login that a registry refused is not younger than this, or others have had it renewed.
const RENEWED: Duration = Duration::from_secs(20);

/// Logins of one registry that flavors give at the same time: one whose provider hangs leaves stores for the others.
const OF_ONE: usize = 4;

/// Registries whose calls are counted. Names of registries that are not there are counted, too.
const MAX_COUNTED: usize = 1_000;

/// Logins that are kept; those that ended are removed first.
const MAX_KEPT: usize = 20_000;

impl Logins {
    /// None yet.
    pub(crate) fn new(
        stores: Arc<Stores>,
        givers: Arc<Stores>,
        runtime: Runtime,
        environment: Environment,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            stores,
            givers,
            parts: Arc::new(Parts { runtime, environment }),
            metrics,
            kept: Mutex::default(),
            calls: Mutex::default(),
        }
    }

    /// A login. Of all that ask for the same at once, the flavor is called for one.
    ///
    /// # Errors
    /// When there is no such registry, it does not own the repository, or the flavor refuses or fails.
    pub(crate) async fn login(&self, key: &LoginKey, fresh: bool) -> Result<Arc<Granted>, NoLogin> {
        let cell = self.cell(key);
        let revision = self.stores.with(Store::revision).await?;
        let mut kept = cell.lock().await;
        if let Some(kept) = &*kept
            && kept.revision == revision
            && kept.is_good()
            && !kept.is_refused(fresh)
        {
            return kept.outcome.clone();
        }
        // It never fails: nobody closes it.
        let _call = self.calls_of(&key.registry).acquire_owned().await.ok();
        let (parts, wanted) = (Arc::clone(&self.parts), key.clone());
        let start = Instant::now();
        let given = self.givers.with(move |store| Ok::<_, StoreError>(parts.give(store, &wanted, fresh))).await;
        let (revision, outcome) = given?;
        self.metrics.call(start.elapsed(), outcome.is_ok());
        let now = Moment::now().0;
        let until = match &outcome {
            Ok(granted) => granted.expires_at.unwrap_or(now.saturating_add(LASTING)),
            Err(_) => now.saturating_add(FAILED),
        };
        let outcome = outcome.map(Arc::new);
        *kept = Some(Kept { revision, outcome: outcome.clone(), until });
        outcome
    }

    fn calls_of(&self, registry: &Name) -> Arc<Semaphore> {
        let mut all = self.calls.lock();
        if all.len() >= MAX_COUNTED {
            all.retain(|_, calls| calls.available_permits() < OF_ONE);
        }
        Arc::clone(all.entry(registry.clone()).or_insert_with(|| Arc::new(Semaphore::new(OF_ONE))))
    }

    fn cell(&self, key: &LoginKey) -> Arc<tokio::sync::Mutex<Option<Kept>>> {
        let mut all = self.kept.lock();
        if all.len() >= MAX_KEPT {
            all.retain(|_, cell| cell.try_lock().is_ok_and(|kept| kept.as_ref().is_some_and(Kept::is_good)));
            // Those that were given are in the store, too.
            if all.len() >= MAX_KEPT {
                all.clear();
            }
        }
        Arc::clone(all.entry(key.clone()).or_default())
    }
}

impl Kept {
    /// Whether it is handed out, or told, to others.
    fn is_good(&self) -> bool {
        match &self.outcome {
            Ok(_) => self.until > handed_out_until(),
            Err(_) => self.until > Moment::now().0,
        }
    }

    /// Whether the caller was refused with it, and nobody has had it renewed since.
    fn is_refused(&self, fresh: bool) -> bool {
        fresh && self.outcome.as_ref().is_ok_and(|granted| granted.given.elapsed() >= RENEWED)
    }
}

impl Parts {
    /// Has the flavor give a login, while no other server does. Gives the number of changes that the store had before.
    fn give(&self, store: &Store, key: &LoginKey, fresh: bool) -> (i64, Result<Granted, NoLogin>) {
        let name = format!("{} {} {}", key.registry, key.operation, shown(key.repository.as_ref()));
        // Without a turn it works too, with one more call of the provider.
        let turn = store.turn(&name).inspect_err(|error| tracing::debug!("no turn: {error}"));
        let revision = match store.revision() {
            Ok(revision) => revision,
            Err(error) => return (0, Err(error.into())),
        };
        let granted = Handle::current().block_on(self.ask(store, key, fresh));
        drop(turn);
        (revision, granted)
    }

    async fn ask(&self, store: &Store, key: &LoginKey, fresh: bool) -> Result<Granted, NoLogin> {
        let registry = store.registry(&key.registry)?;
        let image = match &key.repository {
            Some(repository) => Some(image(&registry, repository, key.tag.clone())?),
            None => None,
        };
        let catalog = Catalog::new(&self.runtime, store);
        // Empty: what the server's own user has logged in to is not for others.
        let (docker, environment) = (Configuration::load(&Environment::default()), &self.environment);
        let context = AccessContext { store, catalog: &catalog, docker: &docker, environment };
        let access = Access::to(context, &registry).await?.with_purpose(key.operation.purpose());
        let (mut upload, mut notes) = (None, Vec::new());
        if let (Operation::Push, Some(image)) = (key.operation, &image) {
            let prepared = access.prepare(image).await?;
            (upload, notes) = (Some(wire_of(&prepared.profile)), prepared.notes);
        }
        let login = match &image {
            Some(image) => access.repository_login(image, fresh).await?,
            None => access.kept_registry_login().await?,
        };
        let RegistryLogin { credential, expires_at, .. } = login;
        let component = access.component().cloned();
        Ok(Granted { registry, credential, expires_at, upload, notes, component, given: Instant::now() })
    }
}

fn shown(repository: Option<&Repository>) -> &str {
    repository.map_or("", Repository::as_str)
}

/// The image's name in the registry, which has to own it.
fn image(registry: &RegistryRecord, repository: &Repository, tag: Option<Tag>) -> Result<Reference, NoLogin> {
    let image = Reference::new(registry.uri.host().clone(), repository.clone(), tag, None);
    if registry.uri.owns(&image) {
        return Ok(image);
    }
    let detail = format!("`{repository}` is not in the registry `{}`, which is `{}`", registry.name, registry.uri);
    let hint = Some("name the whole repository, as in names of images after the host".into());
    Err(NoLogin { kind: Kind::Usage, log: detail.as_str().into(), detail: Some(detail.into()), hint })
}

impl From<StoreError> for NoLogin {
    fn from(error: StoreError) -> Self {
        let log = Escaped::of(&error);
        match error {
            // The other names are none of the caller's business.
            StoreError::NoRegistry { name, .. } => Self {
                kind: Kind::NotFound,
                detail: Some(format!("there is no registry named `{name}`").into()),
                hint: Some("`GET /v1/registries` lists those that you may use".into()),
                log,
            },
            error => Self { kind: error.kind(), detail: None, hint: None, log },
        }
    }
}

impl From<AccessError> for NoLogin {
    fn from(error: AccessError) -> Self {
        let (kind, log) = (error.kind(), Escaped::of(&error));
        match error {
            AccessError::Store(error) => error.into(),
            // Words of the flavor, for those who push; never a secret.
            AccessError::Flavor(_) => Self { kind, detail: Some(log.clone()), hint: error.hint(), log },
            _ => Self { kind, detail: None, hint: None, log },
        }
    }
}
