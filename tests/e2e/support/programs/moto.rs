//! moto, which stands for ECR, STS, IAM and KMS: it checks signatures and permissions as AWS does.

use std::process::Command;

use serde_json::Value;

use crate::support::programs::crhost::repository;
use crate::support::programs::peers;
use crate::support::programs::process::{self, Server};

/// A running moto with an account of its own.
pub(crate) struct Moto {
    _server: Server,
    facts: Value,
}

impl Moto {
    /// One whose user, and whose role, may do `actions` and nothing else, with `repositories` in ECR.
    #[track_caller]
    pub(crate) fn start(actions: &str, repositories: &[&str]) -> Self {
        let script = repository().join("tests/peers/aws.py");
        let server = Server::start(Command::new(peers::python()).arg(script).arg(actions).args(repositories));
        let facts = server.wait_for(|line| serde_json::from_str(line).ok());
        Self { _server: server, facts }
    }

    /// Where all of its APIs are.
    pub(crate) fn endpoint(&self) -> &str {
        self.fact("endpoint")
    }

    /// The user's access key id.
    pub(crate) fn id(&self) -> &str {
        self.fact("id")
    }

    /// The user's secret access key.
    pub(crate) fn secret(&self) -> &str {
        self.fact("secret")
    }

    /// One of the facts that `aws.py` prints.
    pub(crate) fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap()
    }

    /// Enters images into a repository, each as `TAG=DIGEST`, and gives the digests of those that are there then.
    #[track_caller]
    pub(crate) fn images(&self, name: &str, images: &[String]) -> Value {
        let script = repository().join("tests/peers/aws_images.py");
        let mut python = Command::new(peers::python());
        python.arg(script).args([self.endpoint(), self.id(), self.secret(), name]).args(images);
        process::run(&mut python).ok().json()
    }

    /// The repositories that AWS's own client sees.
    #[track_caller]
    pub(crate) fn repositories(&self) -> Value {
        let script = repository().join("tests/peers/aws_repositories.py");
        let mut python = Command::new(peers::python());
        process::run(python.arg(script).args([self.endpoint(), self.id(), self.secret()])).ok().json()
    }
}
