//! Why a component is not published, fetched or found.

use crate::distribution;
use crate::edit::EditError;
use crate::error::Explain;
use crate::flavor::{AdmissionError, component_bytes};
use crate::image::{Digest, ManifestError};
use crate::inspect::InspectError;
use crate::json::Malformed;
use crate::session::SessionError;
use crate::source::SourceError;
use crate::store::StoreError;
use crate::supply_chain::SupplyChainError;
use crate::text::{Escaped, Printable};

use super::place::Place;

/// A failure with a component in a registry.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Flavor)]
pub(crate) enum ComponentError {
    /// The registry can't be found, opened or asked, or has no such name.
    #[error(transparent)]
    #[explain(transparent)]
    Inspect(#[from] Box<InspectError>),
    /// A tag can't be moved.
    #[error(transparent)]
    #[explain(transparent)]
    Edit(#[from] Box<EditError>),
    /// Signatures can't be made or read.
    #[error(transparent)]
    #[explain(transparent)]
    SupplyChain(#[from] Box<SupplyChainError>),
    /// The component's bytes don't come.
    #[error(transparent)]
    #[explain(transparent)]
    Source(#[from] Box<SourceError>),
    /// The store can't be read.
    #[error(transparent)]
    #[explain(transparent)]
    Store(#[from] Box<StoreError>),
    /// What is to be published is no component.
    #[error(transparent)]
    #[explain(transparent)]
    Admission(#[from] AdmissionError),
    /// The manifest can't be understood.
    #[error("`{artifact}` is no WebAssembly component: {reason}")]
    #[explain(hint = NO_COMPONENT.to_owned())]
    Manifest {
        /// The artifact.
        artifact: Escaped,
        /// Why.
        reason: ManifestError,
    },
    /// The artifact is something else.
    #[error("`{artifact}` is no WebAssembly component: it {found}")]
    #[explain(hint = NO_COMPONENT.to_owned())]
    Foreign {
        /// The artifact.
        artifact: Escaped,
        /// What it is.
        found: Foreign,
    },
    /// The component's bytes are others than the manifest says.
    #[error("the registry gave other bytes for `{artifact}` than `{expected}`")]
    #[explain(kind = Verification, hint = "the registry, or something before it, changes what it stores; tell whoever runs it")]
    OtherContent {
        /// The artifact.
        artifact: Escaped,
        /// The digest of its component.
        expected: Box<Digest>,
    },
    /// The artifact is not signed as it has to be.
    #[error(transparent)]
    #[explain(kind = Verification, hint = _0.hint())]
    Unsigned(Box<Unsigned>),
    /// A repository without any release.
    #[error("`{0}` has no tag of a release, such as `1.2.0`")]
    #[explain(kind = NotFound, hint = "name a tag or a digest: `crhost tags {0}` lists what is there")]
    NoRelease(Escaped),
    /// A version that the repository does not have.
    #[error("`{repository}` has no version {version}")]
    #[explain(kind = NotFound, hint = "`crhost tags {repository}` lists what is there")]
    NoVersion {
        /// The repository.
        repository: Escaped,
        /// The version.
        version: Escaped,
    },
    /// A version's tag names another component.
    #[error("`{tag}` is published already, with other bytes ({found})")]
    #[explain(
        kind = Conflict,
        hint = "raise the version: users and their pins trust that it stays; `--force` moves the tag all the same"
    )]
    Published {
        /// The tag, with its repository.
        tag: Escaped,
        /// The digest of what it names.
        found: Box<Digest>,
    },
    /// A version's tag names something that is no component.
    #[error("`{tag}` is there already, and is no WebAssembly component")]
    #[explain(kind = Conflict, hint = "publish to another repository, or `--force` moves the tag all the same")]
    Occupied {
        /// The tag, with its repository.
        tag: Escaped,
    },
    /// A digest where something is published to.
    #[error("`{0}` has a digest, which nothing can be published under")]
    #[explain(kind = Usage, hint = "give the repository alone, such as `ghcr.io/acme/myreg`; the version makes the tag")]
    Digest(Escaped),
    /// A version that makes no tag.
    #[error("version {0} is too long for a tag")]
    #[explain(kind = Usage, hint = "`--tag TAG` gives another one")]
    NoTag(Escaped),
    /// Something that is no index of components.
    #[error("`{index}` is no index of flavors: {reason}")]
    #[explain(kind = Usage, hint = "`crhost flavor publish --index` makes one; the page about publishing has its form")]
    NoIndex {
        /// The index.
        index: Escaped,
        /// Why.
        reason: Malformed,
    },
    /// Something that is no artifact with an index.
    #[error("`{0}` is no index of flavors")]
    #[explain(kind = Usage, hint = "`crhost flavor publish --index` makes one; the page about publishing has its form")]
    NoIndexArtifact(Escaped),
    /// Others change the index all the time.
    #[error("`{0}` was changed by others at the same time, again and again")]
    #[explain(kind = Conflict, hint = "the component is published; publish it once more to add it to the index")]
    Contended(Escaped),
    /// An index that grew too large.
    #[error("the index `{index}` would have {size} bytes; registries and readers take {limit}")]
    #[explain(kind = Usage, hint = "add it to another index")]
    IndexTooLarge {
        /// The index.
        index: Escaped,
        /// Its size.
        size: usize,
        /// The most.
        limit: usize,
    },
}

/// The next step where a reference names something else.
const NO_COMPONENT: &str = "name the artifact of a flavor, as `crhost flavor publish`, `wkg` and `oras` make it: one layer \
                            of `application/wasm`";

/// What an artifact is that is no single component, in words that follow "it".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Printable)]
pub(crate) enum Foreign {
    /// Several images under one name.
    #[error("is an index of several images")]
    Index,
    /// Nothing.
    #[error("has no layer with anything in it")]
    Empty,
    /// A container image.
    #[error("is a container image")]
    Image,
    /// Another kind of content.
    #[error("has a layer of type `{0}`")]
    Layer(Escaped),
    /// More than one layer.
    #[error("has {0} layers, expected one")]
    Layers(usize),
    /// More bytes than any component that is admitted.
    #[error("has {0} bytes, expected at most {max}", max = component_bytes())]
    TooLarge(u64),
}

/// An artifact that is not signed as it has to be.
#[derive(Debug, thiserror::Error, Printable)]
#[error("`{artifact}` is not signed as it has to be{}: {reason}", demanded(place.as_ref()))]
pub(crate) struct Unsigned {
    /// The repository and the digest.
    pub(super) artifact: Escaped,
    /// The place whose keys are demanded; `None` for the key of this run.
    pub(super) place: Option<Place>,
    /// Why no signature counts.
    pub(super) reason: Escaped,
}

impl Unsigned {
    fn hint(&self) -> String {
        match &self.place {
            Some(place) => format!(
                "`crhost flavor trust list` shows the keys for `{place}`; ask the author which key signs, and add that"
            ),
            None => "ask the author which key signs it, and name that key".to_owned(),
        }
    }
}

fn demanded(place: Option<&Place>) -> String {
    place.map_or_else(String::new, |place| format!(" for `{place}`"))
}

macro_rules! boxed {
    ($($error:ty),*) => {
        $(impl From<$error> for ComponentError {
            fn from(error: $error) -> Self {
                Box::new(error).into()
            }
        })*
    };
}

boxed!(InspectError, EditError, SupplyChainError, SourceError, StoreError);

impl From<SessionError> for ComponentError {
    fn from(error: SessionError) -> Self {
        InspectError::from(error).into()
    }
}

impl From<distribution::Error> for ComponentError {
    fn from(error: distribution::Error) -> Self {
        SessionError::from(error).into()
    }
}
