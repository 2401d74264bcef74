//! The server: where it is, its namespace, and what its answers say.

use crhost_flavor::Registry;
use crhost_flavor::http::{Api, Hints, Service};

/// The option that names the server.
pub(crate) const ADDRESS: &str = "transit-address";

/// The option that names the namespace.
pub(crate) const NAMESPACE: &str = "namespace";

/// The header that names the namespace (<https://openbao.org/docs/concepts/namespaces/>).
pub(crate) const NAMESPACE_HEADER: &str = "x-vault-namespace";

/// What messages about its answers say.
pub(crate) const SERVICE: Service<'_> = Service {
    name: "the server",
    credential: "the token",
    error_pointers: &["/errors/0"],
    option: ADDRESS,
    hints: Hints {
        unauthenticated: "see that the connector's token or role still exists",
        denied: "its policy needs `update` on `MOUNT/datakey/plaintext/KEY` and `MOUNT/decrypt/KEY`; a token that was \
                 revoked gets the same answer",
        other: "check the URI, `host/mount/key`, and the option `transit-address`",
    },
};

/// The API below the server's URL, in the namespace of the options.
pub(crate) fn in_namespace<'a>(api: Api<'a>, registry: &Registry) -> Api<'a> {
    match registry.options().get(NAMESPACE) {
        Some(namespace) => api.header(NAMESPACE_HEADER, namespace),
        None => api,
    }
}

/// The server's URL.
pub(crate) fn url(registry: &Registry) -> String {
    registry.options().url(ADDRESS).unwrap_or_else(|| format!("https://{}", registry.host()))
}
