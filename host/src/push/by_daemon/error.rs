//! Reasons why the daemon does not push.

use super::refusal::{Cause, Refusal};
use crate::docker::EngineError;
use crate::error::{Explain, Kind};
use crate::image::{Digest, Platform};
use crate::registry::Target;
use crate::source::InDaemon;
use crate::text::{Escaped, Printable};

/// A push that the daemon can't make, or did not.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum ByDaemonError {
    /// The image is not in a daemon.
    #[error("`--engine daemon` is for images of the Docker daemon, and `{0}` is none")]
    #[explain(hint = "leave it out: crhost sends files itself")]
    NotInDaemon(Escaped),
    /// There are several registries.
    #[error("`--engine daemon` is for one registry: the daemon reads and compresses the image for each of them again")]
    #[explain(hint = "leave it out: crhost reads the image once for all of them")]
    OneRegistry,
    /// An option that only crhost's own pushes have.
    #[error("`{option}` can't be kept with `--engine daemon`: the daemon {reason}")]
    #[explain(hint = format!("leave one of them out; `--engine native` keeps `{option}`"))]
    Option {
        /// The option.
        option: &'static str,
        /// What the daemon does instead.
        reason: &'static str,
    },
    /// The daemon's API is too old for `--platform`.
    #[error(
        "the Docker daemon at `{endpoint}` can't choose a platform: the version of its API is {found}, expected 1.46 or \
         newer"
    )]
    #[explain(hint = format!("leave `--platform` out, with which the daemon's image for `{image}` is meant, or use \
                              `--engine native`"))]
    Platform {
        /// The daemon's endpoint.
        endpoint: Escaped,
        /// The version of its API.
        found: Escaped,
        /// The image's platform in the daemon.
        image: Platform,
    },
    /// The image is named by a digest, which a daemon can't promise.
    #[error("the Docker daemon can't push exactly the image `{0}`: it makes the manifest while it pushes")]
    #[explain(hint = "name it by a tag, with `--as REPOSITORY:TAG`, or use `--engine native`")]
    Digest(Digest),
    /// No tag would be moved, and a daemon pushes nothing else.
    #[error("the Docker daemon pushes nothing without a tag")]
    #[explain(hint = "name a tag with `--as REPOSITORY:TAG`, or use `--engine native`")]
    NoTag,
    /// The credentials would go over the network in the clear.
    #[error(
        "the Docker daemon at `{0}` would be sent the registry's credentials over plain TCP, where others can read them"
    )]
    #[explain(
        kind = Auth,
        hint = "reach it with `ssh://USER@HOST` or with TLS (`DOCKER_TLS_VERIFY=1`), or use `--engine native`, which \
                keeps them here"
    )]
    Readable(Escaped),
    /// The daemon could not be asked to name or find the image.
    #[error(transparent)]
    #[explain(transparent)]
    Engine(#[from] EngineError),
    /// The daemon, or the registry that it asked, refused.
    #[error(transparent)]
    #[explain(transparent)]
    Refused(Box<Refused>),
}

/// A refusal of the daemon, or of the registry that it asked.
#[derive(Debug, thiserror::Error, Printable)]
#[error("the Docker daemon at `{endpoint}` could not push `{image}`: {}", refusal.words)]
pub(crate) struct Refused {
    endpoint: Escaped,
    image: Escaped,
    /// The registry's host.
    host: Escaped,
    refusal: Refusal,
}

impl ByDaemonError {
    pub(super) fn refused(image: &InDaemon, target: &Target, refusal: Refusal) -> Self {
        Self::Refused(Box::new(Refused {
            endpoint: Escaped::of(image.engine.endpoint()),
            image: Escaped::of(&target.image),
            host: Escaped::of(target.image.host()),
            refusal,
        }))
    }

    /// Whether the failure is that of the daemon and its machine, so that crhost itself may have more success.
    pub(in crate::push) fn is_of_daemon_alone(&self) -> bool {
        let Self::Refused(refused) = self else { return matches!(self, Self::Engine(_)) };
        matches!(
            refused.refusal.cause,
            Cause::Temporary | Cause::Unreachable | Cause::PlainHttp | Cause::Certificate | Cause::Unsupported
        )
    }
}

impl Explain for Refused {
    fn kind(&self) -> Kind {
        match self.refusal.cause {
            Cause::Denied => Kind::Auth,
            Cause::NotFound => Kind::NotFound,
            Cause::Temporary | Cause::Unreachable | Cause::PlainHttp | Cause::Certificate => Kind::Network,
            Cause::Unsupported | Cause::Other => Kind::General,
        }
    }

    fn hint(&self) -> Option<Escaped> {
        let host = &self.host;
        let hint = match self.refusal.cause {
            Cause::Denied => {
                "the registry refused the credentials that crhost gave the daemon; `crhost auth status` tells whose they \
                 are, and whether they may push"
                    .to_owned()
            }
            Cause::NotFound => "check the name, and that the repository exists in the registry".to_owned(),
            Cause::PlainHttp => format!(
                "a daemon speaks plain HTTP only to the `insecure-registries` of its own `/etc/docker/daemon.json` (of \
                 Podman: `insecure = true` in `registries.conf`): add `{host}` there and restart it, or use `--engine \
                 native --insecure`"
            ),
            Cause::Certificate => format!(
                "a daemon trusts its own machine's authorities: put the registry's into \
                 `/etc/docker/certs.d/{host}/ca.crt` there, or use `--engine native`, which trusts this machine's"
            ),
            Cause::Unreachable => {
                "the daemon's machine has names, proxies and networks of its own; `--engine native` sends from here"
                    .to_owned()
            }
            Cause::Temporary => "push again; layers that arrived are not sent again".to_owned(),
            Cause::Unsupported | Cause::Other => "`--engine native` has crhost send the image itself".to_owned(),
        };
        Some(hint.into())
    }
}
