//! What commands share: the store, the flavors' runtime, the form of results.

use super::failure::Failure;
use super::output::{self, Format};
use crate::environment::Environment;
use crate::error::Explain as _;
use crate::files::private;
use crate::files::trust::{Distrust, trusted};
use crate::flavor::Runtime;
use crate::store::{Home, Store};

/// What a command is given.
pub(super) struct Context {
    pub(super) format: Format,
}

impl Context {
    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    pub(super) fn home() -> Result<Home, Failure> {
        Home::find(&Environment::of_this_process()).map_err(|error| Failure::general(error.to_string()))
    }

    /// What crhost keeps.
    pub(super) fn store() -> Result<Store, Failure> {
        Ok(Store::open(&Self::home()?)?)
    }

    /// What flavors run in. Compiled code is kept only where nobody else can write: whoever could, would run code as this
    /// user.
    pub(super) fn runtime() -> Result<Runtime, Failure> {
        let folder = Self::home()?.compiled();
        let found = private::create_directory(&folder)
            .map_err(|reason| Distrust::Io(folder.clone(), reason))
            .and_then(|()| trusted(&folder));
        let cache = match found {
            Ok(cache) => Some(cache),
            Err(reason @ Distrust::Io(..)) => {
                tracing::debug!("compiled flavors are not kept in `{}`: {reason}", folder.display());
                None
            }
            Err(reason) => {
                let message = format!("compiled flavors are not kept in `{}`: {reason}", folder.display());
                output::say("warning", &message);
                reason.hint().iter().for_each(|hint| output::say("hint", hint));
                None
            }
        };
        // Unknown components are compiled by this program in a process of its own.
        let program = std::env::current_exe()
            .map_err(|error| Failure::general(format!("the program's own file can't be found: {error}")))?;
        Ok(Runtime::guarded(cache.as_deref(), program)?)
    }
}
