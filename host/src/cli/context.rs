//! The parts that commands share: the store, the flavors' runtime, the form of results.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::failure::Failure;
use super::of_server;
use super::output::{self, Format};
use super::selection;
use crate::certificates;
use crate::configuration::{KeptComponents, Records};
use crate::docker::ClientFile;
use crate::environment::{EnvVars, Environment};
use crate::error::{Explain as _, Kind};
use crate::files::trust::{CacheDistrust, Distrust, cache_directory, existing_directory, own_directory};
use crate::flavor::compile::Announce;
use crate::flavor::{LimitFactor, Runtime};
use crate::store::{Home, KeyServices, NoHome, Store};
use crate::text::{Foreign, printable};

/// What reads files for a context, which layers above know.
#[derive(Clone, Copy)]
pub(super) struct Readers {
    /// Gives a store with all that a file has registered.
    pub(super) store: fn(&Context, &Path) -> Result<Store, Failure>,
    /// Gives what asks the service of a file that names a key.
    pub(super) keys: fn(&Environment) -> KeyServices,
}

/// The context of a command.
pub(super) struct Context {
    /// The form of results.
    pub(super) format: Format,
    /// The environment of the process.
    pub(super) environment: Environment,
    /// The file that has all that is registered, in place of the store.
    pub(super) config: Option<PathBuf>,
    /// What reads that file, and others.
    readers: Readers,
    /// What that file came to, once it was read.
    pub(super) configured: OnceLock<Records>,
    /// The runtime that it was read with, which has its flavors loaded.
    pub(super) loaded: OnceLock<Runtime>,
}

impl Context {
    /// The context of a command with these options.
    pub(super) fn new(format: Format, environment: Environment, config: Option<PathBuf>, readers: Readers) -> Self {
        Self { format, environment, config, readers, configured: OnceLock::new(), loaded: OnceLock::new() }
    }

    /// The context of a command that other programs call, without options.
    pub(super) fn of_variables(environment: Environment, readers: Readers) -> Self {
        let config = environment.path(EnvVars::CRHOST_CONFIG);
        Self::new(Format::default(), environment, config, readers)
    }

    /// Whether results are made as JSON, of which a part may be all that is shown. Whether messages are JSON says
    /// [`output::is_json`].
    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json || selection::is_chosen()
    }

    /// The directories of everything that crhost keeps.
    pub(super) fn home(&self) -> Result<Home, Failure> {
        Ok(self.home_if_any()?)
    }

    /// What is registered: what a server has, what the file of `--config` says, or what the store has.
    pub(super) fn store(&self) -> Result<Store, Failure> {
        if let Some(store) = of_server::store(&self.environment)? {
            // Credentials would be asked of the server for what the file says.
            return match &self.config {
                None => Ok(store),
                Some(_) => {
                    let hint = "unset CRHOST_SERVER to work with the file, or leave the file out";
                    Err(Failure::new(Kind::Usage, "a file and a server can't both say what is registered", hint))
                }
            };
        }
        match &self.config {
            Some(file) => (self.readers.store)(self, file),
            None => self.own_store(),
        }
    }

    /// Refuses a file in place of the store, for a command that would not look at it.
    pub(super) fn refuse_config(&self, message: &str) -> Result<(), Failure> {
        match &self.config {
            None => Ok(()),
            Some(file) => {
                let file = printable(&file.to_string_lossy(), 200);
                let hint =
                    format!("leave out `--config` and CRHOST_CONFIG; `crhost apply {file}` registers what it says");
                Err(Failure::new(Kind::Usage, message, hint))
            }
        }
    }

    /// The store; without a home directory, an empty one.
    pub(super) fn own_store(&self) -> Result<Store, Failure> {
        match self.home_if_any() {
            Ok(home) => Ok(Store::open(&home)?),
            Err(reason) => Ok(Store::without_file(Path::new("."), &reason)?),
        }
    }

    /// The store, or an empty one where it can't be used: for a command that needs nothing of it.
    pub(super) fn store_if_usable(&self) -> Result<Store, Failure> {
        if self.config.is_some() {
            return self.store();
        }
        let Ok(home) = self.home_if_any() else { return self.store() };
        match Store::open(&home) {
            Ok(store) => Ok(store),
            Err(reason) => {
                output::say("warning", &format!("nothing that is stored is used, and nothing is kept: {reason}"));
                Ok(Store::without_file(home.data(), &reason)?)
            }
        }
    }

    /// Directories with certificates for single hosts. The user's own is left out where others can file authorities in
    /// it, as those could read what is sent to a host.
    pub(super) fn certificate_directories(&self) -> Vec<PathBuf> {
        let home = self.home().ok();
        let assumed = home.as_ref().and_then(Home::trusted);
        let is_trusted = |directory: &Path| match existing_directory(directory, assumed) {
            Ok(_) => true,
            Err(reason) => {
                let message = format!("certificates in `{}` are not used: {reason}", directory.display());
                output::say("warning", &message);
                false
            }
        };
        let own = self.environment.config_directory();
        let own = own.map(|config| certificates::own_directory(&config)).filter(|own| own.is_dir() && is_trusted(own));
        certificates::standard_directories(own)
    }

    /// The file of another client that is edited: the named one, otherwise Docker's `config.json`.
    pub(super) fn client_file(&self, named: Option<PathBuf>) -> Result<ClientFile, Failure> {
        Ok(named.map_or_else(|| ClientFile::of_docker(&self.environment), |path| Ok(ClientFile::at(path)))?)
    }

    /// The directories of everything that crhost keeps, or why there are none.
    pub(super) fn home_if_any(&self) -> Result<Home, NoHome> {
        self.home_of(&self.environment)
    }

    /// The same in another environment, whose shared database may be opened by the key of a service.
    pub(super) fn home_of(&self, environment: &Environment) -> Result<Home, NoHome> {
        Ok(Home::find(environment)?.with_key_services((self.readers.keys)(environment)))
    }

    /// The runtime of flavors, for a command that makes nothing: compiled code is cached only where it is already.
    pub(super) fn runtime_as_it_is(&self) -> Result<Runtime, Failure> {
        let home = self.home().ok().filter(|home| home.compiled().exists());
        self.runtime_with(home.and_then(|home| cache_directory(&home.compiled(), home.trusted()).ok()))
    }

    /// The runtime of flavors. Compiled code is cached only where other users can't write: its author would run code as
    /// this user.
    pub(super) fn runtime(&self) -> Result<Runtime, Failure> {
        if let Some(loaded) = self.loaded.get() {
            return Ok(loaded.clone());
        }
        self.runtime_with(self.home().ok().and_then(|home| code_cache(&home)))
    }

    /// Components that were fetched for files.
    pub(super) fn kept_components(&self) -> Option<KeptComponents> {
        self.home().ok().map(|home| KeptComponents::at(&home.components()))
    }

    /// The directory with records of verified blobs, where only this user can write.
    pub(super) fn verified(&self) -> Option<PathBuf> {
        let home = self.home().ok()?;
        let directory = own_directory(&home.verified(), home.trusted());
        directory.inspect_err(|reason| tracing::debug!("verified blobs are not remembered: {reason}")).ok()
    }

    fn runtime_with(&self, cache: Option<PathBuf>) -> Result<Runtime, Failure> {
        if let Some(factor) = self.environment.text(EnvVars::CRHOST_COMPONENT_LIMITS) {
            raise_limits(&factor)?;
        }
        // Components that are not cached are compiled by a child process of the same program.
        let program = std::env::current_exe()
            .and_then(std::fs::canonicalize)
            .map_err(|error| Failure::general(format!("the program's own file can't be found: {}", Foreign(error))))?;
        // With JSON, standard error is for one error object.
        let announce: Option<Announce> = if output::is_json() { None } else { Some(announce) };
        Ok(Runtime::guarded(cache.as_deref(), program, self.certificate_directories(), announce)?)
    }
}

/// Raises the limits of components by the factor that the environment names.
fn raise_limits(factor: &str) -> Result<(), Failure> {
    let wrong = |expected| {
        let message = format!("{} is `{}`, {expected}", EnvVars::CRHOST_COMPONENT_LIMITS, printable(factor, 80));
        Failure::new(Kind::Usage, message, "unset it unless a flavor needs it: see `docs/reference/limits.md`")
    };
    factor.parse::<LimitFactor>().map(LimitFactor::apply).map_err(wrong)
}

/// The directory of compiled flavors, if it can be used.
fn code_cache(home: &Home) -> Option<PathBuf> {
    let directory = home.compiled();
    match cache_directory(&directory, home.trusted()) {
        Ok(cache) => Some(cache),
        Err(CacheDistrust::Directory(reason @ Distrust::Io(..))) => {
            tracing::debug!("compiled flavors are not kept in `{}`: {reason}", directory.display());
            None
        }
        Err(reason) => {
            let message = format!("compiled flavors are not kept in `{}`: {reason}", directory.display());
            output::say("warning", &message);
            reason.hint().iter().for_each(|hint| output::say("hint", hint));
            None
        }
    }
}

/// Tells that a component is compiled, whose label was written by the user or checked: a push waits for it.
fn announce(label: &str, size: usize) {
    output::say_line(&format!("compiling flavor `{label}` ({} MB), once", size.div_ceil(1_000_000)));
}
