//! A token in a file that its platform renews: a projected volume of Kubernetes
//! (<https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken>), or any other.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::environment::Environment;
use crate::id_token::error::IdTokenError;
use crate::id_token::http::MAX_TOKEN;
use crate::id_token::platform::Platform;
use crate::text::Escaped;

/// The file.
pub(super) struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    /// That of this path: `~/` is the user's home.
    pub(super) fn of(path: &str, environment: &Environment) -> Self {
        let path = match (path.strip_prefix("~/"), environment.home()) {
            (Some(path), Some(home)) => home.join(path),
            _ => PathBuf::from(path),
        };
        Self { path }
    }

    fn read(&self) -> io::Result<SecretString> {
        // Checked before it is opened: opening a pipe would wait for a writer.
        if !std::fs::metadata(&self.path)?.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        // Allocated at once: a text that grows is copied, and the old bytes stay in memory.
        let mut text = Zeroizing::new(String::with_capacity(MAX_TOKEN + 1));
        File::open(&self.path)?.take(MAX_TOKEN as u64 + 1).read_to_string(&mut text)?;
        match text.len() {
            0..=MAX_TOKEN => Ok(text.trim().into()),
            _ => Err(io::Error::other(format!("it has more than {MAX_TOKEN} bytes"))),
        }
    }
}

impl Platform for TokenFile {
    fn name(&self) -> Escaped {
        format!("`{}`", Escaped::from(self.path.as_path())).into()
    }

    fn issues_now(&self) -> bool {
        false
    }

    fn advice(&self, audience: &str) -> Escaped {
        format!("whatever writes the file decides: in Kubernetes, `audience: {audience}` of `serviceAccountToken`")
            .into()
    }

    fn token<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<SecretString, IdTokenError>> {
        async move {
            let path = || Escaped::from(self.path.as_path());
            self.read().map_err(|reason| IdTokenError::File { path: path(), reason: reason.into() })
        }
        .boxed()
    }
}
