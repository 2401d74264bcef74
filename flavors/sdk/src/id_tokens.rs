//! Id tokens of the machine: secret fields that crhost fills with one, so that users store no password.
//!
//! ```
//! use crhost_flavor::id_tokens::{IdToken, Instruction};
//!
//! // In `impl Flavor`, beside `describe`:
//! fn describe_id_tokens() -> Vec<IdToken> {
//!     vec![
//!         IdToken::new("acme", "federation", "id-token", "registry.acme.example"),
//!         // The value of a text field of the method, in place of its name.
//!         IdToken::new("acme", "tenant", "id-token", "https://acme.example/{tenant}"),
//!     ]
//! }
//!
//! let rule = Instruction::new("a rule of the organization `acme`", "repository: acme/train\n");
//! assert_eq!(describe_id_tokens().len(), 2);
//! assert!(rule.text.ends_with('\n'));
//! ```

pub use crate::bindings::exports::crhost::flavor::id_tokens::{Claims, IdToken, Instruction};

use crate::types::{Connector, Failure};

/// Fails as `unsupported` unless a connector is of the auth method that takes an id token: the begin of
/// [`Flavor::explain_trust`](crate::Flavor::explain_trust) where one method does.
pub fn ensure_method(connector: &Connector, method: &str) -> Result<(), Failure> {
    if connector.method == method {
        return Ok(());
    }
    let message = format!("auth method `{}` takes no id token", connector.method);
    Err(Failure::unsupported(message).hint(format!("`{method}` does")))
}

/// A word of a command for a POSIX shell: as it is where no shell reads it otherwise, else between quotes.
///
/// ```
/// use crhost_flavor::id_tokens::quoted;
///
/// assert_eq!(quoted("https://a.example/x"), "https://a.example/x");
/// assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
/// ```
#[must_use]
pub fn quoted(word: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-._:/@%+=,".contains(char);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

impl IdToken {
    /// A field of an auth method that takes an id token for an audience; `{NAME}` in the audience stands for the value
    /// of the method's text field of that name.
    pub fn new(
        connector_type: impl Into<String>,
        method: impl Into<String>,
        field: impl Into<String>,
        audience: impl Into<String>,
    ) -> Self {
        let auth_method = (connector_type.into(), method.into());
        Self { auth_method, field: field.into(), audience: audience.into() }
    }
}

impl Instruction {
    /// A text for the user to use elsewhere, and what it is, in one line.
    pub fn new(summary: impl Into<String>, text: impl Into<String>) -> Self {
        Self { summary: summary.into(), text: text.into() }
    }

    /// A JSON document for the user to use elsewhere, laid out for people.
    pub fn json(summary: impl Into<String>, document: &serde_json::Value) -> Self {
        Self::new(summary, format!("{document:#}"))
    }
}

impl Claims {
    /// Claims, for tests: whoever issued a token, whom it is about, and whom it is for.
    pub fn new(issuer: impl Into<String>, subject: impl Into<String>, audience: impl Into<String>) -> Self {
        Self { issuer: issuer.into(), subject: subject.into(), audience: audience.into() }
    }

    /// The issuer's host and path, as services name providers: without `https://`.
    pub fn provider(&self) -> &str {
        self.issuer.strip_prefix("https://").unwrap_or(&self.issuer).trim_end_matches('/')
    }
}
