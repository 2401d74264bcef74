//! What commands share: the store, the flavors' runtime, the form of results.

use super::failure::Failure;
use super::output::{self, Format};
use crate::flavor::Runtime;
use crate::store::{Home, Store, private};

/// What a command is given.
pub(super) struct Context {
    pub(super) format: Format,
}

impl Context {
    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    pub(super) fn home() -> Result<Home, Failure> {
        Home::find().map_err(|error| Failure::general(error.to_string()))
    }

    /// What crhost keeps.
    pub(super) fn store() -> Result<Store, Failure> {
        Ok(Store::open(&Self::home()?)?)
    }

    /// What flavors run in. Compiled code is kept only where nobody else can write: whoever could, would run code as this
    /// user.
    pub(super) fn runtime() -> Result<Runtime, Failure> {
        let folder = Self::home()?.compiled();
        let trusted = match private::create_folder(&folder).and_then(|()| private::distrust(&folder)) {
            Ok(None) => Some(folder.as_path()),
            Ok(Some(reason)) => {
                let message = format!("compiled flavors are not kept in `{}`: {reason}", folder.display());
                output::say("warning", &message);
                None
            }
            Err(reason) => {
                tracing::debug!("compiled flavors are not kept in `{}`: {reason}", folder.display());
                None
            }
        };
        Ok(Runtime::new(trusted)?)
    }
}
