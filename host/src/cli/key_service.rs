//! The key of a service that wraps the key of a shared database: a file in TOML says which, as that of `--config` says
//! what is registered.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::context::{Context, Readers};
use super::failure::Failure;
use super::output::Format;
use super::{runtime, stateless};
use crate::access::{Access, AccessContext};
use crate::catalog::Catalog;
use crate::configuration::Evaluated;
use crate::docker::Configuration;
use crate::environment::{EnvVars, Environment};
use crate::error::Kind;
use crate::flavor::{ServiceKey, WrappedKey};
use crate::store::{KeyService, KeyServiceError, KeyServices, MadeKey, Name};
use crate::text::Escaped;

/// The key of a service that a file names.
struct FileKey {
    /// A context with all that the file has, and nothing else.
    context: Context,
    name: Name,
    file: PathBuf,
}

/// What reads the file: no database is in it, and so no further key.
const READERS: Readers = Readers { store: stateless::store_of_key, keys: |_| KeyServices::default() };

/// What the flavor is asked.
enum Question<'a> {
    /// For a key.
    Make,
    /// For one that was wrapped.
    Unwrap(&'a str),
}

/// What it answers.
enum Answer {
    Made(WrappedKey),
    Unwrapped(ServiceKey),
}

/// What gives the services of files, in this environment.
pub(super) fn services(environment: &Environment) -> KeyServices {
    let environment = [EnvVars::CRHOST_DATABASE, EnvVars::CRHOST_SERVER, EnvVars::CRHOST_CONFIG]
        .into_iter()
        .fold(environment.clone(), |environment, name| environment.with(name, ""));
    KeyServices::of(Arc::new(move |file: &Path| -> Result<Box<dyn KeyService>, KeyServiceError> {
        let read = Evaluated::read_key(file).map_err(|error| explained(&Failure::of(&error), str::to_owned));
        let (_, name) = read?;
        let context = Context::new(Format::default(), environment.clone(), Some(file.to_owned()), READERS);
        Ok(Box::new(FileKey { context, name, file: file.to_owned() }))
    }))
}

/// A failure of a command, as one of the store.
fn explained(failure: &Failure, message: impl FnOnce(&str) -> String) -> KeyServiceError {
    let (words, hint) = failure.words();
    KeyServiceError { kind: failure.kind(), message: message(words).into(), hint: hint.map(Escaped::from) }
}

impl FileKey {
    fn ask(&self, question: Question<'_>) -> Result<Answer, KeyServiceError> {
        // Stores are opened in the middle of asynchronous work.
        let asked = runtime::apart("the question for the key", || self.answer(question));
        let file = Escaped::from(self.file.as_path());
        asked.map_err(|failure| {
            explained(&failure, |words| format!("the key `{}` of `{file}` can't be used: {words}", self.name))
        })
    }

    async fn answer(&self, question: Question<'_>) -> Result<Answer, Failure> {
        let store = self.context.store()?;
        let runtime = self.context.runtime()?;
        let catalog = Catalog::new(&runtime, &store);
        let registry = store.registry(&self.name)?;
        let (docker, environment) = (Configuration::load(&Environment::default()), &self.context.environment);
        let context = AccessContext { store: &store, catalog: &catalog, docker: &docker, environment };
        let access = Access::to(context, &registry).await?;
        let answer = match question {
            Question::Make => access.make_key().await?.map(Answer::Made),
            Question::Unwrap(wrapped) => access.unwrap_key(wrapped).await?.map(Answer::Unwrapped),
        };
        answer.ok_or_else(|| {
            let message = format!("flavor `{}` wraps no keys", registry.flavor);
            Failure::new(Kind::Usage, message, "`transit` and `aws` do, and flavors with the interface `key-wrapping`")
        })
    }
}

impl KeyService for FileKey {
    fn name(&self) -> &str {
        self.name.as_str()
    }

    fn make(&self) -> Result<MadeKey, KeyServiceError> {
        match self.ask(Question::Make)? {
            Answer::Made(WrappedKey { key: ServiceKey(key), wrapped, by }) => Ok(MadeKey { key, wrapped, by }),
            Answer::Unwrapped(_) => Err(mixed_up()),
        }
    }

    fn unwrap(&self, wrapped: &str) -> Result<Zeroizing<[u8; ServiceKey::BYTES]>, KeyServiceError> {
        match self.ask(Question::Unwrap(wrapped))? {
            Answer::Unwrapped(ServiceKey(key)) => Ok(key),
            Answer::Made(_) => Err(mixed_up()),
        }
    }
}

/// No question has the other one's answer.
fn mixed_up() -> KeyServiceError {
    KeyServiceError { kind: Kind::General, message: "another question was answered".into(), hint: None }
}
