//! Errors of registering, changing, verifying and selecting registries.

use super::hints::{
    hint_for_methods, hint_for_not_confirmed, hint_for_options, hint_for_other_host, hint_for_other_uri, hint_to_push,
};
use super::suggestion::{self, Suggestion};
use super::ungranted::Ungranted;
use crate::access::AccessError;
use crate::catalog::CatalogError;
use crate::connector::ConnectorError;
use crate::distribution;
use crate::error::{Explain, Kind};
use crate::flavor::{CallError, FlavorName, OptionError};
use crate::image::{ReferenceError, RegistryUri};
use crate::store::{Name, StoreError};
use crate::text::{Escaped, Printable, quoted};

/// A failure to register, to open or to find a registry.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum RegistryError {
    /// The flavor is unknown or does not load.
    #[error(transparent)]
    #[explain(transparent)]
    Catalog(#[from] CatalogError),
    /// The flavor refused or failed. Boxed, since a refusal is larger than every other variant.
    #[error(transparent)]
    #[explain(transparent)]
    Flavor(Box<CallError>),
    /// The store.
    #[error(transparent)]
    #[explain(transparent)]
    Store(#[from] StoreError),
    /// The flavor can't use the connector.
    #[error(transparent)]
    #[explain(transparent)]
    Connector(#[from] ConnectorError),
    /// The flavor gives no credentials.
    #[error(transparent)]
    #[explain(transparent)]
    Access(Box<AccessError>),
    /// A server gives no credentials for the whole registry.
    #[error("the server refuses: {detail}")]
    #[explain(
        kind = Auth,
        hint = "its rules may be for single repositories: name one, `crhost registry verify {registry} IMAGE`"
    )]
    NotWhole {
        /// The registry.
        registry: Name,
        /// The server's words.
        detail: Escaped,
    },
    /// The registry refused or did not answer.
    #[error(transparent)]
    #[explain(transparent)]
    Distribution(Box<distribution::Error>),
    /// The connector did not open the registry, so nothing was stored.
    #[error(transparent)]
    #[explain(transparent)]
    Unproved(#[from] Unproved),
    /// No stored connector has an auth method of the flavor.
    #[error("no connector fits registry `{registry}`, whose flavor is `{flavor}`")]
    #[explain(kind = NotFound, hint = hint_for_methods(methods))]
    NoFittingConnector {
        /// The registry.
        registry: Name,
        /// Its flavor.
        flavor: FlavorName,
        /// The flavor's auth methods, each as `type/method`.
        methods: Vec<Escaped>,
    },
    /// A flavor that gives a stored URI another canonical form than at registration.
    #[error("flavor `{flavor}` reads `{kept}` as `{uri}` now")]
    #[explain(hint = hint_for_other_uri(registry, kept, uri))]
    OtherUri {
        /// The registry.
        registry: Name,
        /// Its flavor.
        flavor: FlavorName,
        /// The stored URI.
        kept: Box<RegistryUri>,
        /// The canonical form that the flavor gives it now.
        uri: Box<RegistryUri>,
    },
    /// An option to remove that the user has given no value.
    #[error("registry `{registry}` has no value of its own for the option `{name}`")]
    #[explain(hint = hint_for_options(set))]
    NotSet {
        /// The registry.
        registry: Name,
        /// The option.
        name: Escaped,
        /// The options that have a value.
        set: Vec<Escaped>,
    },
    /// A text that is not an image reference.
    #[error(transparent)]
    #[explain(hint = "an image's name is `[host/]repository[:tag]`, such as `registry.example.com/acme/train:v3`")]
    Reference(#[from] ReferenceError),
    /// A flavor that would send images to another host than the user said.
    #[error("flavor `{flavor}` makes `{uri}` of `{typed}`, which is another host")]
    #[explain(kind = Flavor, hint = hint_for_other_host(uri, *is_default_port))]
    OtherHost {
        /// The flavor.
        flavor: FlavorName,
        /// The URI as the user typed it.
        typed: Escaped,
        /// The flavor's canonical form of it.
        uri: Box<RegistryUri>,
        /// Whether only the port 443 is left out.
        is_default_port: bool,
    },
    /// A flavor that takes a word for a host.
    #[error("flavor `{flavor}` makes `{uri}` of `{typed}`, which names no host that images can name")]
    #[explain(kind = Flavor, hint = "write the host with its domain or its port, such as `registry.example.com/acme`")]
    NoHost {
        /// The flavor.
        flavor: FlavorName,
        /// The URI as the user typed it.
        typed: Escaped,
        /// The flavor's canonical form of it.
        uri: Box<RegistryUri>,
    },
    /// Credentials would go to a registry that the flavor chose, and the user did not agree.
    #[error("{remark}, which you did not type")]
    #[explain(hint = hint_for_not_confirmed(connector, uri, registered.as_ref()))]
    NotConfirmed {
        /// What the flavor made of what was typed.
        remark: Escaped,
        /// The connector.
        connector: Name,
        /// The registry's URI as the flavor made it.
        uri: Box<RegistryUri>,
        /// The name of the registry if it is registered already.
        registered: Option<Name>,
    },
    /// An option that the flavor does not take.
    #[error(transparent)]
    #[explain(transparent)]
    Option(#[from] Box<OptionError>),
    /// An option that names a host which the flavor may not reach.
    #[error(transparent)]
    #[explain(transparent)]
    Ungranted(#[from] Box<Ungranted>),
    /// The image is below the URI of no registry.
    #[error("no registry is registered for `{image}`")]
    #[explain(kind = NotFound, hint = suggestion::hint_for_owner(uri, near))]
    NoOwner {
        /// The image.
        image: Escaped,
        /// A URI that would own it.
        uri: Escaped,
        /// Registered registries with similar URIs.
        near: Vec<Escaped>,
    },
    /// The image's name has no host, and no registry was chosen for such names.
    #[error("no registry was named for `{image}`, and none is in use")]
    #[explain(kind = NotFound, hint = suggestion::hint_to_choose(known, *more))]
    NoneChosen {
        /// The image, as it was typed.
        image: Escaped,
        /// Registered registries to choose from, in words.
        known: Vec<Escaped>,
        /// How many more there are.
        more: usize,
    },
    /// The same of a command that takes no registry beside the name.
    #[error("no registry was named for `{image}`, and none is in use")]
    #[explain(kind = NotFound, hint = suggestion::hint_to_name(known, *more))]
    NoneNamed {
        /// The image, as it was typed.
        image: Escaped,
        /// Its names below registered registries, in words.
        known: Vec<Escaped>,
        /// How many more there are.
        more: usize,
    },
    /// A name of a layout or an archive.
    #[error("`{0}` is no image in a registry; `crhost pull` writes layouts and archives, and `crhost push` sends them")]
    #[explain(hint = "write `NAME/train:v3` with the name of a registered registry, or the whole name with its host")]
    Local(Escaped),
    /// The image is below the same URI of several registries.
    #[error("`{image}` belongs to several registries: {}", quoted(.registries))]
    #[explain(hint = "name one with `--to`, or choose one with `crhost registry use NAME`")]
    Ambiguous {
        /// The image.
        image: Escaped,
        /// The registries that own it.
        registries: Vec<Name>,
    },
    /// The image's name has the host or the path of another registry than the one that was named.
    #[error("`{image}` does not belong to {registry}")]
    #[explain(hint = hint_to_push(to.as_ref(), uri, repository))]
    Elsewhere {
        /// The image.
        image: Escaped,
        /// The registry that was named, in words.
        registry: Escaped,
        /// Its name, if it is registered.
        to: Option<Name>,
        /// Its URI.
        uri: Box<RegistryUri>,
        /// The last component of the image's repository.
        repository: Escaped,
    },
    /// The image to verify has the host or the path of another registry than the one that was named.
    #[error("`{image}` does not belong to registry `{registry}`, which is `{uri}`")]
    #[explain(hint = "`crhost registry verify {registry} {repository}` asks about `{uri}/{repository}`")]
    VerifyElsewhere {
        /// The image.
        image: Escaped,
        /// The registry that was named.
        registry: Name,
        /// Its URI.
        uri: Box<RegistryUri>,
        /// The last component of the image's repository.
        repository: Escaped,
    },
    /// The name of a registry looks like a host, and no registry has it.
    #[error("there is no registry named `{0}`")]
    #[explain(kind = NotFound, hint = "if the host is meant, write it as a URI: `--to {0}/`")]
    HostAsName(Name),
    /// Options for one push to a registered registry.
    #[error("`--option` is for a registry that is not registered, and `{0}` is")]
    #[explain(hint = "`crhost registry update {0} --option NAME=VALUE` changes one of its options")]
    OptionsOfRegistered(Name),
    /// A flavor for one push, and no registry.
    #[error("no registry was named, only a flavor")]
    #[explain(hint = "give the registry's URI with `--to` or `--uri`, or the image a name with the registry's host")]
    NoUri,
    /// The user named no registry, and no registry is the current one.
    #[error("no registry was named, and none is in use")]
    #[explain(hint = "give its name or its URI with `--to`, or choose one with `crhost registry use NAME`")]
    NoTarget,
    /// The user gave the image no name, which would say what the push overwrites.
    #[error("no name was given that the image is to have in the registry")]
    #[explain(hint = suggestion::hint(suggestion.as_ref()))]
    NoName {
        /// The name that the image's file has for it.
        suggestion: Option<Suggestion>,
    },
}

/// A connector that did not open its registry.
#[derive(Debug, thiserror::Error, Printable)]
#[error("{reason}")]
pub(crate) struct Unproved {
    /// The registry.
    pub(crate) registry: Name,
    /// Why not.
    pub(crate) reason: Box<RegistryError>,
}

impl Explain for Unproved {
    fn kind(&self) -> Kind {
        self.reason.kind()
    }

    fn hint(&self) -> Option<Escaped> {
        let hint = self.reason.hint().unwrap_or_else(|| format!("nothing of `{}` was stored", self.registry).into());
        Some(match self.kind() {
            // No advice to store credentials that are known to be wrong.
            Kind::Auth => hint,
            _ => format!("{hint}; `--no-verify` stores it without asking").into(),
        })
    }
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

impl From<CallError> for RegistryError {
    fn from(error: CallError) -> Self {
        Self::Flavor(Box::new(error))
    }
}
