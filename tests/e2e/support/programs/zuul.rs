//! zuul-registry: a real registry that shares no code with the CNCF's, with tokens and users that may only pull.

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::judges::skopeo::Access;
use crate::support::programs::crhost::repository;
use crate::support::programs::peers;
use crate::support::programs::process::Server;
use crate::support::programs::registry::{PASSWORD, USER};

/// A user who may only pull.
pub(crate) const READER: &str = "bob";
/// His password.
pub(crate) const READERS_PASSWORD: &str = "r3ader";

/// A running registry with a storage of its own. [`USER`] may push with [`PASSWORD`].
pub(crate) struct Zuul {
    _server: Server,
    directory: TempDir,
    host: String,
}

impl Zuul {
    /// Plain HTTP, and a token for everything.
    #[track_caller]
    pub(crate) fn start() -> Self {
        let directory = TempDir::new().unwrap();
        let script = repository().join("tests/peers/zuul.py");
        let mut python = Command::new(peers::python());
        python.arg(script).arg(directory.path()).args([USER, PASSWORD, READER, READERS_PASSWORD]);
        let server = Server::start(&mut python);
        let port = server.wait_for(|line| serde_json::from_str::<Value>(line).ok()?["port"].as_u64());
        Self { _server: server, directory, host: format!("localhost:{port}") }
    }

    /// `localhost:<port>`.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// How skopeo gets in.
    pub(crate) fn access(&self) -> Access {
        Access { credentials: Some(format!("{USER}:{PASSWORD}")), ..Access::default() }
    }

    /// Whether it keeps an image under a name.
    pub(crate) fn has(&self, repository: &str, tag: &str) -> bool {
        self.directory.path().join("data/_local/repos").join(repository).join("manifests").join(tag).exists()
    }
}
