//! The rules that an operation has to keep, whoever grants it.

use super::super::pattern::HostPattern;
use super::declaration::{ANY, Method, Operation, Parameter};
use super::path::PathPattern;
use super::place::{Place, Placement};
use crate::text::{Escaped, Printable};

/// Why an operation is not accepted, in words that follow its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Printable)]
pub(crate) enum OperationError {
    /// There is no method.
    #[error("has no method")]
    NoMethod,
    /// There is no path.
    #[error("has no path")]
    NoPath,
    /// There is no host.
    #[error("has neither a host nor an endpoint")]
    NoHost,
    /// It would upload to a registry: an image is the host's to push, and an upload could carry a secret away.
    #[error("would upload to a registry, which is for crhost alone")]
    Upload,
    /// With secrets, paths and parameters have to be known.
    #[error("has secrets, and leaves the path or the query open")]
    Open,
    /// A secret at the registry's own host may stand only where a standard defines it.
    #[error("sends a secret to the registry as its {0}, expected a header, HTTP Basic or a form field of OAuth")]
    AtRegistry(Escaped),
    /// A name that would carry an identity or belongs to the connection.
    #[error("has a free parameter `{0}`, which could carry another identity than the secret's")]
    Identity(Escaped),
    /// A header that belongs to the connection, or a cookie.
    #[error("names the header `{0}`, which is not a flavor's to set")]
    Header(Escaped),
    /// A name that is empty, too long or not plain.
    #[error("has a name that is no name of a parameter")]
    Name,
    /// Two places for one secret, or two secrets for one place.
    #[error("gives `{0}` two places, or a place to two secrets")]
    Twice(Escaped),
}

/// Bytes of a parameter's name, of a value of it and of a prefix: several times the longest of known services.
const NAME_BYTES: usize = 128;

/// Headers that a secret or a value can't be declared for.
const CLOSED_HEADERS: [&str; 9] = [
    "host",
    "cookie",
    "set-cookie",
    "origin",
    "content-length",
    "transfer-encoding",
    // Servers that heed these take a `POST` for another method than the user granted.
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
];

/// Words in the names of parameters that services take identities from.
const IDENTITY: [&str; 10] =
    ["token", "secret", "password", "passwd", "credential", "auth", "cookie", "session", "signature", "apikey"];

/// Beginnings of names that hold such a word and continue a listing.
const PAGES: [&str; 4] = ["page", "next", "continu", "$skip"];

/// Names that hold such a word and are parameters of RFC 6749, 7521, 7523 and 8693 that carry no identity.
const STANDARD: [&str; 4] = ["subject_token_type", "requested_token_type", "actor_token_type", "client_assertion_type"];

/// Names that services take identities from, as a whole.
const IDENTITY_NAMES: [&str; 7] = ["key", "sig", "jwt", "sid", "accesskey", "assertion", "bearer"];

impl Operation {
    /// Checks all rules.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub(crate) fn check(&self) -> Result<(), OperationError> {
        self.check_but_uploads()?;
        let writes = self.methods.iter().any(|method| method.is_write());
        let only_posts = self.methods.iter().all(|method| !method.is_write() || *method == Method::Post);
        let may_upload = writes && self.paths.iter().any(|path| path.may_be_upload(only_posts));
        if may_upload { Err(OperationError::Upload) } else { Ok(()) }
    }

    /// The same for one of a clean-up: what only deletes uploads nothing, whatever is at its paths.
    ///
    /// # Errors
    /// As for [`check`](Self::check).
    pub(crate) fn check_for_cleanup(&self) -> Result<(), OperationError> {
        match self.methods.iter().all(|method| *method == Method::Delete) {
            true => self.check_but_uploads(),
            false => self.check(),
        }
    }

    fn check_but_uploads(&self) -> Result<(), OperationError> {
        if self.methods.is_empty() {
            return Err(OperationError::NoMethod);
        }
        if self.paths.is_empty() {
            return Err(OperationError::NoPath);
        }
        if self.hosts.is_empty() && self.endpoints.is_empty() {
            return Err(OperationError::NoHost);
        }
        self.check_names()?;
        if self.secrets.is_empty() { Ok(()) } else { self.check_secrets() }
    }

    fn check_names(&self) -> Result<(), OperationError> {
        let names = [&self.query, &self.headers, &self.body].into_iter().flatten();
        let is_name = |name: &str| {
            !name.is_empty() && name.len() <= NAME_BYTES && name.bytes().all(|b| b.is_ascii_graphic() && b != b'`')
        };
        let is_value =
            |value: &String| value.len() <= NAME_BYTES && value.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
        for Parameter { name, values } in names {
            if !is_name(name) || !values.iter().all(is_value) {
                return Err(OperationError::Name);
            }
        }
        for Parameter { name, .. } in &self.headers {
            check_header(name)?;
        }
        for placement in &self.secrets {
            match &placement.place {
                Place::Header { name, prefix } => {
                    check_header(name)?;
                    if !is_name(name) || !is_value(prefix) {
                        return Err(OperationError::Name);
                    }
                }
                Place::FormField(name) | Place::JsonMember(name) if !is_name(name) => return Err(OperationError::Name),
                Place::BasicPassword | Place::FormField(_) | Place::JsonMember(_) => {}
            }
        }
        Ok(())
    }

    fn check_secrets(&self) -> Result<(), OperationError> {
        if self.paths.iter().any(PathPattern::is_open) || self.query.iter().any(|query| query.name == ANY) {
            return Err(OperationError::Open);
        }
        let is_free = |parameter: &&Parameter| parameter.values.is_empty() && is_identity(&parameter.name);
        if let Some(free) = [&self.query, &self.headers, &self.body].into_iter().flatten().find(is_free) {
            return Err(OperationError::Identity(free.name.as_str().into()));
        }
        let at_registry = self.hosts.iter().any(HostPattern::is_registry);
        for (at, placement) in self.secrets.iter().enumerate() {
            let others = self.secrets.iter().skip(at + 1);
            let same_secret = |other: &Placement| other.secret() == placement.secret() && other.form == placement.form;
            if others.clone().any(same_secret) {
                return Err(OperationError::Twice(placement.secret().into()));
            }
            let is_body = matches!(placement.place, Place::FormField(_) | Place::JsonMember(_));
            if at_registry && is_body && !placement.place.is_ordinary() {
                return Err(OperationError::AtRegistry(Escaped::of(&placement.place)));
            }
        }
        Ok(())
    }
}

fn check_header(name: &str) -> Result<(), OperationError> {
    let is_lower = !name.bytes().any(|b| b.is_ascii_uppercase());
    if is_lower && !CLOSED_HEADERS.contains(&name) && !name.starts_with("proxy-") && !name.starts_with("sec-") {
        return Ok(());
    }
    Err(OperationError::Header(name.into()))
}

/// Whether a service may take an identity from a parameter of this name.
fn is_identity(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let plain = name.replace(['-', '_', '.'], "");
    // A name, such as that of a session in a log, is no credential, and nor is what makes a signature differ each time.
    let is_known = PAGES.iter().any(|page| plain.starts_with(page))
        || ["name", "nonce"].iter().any(|end| plain.ends_with(end))
        || STANDARD.contains(&name.as_str());
    !is_known && (IDENTITY.iter().any(|word| plain.contains(word)) || IDENTITY_NAMES.contains(&plain.as_str()))
}

#[cfg(test)]
mod tests;
