//! Why a connector was not registered, or can't be used. Nothing here holds any of a field's value.

use super::proof::Untold;
use crate::catalog::CatalogError;
use crate::error::{Explain, Kind};
use crate::flavor::{CallError, FailureKind, FlavorName, OptionError, limits};
use crate::implicit_sources::{ImplicitSource, ImplicitSourceError};
use crate::store::{Name, StoreError};
use crate::text::quoted;

/// A failure to register or to use a connector.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectorError {
    /// A flavor is not to be had.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A flavor refused or failed when it was asked about the connector.
    #[error(transparent)]
    Flavor(#[from] Box<CallError>),
    /// An option that the flavor can't take.
    #[error(transparent)]
    Option(#[from] Box<OptionError>),
    /// Credentials that were not proved, so that nothing was stored.
    #[error(transparent)]
    Unproved(Box<ConnectorError>),
    /// A connector whose registries nobody can list.
    #[error("what connector `{connector}` ({method}) reaches can't be listed: {}", .why.reason)]
    NoList {
        /// The connector.
        connector: Name,
        /// Its type and auth method, parted by a slash.
        method: String,
        /// Why not.
        why: Untold,
    },
    /// A type that no flavor describes.
    #[error("connector type `{connector_type}` is described by none of {}", quoted(.flavors))]
    UnknownType {
        /// What was asked for.
        connector_type: String,
        /// The flavors that were asked.
        flavors: Vec<FlavorName>,
        /// The types that they describe.
        known: Vec<String>,
    },
    /// An auth method that no flavor describes.
    #[error("connector type `{connector_type}` has no auth method `{method}`")]
    UnknownMethod {
        /// The type.
        connector_type: String,
        /// What was asked for.
        method: String,
        /// The type's auth methods.
        known: Vec<String>,
    },
    /// A type of several auth methods, and none was named.
    #[error("connector type `{connector_type}` has several auth methods")]
    NoMethod {
        /// The type.
        connector_type: String,
        /// Its auth methods.
        known: Vec<String>,
    },
    /// Flavors that do not agree.
    #[error("the fields of `{method}` are described differently by {}", quoted(.flavors))]
    Ambiguous {
        /// The type and the auth method, parted by a slash.
        method: String,
        /// The flavors that describe it.
        flavors: Vec<FlavorName>,
    },
    /// A method that reads this machine, which nobody has allowed.
    #[error("`{method}` reads this machine: {}", list(.sought))]
    NotAllowed {
        /// The type and the auth method, parted by a slash.
        method: String,
        /// What would be read.
        sought: Vec<ImplicitSource>,
    },
    /// A value that can't be read on this machine.
    #[error("field `{field}` of connector `{connector}`: {reason}")]
    Machine {
        /// The connector.
        connector: Name,
        /// The field.
        field: String,
        /// Why not.
        reason: ImplicitSourceError,
    },
    /// A value that was read on this machine, and is not of its field's kind.
    #[error("field `{field}` of connector `{connector}`: {found} {fault}")]
    Found {
        /// The connector.
        connector: Name,
        /// The field.
        field: String,
        /// Where the value was found.
        found: ImplicitSource,
        /// What is wrong with it.
        fault: Fault,
    },
    /// A value that is nowhere to be found on this machine.
    #[error("field `{field}` of connector `{connector}` is not on this machine; looked for {}", list(.sought))]
    NotFound {
        /// The connector.
        connector: Name,
        /// The field.
        field: String,
        /// Where it was looked for.
        sought: Vec<ImplicitSource>,
    },
    /// A field that the method does not have.
    #[error("`{method}` has no field `{name}`")]
    UnknownField {
        /// The type and the auth method, parted by a slash.
        method: String,
        /// What was given.
        name: String,
        /// The method's fields.
        known: Vec<String>,
    },
    /// A field that is to be removed and was not stored.
    #[error("connector `{connector}` has no field `{field}`")]
    NotStored {
        /// The connector.
        connector: Name,
        /// What was named.
        field: String,
        /// The fields that it has.
        stored: Vec<String>,
    },
    /// A field that is to be changed and removed at once.
    #[error("field `{0}` is given a value and removed")]
    SetAndRemoved(String),
    /// A field that the method needs.
    #[error("`{method}` needs the field `{name}`")]
    MissingField {
        /// The type and the auth method, parted by a slash.
        method: String,
        /// The field.
        name: String,
        /// What it holds.
        summary: String,
        /// Whether it is a secret.
        secret: bool,
    },
    /// A value that is not of its field's kind.
    #[error("field `{field}` {fault}")]
    Value {
        /// The field.
        field: String,
        /// What is wrong.
        fault: Fault,
    },
    /// A connector for other flavors.
    #[error("flavor `{flavor}` can't use connector `{connector}`, which is of `{method}`")]
    OtherMethod {
        /// The connector.
        connector: Name,
        /// Its type and auth method, parted by a slash.
        method: String,
        /// The flavor.
        flavor: FlavorName,
        /// Types and methods that the flavor describes.
        known: Vec<String>,
    },
    /// A connector from before its flavor needed a field.
    #[error("flavor `{flavor}` needs the field `{field}`, which connector `{connector}` does not have")]
    Outdated {
        /// The connector.
        connector: Name,
        /// The flavor.
        flavor: FlavorName,
        /// The field.
        field: String,
    },
}

/// What is wrong with a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// Nothing in it.
    #[error("is empty, expected a value")]
    Empty,
    /// More than a credential has.
    #[error("is too long, expected at most {} bytes", limits::CREDENTIAL_BYTES)]
    TooLong,
    /// Line breaks and the like in text.
    #[error("holds control characters, expected one line of text")]
    Control,
    /// Not a JSON object.
    #[error("is no JSON object")]
    NotJson,
    /// Not a file of sections.
    #[error("is no file of `[section]` and `name = value` lines")]
    NotIni,
}

fn list(sources: &[ImplicitSource]) -> String {
    sources.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl ConnectorError {
    /// The next step for whoever wants it stored. That what is wrong can be stored unproved is no advice.
    fn hint_to_store(&self) -> Option<String> {
        let is_wrong = match self {
            Self::Flavor(error) => match error.as_ref() {
                CallError::Refused { failure, .. } => matches!(
                    failure.kind,
                    FailureKind::InvalidInput | FailureKind::Unauthenticated | FailureKind::Denied
                ),
                CallError::Failed { .. } => false,
            },
            Self::Option(_) => true,
            _ => false,
        };
        match self.hint() {
            hint if is_wrong => hint,
            Some(hint) => Some(format!("{hint}; `--no-verify` stores it unproved")),
            None => Some("`--no-verify` stores it unproved".to_owned()),
        }
    }
}

impl Explain for ConnectorError {
    fn kind(&self) -> Kind {
        match self {
            Self::Catalog(error) => error.kind(),
            Self::Store(error) => error.kind(),
            Self::Flavor(error) => error.kind(),
            Self::Option(error) => error.kind(),
            Self::Unproved(error) => error.kind(),
            Self::Machine { .. } | Self::Found { .. } | Self::NotFound { .. } => Kind::Auth,
            _ => Kind::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Catalog(error) => return error.hint(),
            Self::Store(error) => return error.hint(),
            Self::Flavor(error) => return error.hint(),
            Self::Option(error) => return error.hint(),
            Self::Unproved(error) => return error.hint_to_store(),
            Self::NoList { why, .. } => why
                .hint
                .clone()
                .unwrap_or_else(|| "register the registry by its URI; `--flavor` names who is to ask".to_owned()),
            Self::NotStored { stored, .. } => format!("its fields are {}", quoted(stored)),
            Self::SetAndRemoved(_) => "leave one of the two out".to_owned(),
            Self::UnknownType { known, .. } if known.is_empty() => {
                "they use no connectors; `crhost flavor register FILE` adds a flavor".to_owned()
            }
            Self::UnknownType { known, .. } => format!("known are {}", quoted(known)),
            Self::UnknownMethod { known, .. } => format!("its auth methods are {}", quoted(known)),
            Self::NoMethod { known, .. } => format!("choose one with `--auth-method`: {}", quoted(known)),
            Self::Ambiguous { .. } => "say whose description holds with `--flavor NAME`".to_owned(),
            Self::UnknownField { known, .. } if known.is_empty() => "this method has no fields".to_owned(),
            Self::UnknownField { known, .. } => format!("its fields are {}", quoted(known)),
            Self::MissingField { name, summary, secret: false, .. } => {
                format!("give it with `--{name}=…`: {summary}")
            }
            Self::MissingField { name, summary, .. } => {
                format!("give it with `--{name}=@FILE`, `--{name}=@env:VARIABLE` or `--{name}=-`: {summary}")
            }
            Self::NotAllowed { method, .. } => {
                let connector_type = method.split('/').next().unwrap_or_default();
                format!(
                    "`crhost connector describe-type {connector_type}` shows what of it a flavor reads; `--allow-implicit` allows \
                     it, for this connector"
                )
            }
            Self::Machine { .. } | Self::Found { .. } => {
                "put it right there, or store the value in a connector".to_owned()
            }
            Self::NotFound { .. } => "set one of them, or store the value in a connector".to_owned(),
            Self::Value { field, fault: Fault::NotJson | Fault::NotIni } => {
                format!("give the whole file, such as a service's key file: `--{field}=@FILE`")
            }
            Self::Value { field, .. } => {
                format!("give it with `--{field}=…`, or as a file's content with `--{field}=@FILE`")
            }
            Self::OtherMethod { known, .. } if known.is_empty() => {
                "this flavor uses no connectors; leave `--connector` out".to_owned()
            }
            Self::OtherMethod { known, .. } => format!("its auth methods are {}", quoted(known)),
            Self::Outdated { .. } => {
                "the flavor has changed since; register the connector again, with that field".to_owned()
            }
        })
    }
}
