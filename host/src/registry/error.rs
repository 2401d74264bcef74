//! Why a registry was not registered, changed or opened, or none was found for an image.

use crate::access::AccessError;
use crate::catalog::CatalogError;
use crate::connector::ConnectorError;
use crate::distribution;
use crate::error::{Explain, Kind};
use crate::flavor::{CallError, FlavorName, OptionError};
use crate::image::{Reference, ReferenceError, RegistryUri};
use crate::store::{Name, RegistryRecord, StoreError};
use crate::text::quoted;

/// A failure to register or to find a registry.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegistryError {
    /// The flavor is not to be had.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The flavor refused or failed.
    #[error(transparent)]
    Flavor(Box<CallError>),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The connector is not one that the flavor can use.
    #[error(transparent)]
    Connector(#[from] ConnectorError),
    /// There is no way in.
    #[error(transparent)]
    Access(Box<AccessError>),
    /// The registry itself.
    #[error(transparent)]
    Distribution(Box<distribution::Error>),
    /// The connector did not open the registry, and so nothing was stored.
    #[error("{reason}")]
    Unproved {
        /// The registry.
        registry: Name,
        /// Why not.
        reason: Box<RegistryError>,
    },
    /// No connector that the flavor could use.
    #[error("no connector fits registry `{registry}`, whose flavor is `{flavor}`")]
    NoFittingConnector {
        /// The registry.
        registry: Name,
        /// Its flavor.
        flavor: FlavorName,
        /// The flavor's auth methods, each of a connector type.
        methods: Vec<String>,
    },
    /// A flavor that has changed its mind about a URI.
    #[error("flavor `{flavor}` reads `{kept}` as `{uri}` now")]
    OtherUri {
        /// The registry.
        registry: Name,
        /// Its flavor.
        flavor: FlavorName,
        /// What was stored.
        kept: String,
        /// What the flavor makes of it.
        uri: String,
    },
    /// An option that has no value of the user's.
    #[error("registry `{registry}` has no value of its own for the option `{name}`")]
    NotSet {
        /// The registry.
        registry: Name,
        /// The option.
        name: String,
        /// Those that have one.
        set: Vec<String>,
    },
    /// A name that is no reference.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// A flavor that would send images elsewhere than the user said.
    #[error("flavor `{flavor}` makes `{uri}` of `{typed}`, which is another host")]
    OtherHost {
        /// The flavor.
        flavor: FlavorName,
        /// What the user typed.
        typed: String,
        /// What the flavor made of it.
        uri: RegistryUri,
    },
    /// An option that the flavor can't take.
    #[error(transparent)]
    Option(#[from] Box<OptionError>),
    /// No registry owns the image.
    #[error("`{image}` belongs to no registered registry")]
    NoOwner {
        /// The image.
        image: String,
        /// A URI that would own it.
        uri: String,
        /// Registered registries that come near, with their URIs.
        near: Vec<String>,
    },
    /// Several registries own the image alike.
    #[error("`{image}` belongs to several registries: {}", quoted(.registries))]
    Ambiguous {
        /// The image.
        image: String,
        /// Whose it could be.
        registries: Vec<Name>,
    },
    /// The image's name says that it belongs elsewhere.
    #[error("`{image}` does not belong to registry `{registry}`, which is `{uri}`")]
    Elsewhere {
        /// The image.
        image: String,
        /// The registry that was named.
        registry: Name,
        /// Its URI.
        uri: Box<RegistryUri>,
        /// The image's own name.
        repository: String,
    },
    /// Neither a registry was named nor a current one set.
    #[error("no registry was named, and none is in use")]
    NoTarget,
    /// The source has no name of its own.
    #[error("the source does not say what the image is called")]
    NoName,
}

impl From<AccessError> for RegistryError {
    fn from(error: AccessError) -> Self {
        Self::Access(Box::new(error))
    }
}

impl From<distribution::Error> for RegistryError {
    fn from(error: distribution::Error) -> Self {
        Self::Distribution(Box::new(error))
    }
}

/// A refusal has many words: boxed, it makes no other error larger.
impl From<CallError> for RegistryError {
    fn from(error: CallError) -> Self {
        Self::Flavor(Box::new(error))
    }
}

impl RegistryError {
    /// An image that nobody owns, with the registries that someone may have meant: those of the same host first, then those
    /// whose URI begins alike.
    pub(super) fn no_owner(image: &Reference, registries: &[RegistryRecord]) -> Self {
        let name = image.name();
        let alike = |uri: &RegistryUri| {
            let uri = uri.to_string();
            uri.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count()
        };
        let mut near: Vec<&RegistryRecord> = registries.iter().collect();
        near.sort_by_key(|registry| (registry.uri.host() != image.host(), std::cmp::Reverse(alike(&registry.uri))));
        let near = near.into_iter().take(3).map(|registry| format!("`{}` ({})", registry.name, registry.uri)).collect();
        let parent = image.repository().as_str().rsplit_once('/').map(|(parent, _)| parent);
        let uri = parent.map_or_else(|| image.host().to_string(), |parent| format!("{}/{parent}", image.host()));
        Self::NoOwner { image: image.to_string(), uri, near }
    }
}

impl Explain for RegistryError {
    fn kind(&self) -> Kind {
        match self {
            Self::Catalog(error) => error.kind(),
            Self::Flavor(error) => error.kind(),
            Self::Store(error) => error.kind(),
            Self::Connector(error) => error.kind(),
            Self::Option(error) => error.kind(),
            Self::Access(error) => error.kind(),
            Self::Distribution(error) => error.kind(),
            Self::Unproved { reason, .. } => reason.kind(),
            Self::NoOwner { .. } | Self::NoFittingConnector { .. } => Kind::NotFound,
            Self::OtherHost { .. } => Kind::Flavor,
            _ => Kind::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Catalog(error) => return error.hint(),
            Self::Flavor(error) => return error.hint(),
            Self::Store(error) => return error.hint(),
            Self::Connector(error) => return error.hint(),
            Self::Option(error) => return error.hint(),
            Self::Access(error) => return error.hint(),
            Self::Distribution(error) => return error.hint(),
            Self::Unproved { registry, reason } => {
                let hint = reason.hint().unwrap_or_else(|| format!("nothing of `{registry}` was stored"));
                match reason.kind() {
                    // Credentials that are known to be wrong are of no use to anybody.
                    Kind::Auth => hint,
                    _ => format!("{hint}; `--no-verify` stores it without asking"),
                }
            }
            Self::NoFittingConnector { methods, .. } if methods.is_empty() => {
                "this flavor uses no connectors".to_owned()
            }
            Self::NoFittingConnector { methods, .. } => format!(
                "it takes {}; register one with `crhost connector register NAME --type TYPE --auth-method METHOD`",
                quoted(methods)
            ),
            Self::OtherUri { registry, uri, .. } => {
                format!("if that is right: `crhost registry update {registry} --uri {uri}`")
            }
            Self::NotSet { set, .. } if set.is_empty() => "no option of it has one".to_owned(),
            Self::NotSet { set, .. } => format!("those that have one are {}", quoted(set)),
            Self::Reference(_) => {
                "an image's name is `[host/]repository[:tag]`, such as `registry.example.com/acme/train:v3`".to_owned()
            }
            Self::OtherHost { uri, .. } => format!("if that is the registry that you mean, write `{uri}`"),
            Self::NoOwner { uri, near, .. } if near.is_empty() => {
                format!("register its registry: `crhost registry register NAME --flavor FLAVOR --uri {uri}`")
            }
            Self::NoOwner { uri, near, .. } => format!(
                "near are {}; name one with `--to`, or register `{uri}` with `crhost registry register`",
                near.join(", ")
            ),
            Self::Ambiguous { .. } => "name one with `--to`, or choose one with `crhost registry use NAME`".to_owned(),
            Self::Elsewhere { registry, repository, uri, .. } => {
                format!("`--to {registry} --as {repository}` pushes it as `{uri}/{repository}`")
            }
            Self::NoTarget => "name a registry with `--to`, or choose one with `crhost registry use NAME`".to_owned(),
            Self::NoName => "say it with `--as REPOSITORY[:TAG]`".to_owned(),
        })
    }
}
