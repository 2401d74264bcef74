//! Why policies are against something, or can't be registered or changed.

use std::io;

use crate::catalog::remote_name;
use crate::environment::EnvVars;
use crate::error::{Explain, Kind};
use crate::flavor::{Action, AdmissionError, OptionError, ReadError, limits};
use crate::grant::HostPattern;
use crate::store::{Name, StoreError};
use crate::text::{Escaped, Printable, quoted};

/// Why something may not happen.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Policy)]
pub(crate) enum PolicyError {
    /// Policies are against it, or failed.
    #[error(transparent)]
    #[explain(transparent)]
    Refused(Box<Refusal>),
    /// A policy that the environment demands is not there.
    #[error("`{variable}` demands policy `{name}`, which is not registered", variable = EnvVars::CRHOST_REQUIRE_POLICIES)]
    #[explain(hint = "`crhost policy register` registers it; nothing is pushed, copied or deleted without it")]
    Missing {
        /// The policy.
        name: Escaped,
    },
    /// A policy that the environment demands is disabled.
    #[error("`{variable}` demands policy `{name}`, which is disabled", variable = EnvVars::CRHOST_REQUIRE_POLICIES)]
    #[explain(hint = "`crhost policy enable {name}`")]
    Disabled {
        /// The policy.
        name: Name,
    },
    /// There is more than a policy can be given.
    #[error(
        "`{image}` has {bytes} bytes of manifests and configurations, and policies look at {} at most",
        limits::EVIDENCE_BYTES
    )]
    #[explain(hint = "do it in smaller parts")]
    TooMuch {
        /// The image.
        image: Escaped,
        /// The bytes.
        bytes: usize,
    },
    /// The store can't be read.
    #[error(transparent)]
    #[explain(transparent)]
    Store(Box<StoreError>),
}

impl From<StoreError> for PolicyError {
    fn from(error: StoreError) -> Self {
        Self::Store(Box::new(error))
    }
}

/// What policies are against.
#[derive(Debug, thiserror::Error, Printable)]
#[error("`{image}` is not {}: {reasons}", done(*action))]
pub(crate) struct Refusal {
    /// The image, or for a deletion the repository or host.
    pub(super) image: Escaped,
    /// What was to be done.
    pub(super) action: Action,
    /// The messages, each under the name of its policy.
    pub(super) reasons: Escaped,
    /// The next step.
    pub(super) hint: Escaped,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        Kind::Policy
    }

    fn hint(&self) -> Option<Escaped> {
        Some(self.hint.clone())
    }
}

fn done(action: Action) -> &'static str {
    match action {
        Action::Push => "pushed",
        Action::Copy => "copied",
        Action::Delete => "deleted",
    }
}

/// Why a policy can't be registered or changed.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum ManageError {
    /// The file can't be read.
    #[error("`{path}` can't be read: {reason}")]
    Read {
        /// The path, as the user wrote it.
        path: Escaped,
        /// The reason.
        reason: ReadError,
    },
    /// The component is no policy.
    #[error("`{origin}` is no policy that crhost can use: {reason}")]
    Admission {
        /// The origin of the component.
        origin: Escaped,
        /// The reason.
        reason: AdmissionError,
    },
    /// Options don't fit.
    #[error(transparent)]
    Option(#[from] Box<OptionError>),
    /// A text that names no registry.
    #[error("`{0}` is neither a registered registry nor a registry's URI")]
    Registry(Escaped),
    /// The pattern to revoke is not granted.
    #[error("`{pattern}` is not granted to policy `{policy}`")]
    NotGranted {
        /// The policy.
        policy: Name,
        /// The pattern.
        pattern: HostPattern,
        /// The patterns that are granted.
        granted: Vec<HostPattern>,
    },
    /// The store can't be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// By hand: the kind of [`ManageError::Read`] depends on its reason, which the derive does not offer.
impl Explain for ManageError {
    fn kind(&self) -> Kind {
        match self {
            Self::Read { reason: ReadError::Io(reason), .. } if reason.0.kind() == io::ErrorKind::NotFound => {
                Kind::NotFound
            }
            Self::Read { reason: ReadError::Io(_), .. } => Kind::General,
            Self::Read { .. } => Kind::Flavor,
            Self::Admission { reason, .. } => reason.kind(),
            Self::Option(error) => error.kind(),
            Self::Registry(_) | Self::NotGranted { .. } => Kind::NotFound,
            Self::Store(error) => error.kind(),
        }
    }

    fn hint(&self) -> Option<Escaped> {
        match self {
            Self::Read { path, reason } => Some(reason.advice(path).unwrap_or_else(|| {
                let built_in = quoted(crate::flavor::builtin::POLICIES.iter().map(|policy| policy.name));
                format!("give the path of a component, a `.wasm` file, or a built-in policy: {built_in}").into()
            })),
            Self::Admission { origin, reason } => match remote_name(origin.as_str()) {
                Some(_) => Some(reason.hint_of_artifact()),
                None => reason.hint(),
            },
            Self::Option(error) => error.hint(),
            Self::Registry(_) => {
                Some("`crhost registry list` shows the registered ones; a URI is written as `ghcr.io/acme`".into())
            }
            Self::NotGranted { granted, .. } if granted.is_empty() => {
                Some("nothing is granted to it that could be revoked".into())
            }
            Self::NotGranted { granted, .. } => Some(format!("granted: {}", quoted(granted)).into()),
            Self::Store(error) => error.hint(),
        }
    }
}
