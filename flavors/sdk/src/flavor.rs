//! What a flavor is: the contract's functions as one trait.

use crate::options::Options;
use crate::types::{AcceptedUri, Connector, Credential, Description, Failure, Image, Prepared, Registry};

/// A flavor: what `crhost:flavor/flavor` exports, and the optional interfaces with it.
pub trait Flavor {
    /// Describes the flavor: static facts, the same at every call; must not call the host.
    fn describe() -> Description;

    /// Says whether `uri` names a registry of this kind, and gives its canonical form.
    ///
    /// `uri` is what the user typed. Pure: must not call [`http`](crate::http). Fails as `invalid-input`, with a hint that
    /// shows a correct form, or as `unsupported` if it is well formed and of a kind that the flavor does not serve.
    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure>;

    /// Checks, or creates where the options ask for it, what must exist before `image` is pushed.
    ///
    /// Called before the first byte is sent; a failure stops the push. May be called again for the same image, so what
    /// already exists is a success. `connector` is none if the user attached none to the registry.
    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure>;

    /// Gives credentials for `image`'s repository on the registry's own host; fresh ones at every call.
    fn credentials(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Credential, Failure>;

    /// Proves that the other side accepts the connector's credentials, and says in one line whom it takes them for.
    ///
    /// Fails as `unsupported` unless the flavor does it differently: the credentials are first proved by a registry then.
    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        let _ = options;
        Err(Failure::unsupported(format!(
            "there is no way to prove credentials of method `{}` alone",
            connector.method
        )))
    }

    /// Lists the registries that the connector can reach, as canonical URIs, in a stable order and without duplicates.
    ///
    /// Fails as `unsupported` unless the flavor does it differently.
    fn list_resources(connector: Connector, options: &Options) -> Result<Vec<String>, Failure> {
        let _ = options;
        Err(Failure::unsupported(format!(
            "registries can't be listed with credentials of method `{}`",
            connector.method
        )))
    }
}
