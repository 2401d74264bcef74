//! The contract's functions as one trait.

use crate::cleanup::{CleanupOperations, RepositoryPage, TagPage};
use crate::commands::Command;
use crate::id_tokens::{Claims, IdToken, Instruction};
use crate::key_wrapping::WrappedKey;
use crate::options::Options;
use crate::secrets::Secret;
use crate::types::{AcceptedUri, Connector, Credential, Description, Failure, Image, Prepared, Purpose, Registry};

/// A flavor: the exports of `crhost:flavor/flavor`, and of the optional interfaces.
pub trait Flavor {
    /// Describes the flavor: static facts, the same at every call; must not call the host.
    fn describe() -> Description;

    /// Says whether `uri` names a registry of this kind, and gives its canonical form.
    ///
    /// `uri` is the text that the user typed. Pure: must not call [`http`](crate::http). Fails as `invalid-input`, with
    /// a hint that shows a correct form, or as `unsupported` if it is well formed and of a kind that the flavor does
    /// not serve.
    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure>;

    /// Checks that everything exists that `image` needs, e.g. its repository, or creates it where the options ask for
    /// it.
    ///
    /// Called before the first byte is sent; a failure stops the push. May be called again for the same image, so that
    /// a repository which exists already is a success. `connector` is `None` if the registry has no connector.
    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure>;

    /// Gives credentials for the registry's own host, for `image`'s repository if there is an image; fresh ones at
    /// every call.
    ///
    /// `purpose` says what they have to be good for; they may be good for more. Without an image they are for the whole
    /// registry, e.g. to list its repositories.
    fn credentials(
        registry: Registry,
        connector: Option<Connector>,
        purpose: Purpose,
        image: Option<Image>,
    ) -> Result<Credential, Failure>;

    /// Proves that the service accepts the connector's credentials, and names their owner in one line.
    ///
    /// Fails as `unsupported` by default: a registry is then the first to prove the credentials.
    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        let _ = options;
        Err(Failure::unsupported(format!(
            "there is no way to prove credentials of method `{}` alone",
            connector.method
        )))
    }

    /// Lists the registries that the connector can reach, as canonical URIs, in a stable order and without duplicates.
    ///
    /// Fails as `unsupported` by default.
    fn list_resources(connector: Connector, options: &Options) -> Result<Vec<String>, Failure> {
        let _ = options;
        Err(Failure::unsupported(format!(
            "registries can't be listed with credentials of method `{}`",
            connector.method
        )))
    }

    /// Declares the fields that crhost fills with an id token of the machine, where the user allowed it and gave no
    /// value; none by default. Static facts, the same at every call; must not call the host.
    fn describe_id_tokens() -> Vec<IdToken> {
        Vec::new()
    }

    /// Says what the user has to set up so that the service accepts tokens with these claims, and no others.
    ///
    /// The connector has its text fields alone. Pure: must not call [`http`](crate::http). Fails as `unsupported` by
    /// default.
    fn explain_trust(connector: Connector, options: &Options, claims: &Claims) -> Result<Vec<Instruction>, Failure> {
        let _ = (options, claims);
        Err(Failure::unsupported(format!("nothing has to be set up for auth method `{}`", connector.method)))
    }

    /// Declares the programs on the user's machine that print a field, where the user allowed one by its name; none by
    /// default. Static facts, the same at every call; must not call the host.
    fn describe_commands() -> Vec<Command> {
        Vec::new()
    }

    /// Declares the requests of the functions below, besides those of [`describe`](Flavor::describe): static facts, the
    /// same at every call; must not call the host. No push may send them, and the user accepts those that delete by
    /// name.
    fn describe_cleanup() -> Vec<CleanupOperations> {
        Vec::new()
    }

    /// Lists the repositories below the registry's URI, e.g. `acme/train`, at most 1,000 at once. `page` is what the
    /// part before gave as `next`.
    ///
    /// Fails as `unsupported` by default, as the functions below: crhost then uses the registry's own protocol.
    fn list_repositories(
        registry: Registry,
        connector: Option<Connector>,
        page: Option<String>,
    ) -> Result<RepositoryPage, Failure> {
        let _ = (registry, connector, page);
        Err(crate::cleanup::unsupported("lists no repositories"))
    }

    /// Lists the tags of a repository, and manifests without tags if the registry can, at most 1,000 at once.
    fn list_tags(
        registry: Registry,
        connector: Option<Connector>,
        repository: String,
        page: Option<String>,
    ) -> Result<TagPage, Failure> {
        let _ = (registry, connector, repository, page);
        Err(crate::cleanup::unsupported("lists no tags"))
    }

    /// Deletes a manifest with all of its tags; fails as `not-found` if there is none.
    fn delete_manifest(
        registry: Registry,
        connector: Option<Connector>,
        repository: String,
        digest: String,
    ) -> Result<(), Failure> {
        let _ = (registry, connector, repository, digest);
        Err(crate::cleanup::unsupported("deletes no manifests"))
    }

    /// Deletes a tag alone; fails as `not-found` if there is none.
    fn delete_tag(
        registry: Registry,
        connector: Option<Connector>,
        repository: String,
        tag: String,
    ) -> Result<(), Failure> {
        let _ = (registry, connector, repository, tag);
        Err(crate::cleanup::unsupported("deletes no tags"))
    }

    /// Has a service make a key and wrap it: see [`key_wrapping`](crate::key_wrapping).
    ///
    /// Fails as `unsupported` by default.
    fn make_key(registry: Registry, connector: Option<Connector>) -> Result<WrappedKey, Failure> {
        let _ = (registry, connector);
        Err(crate::key_wrapping::unsupported())
    }

    /// Has the service unwrap a key that [`make_key`](Self::make_key) gave.
    ///
    /// Fails as `unsupported` by default.
    fn unwrap_key(registry: Registry, connector: Option<Connector>, wrapped: String) -> Result<Secret, Failure> {
        let _ = (registry, connector, wrapped);
        Err(crate::key_wrapping::unsupported())
    }
}
