//! Why Docker's configuration gives no credentials.

use crate::docker::auths::EntryError;
use crate::docker::helper::HelperError;
use crate::docker::json_file::FileError;
use crate::error::Explain;
use crate::json::Malformed;
use crate::text::Escaped;

/// A configuration that cannot be used. That matters only where something in it is needed.
#[derive(Debug, Clone, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum ConfigError {
    /// `config.json`, or a file of other tools.
    #[error(transparent)]
    #[explain(transparent)]
    File(#[from] FileError),
    /// `DOCKER_CONFIG` names a file.
    #[error("`DOCKER_CONFIG` names the file `{0}`, expected the directory that has a `config.json`")]
    #[explain(hint = "name its directory, in which the file has to be called `config.json`")]
    NoDirectory(Escaped),
    /// `DOCKER_CONFIG` has a `~` that no shell has replaced.
    #[error("`DOCKER_CONFIG` is `{0}`, which is no directory: only a shell replaces `~`")]
    #[explain(hint = "write the path of the home directory in its place, or `$HOME` where variables are replaced")]
    Tilde(Escaped),
    /// The environment variable has other text.
    #[error("`DOCKER_AUTH_CONFIG` is not a valid configuration: {0}")]
    #[explain(hint = r#"it looks like `{{"auths":{{"registry.example.com":{{"auth":"…"}}}}}}`"#)]
    Variable(Malformed),
    /// The environment variable has the name of a file, as CI systems give variables of the type "file".
    #[error("`DOCKER_AUTH_CONFIG` holds a path, expected the JSON in that file")]
    #[explain(hint = "set it to the file's content: `DOCKER_AUTH_CONFIG=\"$(cat FILE)\"`; or name the directory of a \
                      `config.json` in `DOCKER_CONFIG`")]
    VariableIsPath,
}

/// Configured credentials that cannot be used.
#[derive(Debug, thiserror::Error, Explain)]
pub(crate) enum CredentialError {
    /// A broken entry among the plain credentials.
    #[error("the credentials for `{key}` in {origin} can't be used: {reason}")]
    #[explain(kind = Auth, hint = reason.hint().map(String::from))]
    Entry {
        /// The file or variable that holds the entry, in quotes.
        origin: Escaped,
        /// The entry's key.
        key: Escaped,
        /// The entry's mistake.
        reason: EntryError,
    },
    /// The configured credential helper.
    #[error(transparent)]
    #[explain(transparent)]
    Helper(#[from] HelperError),
    /// A file or a variable that may have had some.
    #[error(transparent)]
    #[explain(transparent)]
    Config(#[from] ConfigError),
}
