//! What can go wrong between the client and a registry.

use std::io;
use std::time::Duration;

use super::error_body::ErrorBody;
use super::location::DestinationError;
use super::referring::ReferrersError;
use super::server::Server;
use super::status::StatusError;
use crate::certificates::CertificateError;
use crate::error::Explain;
use crate::image::{Digest, Host};
use crate::network::tls::TlsFailure;
use crate::text::{Escaped, Foreign};

/// A failed request. The field `request` names what was sent, such as ``the start of an upload to `acme/train` ``.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum Error {
    /// No connection came about.
    #[error("{server} can't be reached: {cause}")]
    #[explain(kind = Network, hint = "check the name and the network")]
    Unreachable {
        /// The server.
        server: Server,
        /// Why, in the operating system's words.
        cause: Escaped,
    },
    /// The proxy on the way did not make the connection.
    #[error("{server} can't be reached: the proxy {proxy} {cause}")]
    #[explain(kind = Network, hint = "check the proxy's variable; hosts in `NO_PROXY` are reached without a proxy")]
    Proxy {
        /// The server.
        server: Server,
        /// The proxy, and the variable that names it.
        proxy: Escaped,
        /// What it did instead.
        cause: Escaped,
    },
    /// The proxy on the way wants a user and a password, or others.
    #[error("{server} can't be reached: the proxy {proxy} wants a user and a password that it knows")]
    #[explain(kind = Auth, hint = "write them into the proxy's variable: `http://USER:PASSWORD@HOST:PORT`")]
    ProxyLogin {
        /// The server.
        server: Server,
        /// The proxy, and the variable that names it.
        proxy: Escaped,
    },
    /// The server's certificate, or its way to speak TLS, isn't accepted. Trying again can't mend it.
    #[error("no secure connection to {server}: {reason}")]
    #[explain(hint = reason.hint(server.host()))]
    Tls {
        /// The server.
        server: Server,
        /// Why.
        reason: TlsFailure,
    },
    /// The server doesn't accept the client's certificate, or misses one.
    #[error("no secure connection to {server}: {reason}")]
    #[explain(kind = Auth, hint = reason.hint(server.host()))]
    ClientCertificate {
        /// The server.
        server: Server,
        /// Why.
        reason: TlsFailure,
    },
    /// The registry speaks plain HTTP where only https is allowed.
    #[error("registry `{host}` doesn't speak https")]
    #[explain(
        kind = Network,
        hint = "plain http shows password and image to every machine on the way; if that is only yours, \
                `crhost registry update NAME --insecure` allows it for that registry"
    )]
    PlainHttp {
        /// The registry's host.
        host: Host,
    },
    /// A connection broke before the answer was whole.
    #[error("the connection to {server} broke during {request}: {cause}")]
    #[explain(
        kind = Network,
        hint = "try again; servers that miss a client's certificate may also end a connection like this"
    )]
    Interrupted {
        /// The server.
        server: Server,
        /// The request.
        request: Escaped,
        /// Why.
        cause: Escaped,
    },
    /// The server stopped taking or giving bytes.
    #[error("{server} was silent for {} seconds during {request}", timeout.as_secs())]
    #[explain(kind = Network, hint = "whoever runs the registry can tell more")]
    Silent {
        /// The server.
        server: Server,
        /// The request.
        request: Escaped,
        /// How long the client waited.
        timeout: Duration,
    },
    /// A server answers, but not as a registry.
    #[error("`{host}` is no registry: {found}")]
    #[explain(kind = NotFound, hint = "check the host, and the port if there is one")]
    NotARegistry {
        /// The host.
        host: Host,
        /// What was found instead.
        found: Escaped,
    },
    /// The registry wants credentials and there are none.
    #[error("registry `{host}` requires a login, and no credentials were found")]
    #[explain(
        kind = Auth,
        hint = "give the registry a connector (`crhost registry connect`), log in with `docker login {host}`, or set \
                `DOCKER_AUTH_CONFIG`"
    )]
    NoCredentials {
        /// The registry's host.
        host: Host,
    },
    /// The registry refuses a request that was sent without credentials, and doesn't ask for any: for the lack of a
    /// login, or for a reason of its own, which it tells.
    #[error("registry `{host}` refused {request}, which was sent without credentials: {body}")]
    #[explain(
        kind = Auth,
        hint = "if that is for the lack of a login: `docker login {host}`, or give the registry a connector (`crhost \
                registry connect`)"
    )]
    Denied {
        /// The registry's host.
        host: Host,
        /// The request.
        request: Escaped,
        /// The server's own words.
        body: ErrorBody,
    },
    /// The credentials themselves are refused.
    #[error("registry `{host}` refused the {credentials}: {body}")]
    #[explain(
        kind = Auth,
        hint = "they may be wrong, have run out, or not be for this repository: renew them with `crhost connector \
                update` or `docker login {host}`"
    )]
    WrongCredentials {
        /// The registry's host.
        host: Host,
        /// Whose they are, as a noun.
        credentials: Escaped,
        /// The server's own words.
        body: ErrorBody,
    },
    /// The credentials are known, but don't allow this.
    #[error("registry `{host}` doesn't let the {credentials} {action}: {body}")]
    #[explain(kind = Auth, hint = body.hint_to_a_denial())]
    NotAllowed {
        /// The registry's host.
        host: Host,
        /// Whose they are, as a noun.
        credentials: Escaped,
        /// What they don't allow, such as ``push to `acme/train` ``.
        action: Escaped,
        /// The server's own words.
        body: ErrorBody,
    },
    /// Credentials or a token ran out between the start of an upload and its bytes, which only the caller can send
    /// again.
    #[error("registry `{host}` no longer accepts the credentials that {request} began with")]
    #[explain(kind = Auth, hint = "run it again; it continues with what the registry has")]
    TokenExpired {
        /// The registry's host.
        host: Host,
        /// The request.
        request: Escaped,
    },
    /// The registry, or the store behind it, has given an upload up.
    #[error("{server} has lost the upload during {request}: {body}")]
    #[explain(kind = Network, hint = "run it again; it continues with what the registry has")]
    UploadLost {
        /// The server.
        server: Server,
        /// The request.
        request: Escaped,
        /// The server's own words.
        body: Box<ErrorBody>,
    },
    /// The registry redirects an upload whose content can't be sent again by the client itself. The upload knows the
    /// other location now.
    #[error("registry `{host}` redirects {request}, and its content can't be read again")]
    #[explain(kind = General, hint = "push from an archive (`docker save`) or an OCI layout, which can be read again")]
    Moved {
        /// The registry's host.
        host: Host,
        /// The request.
        request: Escaped,
    },
    /// The registry answered a chunk with success and has not stored all of it.
    #[error("the registry has {received} bytes of an upload, expected {sent}")]
    #[explain(kind = Network, hint = "it does not take uploads in chunks as it should; whoever runs it can tell more")]
    ChunkLost {
        /// Bytes of the blob that were sent.
        sent: u64,
        /// Bytes of the blob that the registry says it has.
        received: u64,
    },
    /// The registry wants credentials in a way that these credentials can't answer.
    #[error("registry `{host}` asks for {wanted}, which can't be answered with {given}")]
    #[explain(kind = Auth, hint = "whoever runs the registry can tell more")]
    Unanswerable {
        /// The registry's host.
        host: Host,
        /// The schemes of its challenges.
        wanted: Escaped,
        /// The sort of credentials at hand.
        given: &'static str,
    },
    /// The registry points to a place where the client doesn't go.
    #[error(transparent)]
    #[explain(transparent)]
    Destination(#[from] Box<DestinationError>),
    /// A status that means failure.
    #[error(transparent)]
    #[explain(transparent)]
    Status(#[from] Box<StatusError>),
    /// An answer that breaks the protocol.
    #[error("{server} gave an answer to {request} that makes no sense: {problem}")]
    #[explain(hint = "something between here and the registry may have changed the answer")]
    Protocol {
        /// The server.
        server: Server,
        /// The request.
        request: Escaped,
        /// What is wrong with the answer.
        problem: Escaped,
    },
    /// The registry stored other bytes than were sent.
    #[error("registry `{host}` says that {request} is `{found}`, but it is `{expected}`")]
    #[explain(kind = Verification, hint = "something between here and the registry may have changed the answer")]
    OtherDigest {
        /// The registry's host.
        host: Host,
        /// The request.
        request: Escaped,
        /// The digest of what was sent.
        expected: Digest,
        /// The digest that the registry names.
        found: Digest,
    },
    /// The registry gave other bytes than were asked for.
    #[error("registry `{host}` gave other content for {what}: its digest is `{found}`, expected `{expected}`")]
    #[explain(kind = Verification, hint = "what is stored there, or something on the way, is damaged or forged")]
    OtherContent {
        /// The registry's host.
        host: Host,
        /// What was asked for.
        what: Escaped,
        /// The digest that was asked for.
        expected: Digest,
        /// The digest of what came.
        found: Digest,
    },
    /// The registry answered that it took or mounted a blob, and does not have it.
    #[error("registry `{host}` took blob `{digest}` and has {found}")]
    #[explain(kind = Verification, hint = "push again; a registry that goes on to lose what it takes is broken")]
    NotStored {
        /// The registry's host.
        host: Host,
        /// The blob.
        digest: Digest,
        /// As much as it has.
        found: Escaped,
    },
    /// The list of an image's referrers can't be written.
    #[error(transparent)]
    #[explain(transparent)]
    Referrers(#[from] Box<ReferrersError>),
    /// The caller's own stream failed; this is its error, unchanged.
    #[error(transparent)]
    Body(Foreign<io::Error>),
    /// The caller's stream is not as long as the caller said.
    #[error("{request} should be {expected} bytes, but its content is {found}")]
    Length {
        /// The request.
        request: Escaped,
        /// The size that the caller said.
        expected: u64,
        /// The size that came: a count, or `more`.
        found: Escaped,
    },
    /// A certificate or key that is filed for a registry can't be used.
    #[error(transparent)]
    #[explain(transparent)]
    Certificate(#[from] CertificateError),
    /// The HTTP client can't be made.
    #[error("can't set up https: {0}")]
    Setup(Escaped),
}
