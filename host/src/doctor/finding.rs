//! One line of an examination.

use serde::Serialize;

use crate::error::{Explain, Kind};
use crate::text::Escaped;

/// A check. Its word is a promise, as scripts look for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Check {
    /// The variables of crhost that are set.
    Environment,
    /// The directories of crhost: owner, permissions, whether they can be written.
    Home,
    /// The database: whole, and of a version that is known.
    Database,
    /// The key that connectors are sealed with.
    Key,
    /// Space on the disks of crhost's directories and of temporary files.
    Disk,
    /// The crhost server that the environment names.
    Server,
    /// The Docker daemon.
    Daemon,
    /// The way in which images of the daemon are read.
    Engine,
    /// The files with logins of Docker, Podman and skopeo.
    LoginFiles,
    /// `docker-credential-crhost`, and the helpers that the files of logins name.
    Helper,
    /// The kubelet of this machine, where one runs.
    Kubelet,
    /// Whether there is a registry to examine.
    Registry,
    /// The registry's flavor.
    Flavor,
    /// The hosts that its flavor asks for and was granted.
    Grants,
    /// The way to the registry: which proxy, or why none.
    Proxy,
    /// The registry's name in DNS.
    Dns,
    /// The registry's answer.
    Connection,
    /// The registry's certificate.
    Tls,
    /// This machine's clock, against the registry's or that of a shared database.
    Clock,
    /// Whose credentials open the registry, and until when.
    Credentials,
    /// Whether an upload can be opened there.
    Push,
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// Nothing is wrong.
    Ok,
    /// Something works, and may not for long or for everything.
    Warning,
    /// Something does not work.
    Problem,
    /// Not checked, or there is nothing to check.
    Skipped,
}

/// What a check found.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Finding {
    /// The check; several findings may have the same.
    pub(crate) check: Check,
    /// The registry, by its name or URI; absent for what is of the machine.
    pub(crate) registry: Option<Escaped>,
    /// What it came to.
    pub(crate) state: State,
    /// What was found, in one line.
    pub(crate) found: Escaped,
    /// What to do next, in one line.
    pub(crate) next: Option<Escaped>,
    /// The kind of a problem, by which it would end another command; absent for other findings.
    pub(crate) code: Option<Kind>,
}

impl Check {
    /// Its word.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Home => "home",
            Self::Database => "database",
            Self::Key => "key",
            Self::Disk => "disk",
            Self::Server => "server",
            Self::Daemon => "daemon",
            Self::Engine => "engine",
            Self::LoginFiles => "login-files",
            Self::Helper => "helper",
            Self::Kubelet => "kubelet",
            Self::Registry => "registry",
            Self::Flavor => "flavor",
            Self::Grants => "grants",
            Self::Proxy => "proxy",
            Self::Dns => "dns",
            Self::Connection => "connection",
            Self::Tls => "tls",
            Self::Clock => "clock",
            Self::Credentials => "credentials",
            Self::Push => "push",
        }
    }
}

impl State {
    /// Its word.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
            Self::Skipped => "skipped",
        }
    }
}

impl Finding {
    fn new(check: Check, state: State, found: impl Into<Escaped>) -> Self {
        Self { check, registry: None, state, found: found.into(), next: None, code: None }
    }

    /// Nothing is wrong.
    pub(super) fn ok(check: Check, found: impl Into<Escaped>) -> Self {
        Self::new(check, State::Ok, found)
    }

    /// Not checked, or nothing to check.
    pub(super) fn skipped(check: Check, found: impl Into<Escaped>) -> Self {
        Self::new(check, State::Skipped, found)
    }

    /// Something that works, and may not for long or for everything.
    pub(super) fn warning(check: Check, found: impl Into<Escaped>, next: impl Into<Escaped>) -> Self {
        Self::new(check, State::Warning, found).with_next(next)
    }

    /// Something that does not work.
    pub(super) fn problem(check: Check, kind: Kind, found: impl Into<Escaped>, next: impl Into<Escaped>) -> Self {
        Self { code: Some(kind), ..Self::new(check, State::Problem, found).with_next(next) }
    }

    /// An error, as other commands tell it.
    pub(super) fn failed(check: Check, error: &impl Explain) -> Self {
        let found = Self { code: Some(error.kind()), ..Self::new(check, State::Problem, Escaped::of(error)) };
        Self { next: error.hint(), ..found }
    }

    /// The same as a warning.
    pub(super) fn into_warning(self) -> Self {
        Self { state: State::Warning, code: None, ..self }
    }

    /// With the next step.
    pub(super) fn with_next(self, next: impl Into<Escaped>) -> Self {
        Self { next: Some(next.into()), ..self }
    }

    /// Of a registry.
    pub(super) fn of(self, registry: Escaped) -> Self {
        Self { registry: Some(registry), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_and_a_state_have_the_same_word_in_the_table_and_in_json() {
        for check in [Check::Environment, Check::LoginFiles, Check::Dns, Check::Tls, Check::Push] {
            assert_eq!(serde_json::to_value(check).unwrap(), check.as_str());
        }
        for state in [State::Ok, State::Warning, State::Problem, State::Skipped] {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }
}
