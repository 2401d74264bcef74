//! The name that an image has in the daemon while the daemon pushes it: daemons push by names alone.
//!
//! The name is taken away again, or given back to the image that had it, also after a failure or an interruption. Of an
//! image that has no other name it is not taken: the daemon would delete the image with it.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::timeout;

use super::error::ByDaemonError;
use crate::docker::{Engine, EngineError};
use crate::image::{Digest, Tag};
use crate::source::InDaemon;

/// Time for taking a name away, in which a user waits who has interrupted the push.
const UNDO_TIME: Duration = Duration::from_secs(5);

/// A name that is to be taken away, if there is one.
#[derive(Default)]
pub(in crate::push) struct TemporaryName(Mutex<Option<Given>>);

struct Given {
    engine: Engine,
    name: String,
    tag: Tag,
    afterwards: Afterwards,
}

/// What happens to the name after the push.
enum Afterwards {
    /// It is taken away.
    Remove,
    /// It goes back to the image that had it.
    Return(Digest),
    /// It stays, as the image has no other.
    Stay,
}

impl TemporaryName {
    /// Gives the image a name, unless it has that already.
    pub(super) async fn give(&self, image: &InDaemon, name: &str, tag: &Tag) -> Result<(), ByDaemonError> {
        let InDaemon { engine, image: local } = image;
        let afterwards = match engine.find(&format!("{name}:{tag}")).await? {
            Some(owner) if owner.id == local.id => return Ok(()),
            Some(owner) => Afterwards::Return(owner.id),
            None if local.names.is_empty() => Afterwards::Stay,
            None => Afterwards::Remove,
        };
        // Before the request, which may take effect though its answer is never read.
        *self.0.lock() = Some(Given { engine: engine.clone(), name: name.to_owned(), tag: tag.clone(), afterwards });
        Ok(engine.tag(&local.id, name, tag).await?)
    }

    /// Takes the name away, if one was given, within a few seconds.
    pub(in crate::push) async fn take_away(&self) {
        let Some(given) = self.0.lock().take() else { return };
        let Given { engine, name, tag, afterwards } = given;
        let undone = async {
            match &afterwards {
                Afterwards::Remove => engine.untag(&name, &tag).await,
                Afterwards::Return(owner) => engine.tag(owner, &name, &tag).await,
                Afterwards::Stay => {
                    tracing::warn!("the image keeps the name `{name}:{tag}` in the daemon, as it has no other");
                    Ok(())
                }
            }
        };
        match timeout(UNDO_TIME, undone).await {
            Ok(Ok(()) | Err(EngineError::Unknown { .. })) => {}
            Ok(Err(error)) => tracing::warn!("the daemon's image keeps the name `{name}:{tag}` of this push: {error}"),
            Err(_) => {
                tracing::warn!("the daemon's image keeps the name `{name}:{tag}` of this push: it does not answer")
            }
        }
    }
}
