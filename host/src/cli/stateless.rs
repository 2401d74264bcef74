//! The store of a command with `--config`: all that the file has, in memory, and nothing else.

use std::path::Path;

use super::context::Context;
use super::failure::Failure;
use super::inspect::{InsecureArgument, Tools};
use super::{output, runtime};
use crate::configuration::{
    ConfigurationError, Evaluated, Fetched, Lock, Mode, Records, Sources, Staged, lock_of, resolve, stage,
};
use crate::error::{Explain, Kind};
use crate::store::Store;
use crate::text::{Escaped, Printable};

/// Why a store in memory can't be changed.
#[derive(Debug, thiserror::Error, Printable)]
#[error("what is registered is what `{0}` says")]
struct Configured(Escaped);

impl Explain for Configured {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hint(&self) -> Option<Escaped> {
        Some("change the file, or leave out `--config` and CRHOST_CONFIG".into())
    }
}

/// A store in memory with all that a file has. It can't be changed.
pub(super) fn store(context: &Context, file: &Path) -> Result<Store, Failure> {
    store_of(context, file, Evaluated::read)
}

/// The same for a file that names the key of a service.
pub(super) fn store_of_key(context: &Context, file: &Path) -> Result<Store, Failure> {
    store_of(context, file, |file| Evaluated::read_key(file).map(|(read, _)| read))
}

/// Reads a file.
type Read = fn(&Path) -> Result<Evaluated, ConfigurationError>;

fn store_of(context: &Context, file: &Path, read: Read) -> Result<Store, Failure> {
    let records = match context.configured.get() {
        Some(records) => records,
        None => {
            // Commands ask for the store where they can't wait for others' answers.
            let loaded = runtime::apart(&format!("reading `{}`", file.display()), || load(context, file, read))?;
            context.configured.get_or_init(|| loaded)
        }
    };
    Ok(records.in_memory()?.fixed(&Configured(file.into())))
}

async fn load(context: &Context, path: &Path, read: Read) -> Result<Records, Failure> {
    let file = read(path)?;
    let lock = Lock::read(&lock_of(path))?;
    let runtime = context.runtime()?;
    let runtime = context.loaded.get_or_init(|| runtime);
    let fetched = fetched(context, &file, &lock).await?;
    let Staged { records, remarks } = stage(&file, fetched, runtime, &context.environment, None).await?;
    remarks.iter().for_each(|remark| output::say("warning", remark));
    Ok(records)
}

/// The components of a file, as its lock has them. What opens registries is made only where one is not here.
async fn fetched(context: &Context, file: &Evaluated, lock: &Lock) -> Result<Fetched, Failure> {
    let (empty, kept) = (Store::in_memory()?, context.kept_components());
    let sources = Sources {
        store: &empty,
        kept: kept.clone(),
        inspector: None,
        environment: &context.environment,
        mode: Mode::Locked,
    };
    match resolve(file, lock, &sources).await {
        Err(ConfigurationError::Offline { .. }) => {}
        found => return Ok(found?),
    }
    let tools = Tools::with_store(context, Store::in_memory()?, InsecureArgument::NO)?;
    let services = tools.services(context);
    let inspector = tools.inspector(&services);
    Ok(resolve(file, lock, &Sources { inspector: Some(&inspector), ..sources }).await?)
}
