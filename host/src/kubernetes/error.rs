//! Why there are no credentials for a cluster.

use std::io;

use crate::access::AccessError;
use crate::clients::ClientError;
use crate::error::Explain;
use crate::image::ReferenceError;
use crate::store::{Name, StoreError};
use crate::text::{Escaped, Foreign};

/// A failure to give credentials to a cluster.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum KubernetesError {
    /// There is nothing to pull with.
    #[error("there are no credentials for registry `{0}`")]
    #[explain(kind = Auth, hint = "store some with `crhost connector register`, and `crhost registry connect {_0}` them")]
    Anonymous(Name),
    /// The kubelet knows user names and passwords alone.
    #[error("the credentials of registry `{0}` are an identity token, with which the kubelet can't pull")]
    #[explain(
        kind = Auth,
        hint = "store a user name and a password with `crhost connector register`, and `crhost registry connect {_0}` them"
    )]
    IdentityToken(Name),
    /// Two accounts would have the same key in a Secret.
    #[error("registries `{0}` and `{1}` have the same URI, and a Secret has one account for it")]
    #[explain(hint = "make a Secret for each, with `--name`")]
    SameUri(Name, Name),
    /// The kubelet never finds the images of a registry.
    #[error("the kubelet matches no image below `{uri}` of registry `{registry}`")]
    #[explain(hint = "an IPv6 address needs a port in its rules; a name of the host does without")]
    Unmatched {
        /// The registry.
        registry: Name,
        /// Its URI.
        uri: Escaped,
    },
    /// There is nothing to write into the kubelet's configuration.
    #[error("no registries, for which the kubelet could ask crhost")]
    #[explain(hint = "register one with `crhost registry register NAME --flavor FLAVOR --uri URI`")]
    NoRegistries,
    /// The document on standard input is no request.
    #[error("standard input is no request of the kubelet: {0}")]
    #[explain(hint = "expected JSON with `apiVersion`, `kind: CredentialProviderRequest` and `image`")]
    NoRequest(Escaped),
    /// A request of another version.
    #[error("the kubelet's request has the version `{0}`, expected {known}", known = super::provider::versions())]
    #[explain(hint = "set `apiVersion` of this provider in the kubelet's configuration to one of them")]
    Version(Escaped),
    /// A request for something that is no image.
    #[error("the kubelet's request has no image: {0}")]
    #[explain(hint = "expected a name such as `ghcr.io/acme/train`")]
    NoImage(ReferenceError),
    /// The pod's token can't be written for the flavor.
    #[error("the service account's token can't be handed on: {0}")]
    #[explain(kind = General, hint = "the directory of temporary files has to be writable: TMPDIR")]
    Token(Foreign<io::Error>),
    /// Another client could not be served either.
    #[error(transparent)]
    #[explain(transparent)]
    Client(#[from] ClientError),
    /// The registry's flavor gives no credentials.
    #[error(transparent)]
    #[explain(transparent)]
    Access(#[from] AccessError),
    /// The store can't be read.
    #[error(transparent)]
    #[explain(transparent)]
    Store(#[from] StoreError),
}
