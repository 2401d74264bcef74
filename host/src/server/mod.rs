//! The server of a team: callers prove who they are by an id token, rules say what they may do, and flavors give logins
//! that end. No layer passes through it.
//!
//! Registries, connectors and flavors are those of the store, which several servers share; nothing else is shared, and
//! any of them may be killed at any time.

mod api;
mod audit;
pub(crate) mod certificate;
mod clock;
mod connections;
mod error;
mod issuers;
mod key_files;
mod limits;
mod listener;
mod logins;
mod metrics;
pub(crate) mod rules;
mod stamp;
mod stores;
mod tls;
pub(crate) mod token;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;

pub(crate) use error::ServerFailure;

use crate::environment::{EnvVars, Environment};
use crate::flavor::Runtime;
use crate::store::Home;
use api::State;
use audit::Audit;
use certificate::Authorities;
use clock::Clock;
use connections::Connections;
use issuers::Issuers;
use limits::Limits;
use listener::Way;
use logins::{KeptBy, Logins};
use metrics::Metrics;
use rules::RulesFile;
use stores::Stores;
use tls::Tls;

/// What a server is started with.
pub(crate) struct Settings {
    /// The address to listen at.
    pub(crate) listen: SocketAddr,
    /// The file of the rules.
    pub(crate) rules: PathBuf,
    /// Certificate chain and key in PEM; without them, plain HTTP is spoken.
    pub(crate) tls: Option<(PathBuf, PathBuf)>,
    /// The directories and the database.
    pub(crate) home: Home,
    /// The runtime of flavors.
    pub(crate) runtime: Runtime,
    /// The environment of the process, for connectors that read it.
    pub(crate) environment: Environment,
}

/// A server that listens.
pub(crate) struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
    state: Arc<State>,
}

/// Stores that are open for what is kept. A database has a hundred connections for all replicas.
const STORES: usize = 8;

/// Stores that are open for flavors that give logins: several registries may be slow at once.
const GIVERS: usize = 16;

/// Opens the store, reads the rules and binds the address.
///
/// # Errors
/// When one of them can't be used.
pub(crate) async fn bind(settings: Settings) -> Result<Server, ServerFailure> {
    let Settings { listen, rules, tls, home, runtime, environment } = settings;
    let rules = RulesFile::open(rules)?;
    key_files::check(&*rules.now()?)?;
    if tls.is_none() && !rules.now()?.authorities.is_empty() {
        tracing::warn!("callers by certificate are not known: this server speaks plain HTTP");
    }
    let authorities = Arc::new(Authorities::default());
    let tls = tls.map(|(chain, key)| Tls::load(chain, key, &*rules.now()?, Arc::clone(&authorities))).transpose()?;
    let stores = Arc::new(Stores::open(home.clone(), STORES)?);
    // One transaction of the audit runs at a time, and waits for no store of others.
    let recorders = Arc::new(Stores::open(home.clone(), 1)?);
    // Flavors take seconds, for which those who ask for what is kept do not wait.
    let givers = Arc::new(Stores::open(home, GIVERS)?);
    // A server asks no other one, and has no login of Docker's to give away.
    let environment = environment.with(EnvVars::CRHOST_SERVER, "");
    let metrics = Arc::new(Metrics::default());
    let clock = Clock::start(Arc::clone(&stores), Arc::clone(&metrics)).await;
    let kept_by = KeptBy { stores: Arc::clone(&stores), givers, clock: Arc::clone(&clock) };
    let logins = Logins::new(kept_by, runtime, environment, Arc::clone(&metrics));
    let (issuers, limits) = (Issuers::default(), Limits::default());
    let failed = |reason: std::io::Error| ServerFailure::Listen { address: listen, reason: reason.into() };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let audit = Audit::start(recorders, Arc::clone(&metrics));
    let state = Arc::new(State { rules, issuers, authorities, limits, logins, clock, stores, audit, metrics });
    Ok(Server { listener, address, tls, state })
}

impl Server {
    /// The address that it listens at.
    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is done, and then answers what it has begun.
    pub(crate) async fn run(self, shutdown: impl Future<Output = ()>) {
        let router = api::router(Arc::clone(&self.state));
        let connections = Connections::new(Arc::clone(&self.state.metrics));
        let way = Way { tls: self.tls, router, state: Arc::clone(&self.state), connections };
        listener::serve(self.listener, way, shutdown).await;
        self.state.audit.end().await;
    }
}
