//! Why another client is not served.

use std::io;

use crate::access::AccessError;
use crate::connector::ConnectorError;
use crate::docker::EditError;
use crate::error::Explain;
use crate::image::Host;
use crate::store::{Name, NameError, StoreError};
use crate::text::{Escaped, Foreign};

/// A failure to serve another client.
#[derive(Debug, thiserror::Error, Explain)]
pub(crate) enum ClientError {
    /// Several registries on a host have different accounts, and the client does not say which it means.
    #[error("several registries are registered on `{host}`: {}", names(registries))]
    #[explain(kind = Usage, hint = "`crhost registry use NAME` says which one is meant")]
    Ambiguous {
        /// The host.
        host: Host,
        /// The registries.
        registries: Vec<Name>,
    },
    /// No registry is registered on a host.
    #[error("no registry is registered on `{host}`")]
    #[explain(
        kind = NotFound,
        hint = "register it: `crhost registry register NAME --flavor {flavor} --uri {host}{path}`"
    )]
    NoRegistry {
        /// The host.
        host: Host,
        /// The flavor that it probably wants.
        flavor: Escaped,
        /// The path that was typed, with a slash in front; or nothing.
        path: Escaped,
    },
    /// A text that names no registry. It is not shown, as a password may be in it.
    #[error("this is no registry: expected a registered one's name, its host, or a URI such as `ghcr.io/acme`")]
    #[explain(kind = Usage, hint = "`crhost registry list` shows the registered ones")]
    NoServer,
    /// A text that is no name.
    #[error(transparent)]
    #[explain(kind = Usage, hint = "`crhost registry list` shows the registered ones")]
    Name(#[from] NameError),
    /// A login or logout where the user chose a connector.
    #[error("registry `{registry}` takes its credentials from the connector `{connector}`, and needs no login")]
    #[explain(
        kind = Conflict,
        hint = "`crhost connector update {connector}` changes it, `crhost registry disconnect {registry}` takes it away"
    )]
    HasConnector {
        /// The registry.
        registry: Name,
        /// Its connector.
        connector: Name,
    },
    /// A login at a registry whose flavor takes no password.
    #[error("flavor `{flavor}` of registry `{registry}` takes no password")]
    #[explain(kind = Usage, hint = "`crhost flavor describe {flavor}` shows what it takes; store that as a connector")]
    NoPassword {
        /// The registry.
        registry: Name,
        /// Its flavor.
        flavor: Escaped,
    },
    /// A login at a registry whose URI the user did not type.
    #[error("registry `{registry}` is at `{uri}`, which its flavor chose and you have not agreed to")]
    #[explain(
        kind = Usage,
        hint = "agree with `crhost registry update {registry} --uri {uri}`, and log in again"
    )]
    NotConfirmed {
        /// The registry.
        registry: Name,
        /// Its URI.
        uri: Escaped,
    },
    /// The connector that a login would make is another registry's.
    #[error("the connector `{connector}`, which keeps the login of registry `{registry}`, is another registry's")]
    #[explain(kind = Conflict, hint = "give it another name with `crhost connector update {connector} --name NEW`")]
    Taken {
        /// The registry.
        registry: Name,
        /// The connector.
        connector: Name,
    },
    /// No login is written where the client would not read it.
    #[error("clients ask the helper `docker-credential-{helper}` about `{host}`, and don't read a login in `{file}`")]
    #[explain(kind = Conflict, hint = helper_hint(helper, registry, authfile))]
    Unread {
        /// The registry.
        registry: Name,
        /// Its host.
        host: Host,
        /// The file.
        file: Escaped,
        /// The option that names the file in a command, with a blank in front; empty for Docker's own.
        authfile: Box<Escaped>,
        /// The helper.
        helper: Escaped,
    },
    /// Clients ask crhost's helper, which is not there, in place of reading a login.
    #[error(
        "clients ask the helper `docker-credential-crhost` about `{host}` and don't read a login in `{file}`, but the \
         helper's program is not on the PATH"
    )]
    #[explain(
        kind = Conflict,
        hint = "`crhost docker install {registry}{authfile} --directory DIR` makes it in a directory on the PATH; \
                `crhost docker uninstall {registry}{authfile}` has clients read logins again"
    )]
    HelperNotFound {
        /// The registry.
        registry: Name,
        /// Its host.
        host: Host,
        /// The file.
        file: Escaped,
        /// As in [`ClientError::Unread`].
        authfile: Box<Escaped>,
    },
    /// There is nothing to log in with.
    #[error("there are no credentials for registry `{0}`")]
    #[explain(kind = Auth, hint = "store some with `crhost connector register`, and `crhost registry connect {_0}` them")]
    Anonymous(Name),
    /// Another program has the name of crhost's helper.
    #[error("`{0}` is another program than this crhost's helper")]
    #[explain(kind = Conflict, hint = "move it away, or name another directory on the PATH with `--directory`")]
    OtherProgram(Escaped),
    /// The helper can't be put anywhere.
    #[error("`docker-credential-crhost` can't be made in `{directory}`: {reason}")]
    #[explain(kind = General, hint = "name a directory on the PATH that you may write to with `--directory`")]
    NoDirectory {
        /// The directory that was tried first.
        directory: Escaped,
        /// The operating system's reason.
        reason: Foreign<io::Error>,
    },
    /// The link to the helper can't be removed.
    #[error("the link `{path}` can't be removed: {reason}")]
    #[explain(kind = General, hint = "remove it by hand; no client asks it any more")]
    LinkStays {
        /// The link.
        path: Escaped,
        /// The operating system's reason.
        reason: Foreign<io::Error>,
    },
    /// The program's own file is not known.
    #[error("the program's own file can't be found: {0}")]
    #[explain(kind = General)]
    NoProgram(Foreign<io::Error>),
    /// A file of another client can't be edited.
    #[error(transparent)]
    #[explain(transparent)]
    Edit(#[from] EditError),
    /// The registry's flavor gives no credentials.
    #[error(transparent)]
    #[explain(transparent)]
    Access(#[from] AccessError),
    /// A login can't be stored as a connector.
    #[error(transparent)]
    #[explain(transparent)]
    Connector(#[from] ConnectorError),
    /// The store can't be read or written.
    #[error(transparent)]
    #[explain(transparent)]
    Store(#[from] StoreError),
}

fn names(names: &[Name]) -> String {
    crate::text::quoted(names)
}

fn helper_hint(helper: &Escaped, registry: &Name, authfile: &Escaped) -> String {
    match helper.as_str() {
        crate::docker::protocol::OWN_HELPER => format!(
            "no login is needed: crhost gives the credentials. `crhost docker uninstall {registry}{authfile}` ends that"
        ),
        _ => format!("`crhost docker install {registry}{authfile}` has them ask crhost instead"),
    }
}
