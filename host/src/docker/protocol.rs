//! The words of the protocol of credential helpers (`credentials/credentials.go` of
//! <https://github.com/docker/docker-credential-helpers>).

/// The name of crhost's own helper in Docker's configuration; its program is [`OWN_PROGRAM`].
pub(crate) const OWN_HELPER: &str = "crhost";

/// The program of crhost's own helper.
pub(crate) const OWN_PROGRAM: &str = "docker-credential-crhost";

/// The user name that marks a secret as an identity token (`tokenUsername` in Docker's `native_store.go`).
pub(crate) const TOKEN_USER: &str = "<token>";

/// The message for a registry that a helper has nothing for (`errCredentialsNotFoundMessage`).
pub(crate) const NOT_FOUND: &str = "credentials not found in native keychain";
