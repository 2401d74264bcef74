//! Why a call is not made.

use std::io::ErrorKind;

use super::export::Export;
use crate::connector::ConnectorError;
use crate::error::{Explain, Kind};
use crate::flavor::{AdmissionError, CallError, Maker, OptionError, ReadError};
use crate::grant::Guest;
use crate::image::RegistryUri;
use crate::text::{Escaped, Foreign, Printable};

/// Why a call is not made. What the component itself answers is no error: see `Stopped`.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum FlavorCallError {
    /// The file can't be read.
    #[error("`{path}` can't be read: {reason}")]
    Read {
        /// The path, as the user wrote it.
        path: Escaped,
        /// The reason.
        reason: ReadError,
    },
    /// The file is no flavor and no policy.
    #[error("`{path}` is no flavor that crhost can use: {reason}")]
    Admission {
        /// The path, as the user wrote it.
        path: Escaped,
        /// The reason.
        reason: Box<AdmissionError>,
        /// Who can mend it.
        maker: Maker,
    },
    /// An export of the other kind of component.
    #[error("{guest} has no export `{export}`")]
    OtherKind {
        /// The component.
        guest: Guest,
        /// The export.
        export: Export,
    },
    /// An optional export that the component leaves out.
    #[error("{guest} does not export `{export}`, which is of the optional interface `{interface}`")]
    NotExported {
        /// The component.
        guest: Guest,
        /// The export.
        export: Export,
        /// Its interface.
        interface: &'static str,
    },
    /// An argument that the export needs.
    #[error("`{export}` needs {what}")]
    Missing {
        /// The export.
        export: Export,
        /// The argument, in words.
        what: &'static str,
        /// How it is given.
        hint: Escaped,
    },
    /// An argument that can't be read.
    #[error("{argument}: {reason}")]
    Invalid {
        /// The argument, as a flag has it.
        argument: &'static str,
        /// The reason, with the value.
        reason: Escaped,
    },
    /// The flavor refused the registry's URI, or failed at it.
    #[error(transparent)]
    Registry(Box<CallError>),
    /// An image of another registry.
    #[error("image `{image}` is not in the registry `{registry}`")]
    OtherRegistry {
        /// The image.
        image: Escaped,
        /// The registry.
        registry: RegistryUri,
    },
    /// An option that the component does not take.
    #[error(transparent)]
    Option(#[from] Box<OptionError>),
    /// Fields that make no connector.
    #[error(transparent)]
    Connector(Box<ConnectorError>),
    /// A JSON text that is no argument.
    #[error("the input is no object of arguments: {0}")]
    Json(Foreign<serde_json::Error>),
}

impl FlavorCallError {
    /// An argument that can't be read.
    pub(super) fn invalid(argument: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Invalid { argument, reason: Escaped::of(reason) }
    }
}

/// By hand: the hints for fields are in the words of another command's flags.
impl Explain for FlavorCallError {
    fn kind(&self) -> Kind {
        match self {
            Self::Read { reason: ReadError::Io(reason), .. } if reason.0.kind() == ErrorKind::NotFound => {
                Kind::NotFound
            }
            Self::Read { .. } => Kind::Flavor,
            Self::Admission { reason, .. } => reason.kind(),
            Self::Registry(error) => error.kind(),
            Self::Connector(error) => error.kind(),
            _ => Kind::Usage,
        }
    }

    fn hint(&self) -> Option<Escaped> {
        match self {
            Self::Read { path, reason } => Some(reason.hint(path)),
            Self::Admission { reason, maker, .. } => reason.hint_for(*maker),
            Self::OtherKind { guest, .. } => Some(format!("{guest} is a {}", guest.kind().word()).into()),
            Self::NotExported { interface, .. } => {
                Some(format!("the world in `wit/` that includes `{interface}` has it; flavors may leave it out").into())
            }
            Self::Missing { hint, .. } => Some(hint.clone()),
            Self::Invalid { argument, .. } => Some(format!("`crhost flavor call --help` shows {argument}").into()),
            Self::Registry(error) => Some(error.hint_for_author()),
            Self::OtherRegistry { .. } => Some("give the image's name below the registry, such as `train:v3`".into()),
            Self::Option(error) => error.hint(),
            Self::Connector(error) => match &**error {
                ConnectorError::MissingField { name, summary, .. } => {
                    Some(format!("give it with `--field {name}=@env:VARIABLE`: {summary}").into())
                }
                ConnectorError::Value { field, .. } => {
                    Some(format!("`--field {field}=@file:PATH` takes a file's content as it is").into())
                }
                other => other.hint(),
            },
            Self::Json(_) => Some("its members are the flags of `crhost flavor call --help`, in camel case".into()),
        }
    }
}
