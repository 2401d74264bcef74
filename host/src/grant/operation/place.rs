//! Places of secrets in requests.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where in a request a secret stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    /// A header whose value is a prefix and the secret.
    Header {
        /// The header's name in lower case.
        name: String,
        /// The prefix, such as `Bearer `.
        prefix: String,
    },
    /// The password of HTTP Basic (RFC 7617).
    BasicPassword,
    /// The value of a field of a form.
    FormField(String),
    /// The string value of a member of the JSON object that is the body.
    JsonMember(String),
}

/// In what form a secret is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SecretForm {
    /// The secret itself.
    Itself,
    /// A value that was made with it; the secret never leaves.
    Signature,
}

/// The one place of a secret in the requests of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Placement {
    /// The field of the auth method that holds the secret.
    pub(crate) field: String,
    /// The member of the field's object that is the secret; none for the field's whole value.
    pub(crate) member: Option<String>,
    /// In what form it is sent.
    pub(crate) form: SecretForm,
    /// Where it stands.
    pub(crate) place: Place,
}

/// The header for credentials (RFC 9110, section 11.6.2).
const AUTHORIZATION: &str = "authorization";

/// Prefixes of credentials in that header: RFC 6750, RFC 7617, and AWS Signature Version 4.
const SCHEMES: [&str; 3] = ["Bearer ", "Basic ", "AWS4-HMAC-SHA256 "];

/// Form fields that hold a secret by a standard: RFC 6749 (sections 2.3.1, 4.1.3, 4.3.2, 6), RFC 7521 (sections 4.1 and
/// 4.2), RFC 8693 (section 2.1), RFC 6750 (section 2.2).
const FORM_FIELDS: [&str; 9] = [
    "client_secret",
    "code",
    "password",
    "refresh_token",
    "assertion",
    "client_assertion",
    "subject_token",
    "actor_token",
    "access_token",
];

impl Place {
    /// Whether a standard defines it for authentication. What stands at any other place may be data to the service.
    #[must_use]
    pub(crate) fn is_ordinary(&self) -> bool {
        match self {
            Self::Header { name, prefix } => name == AUTHORIZATION && SCHEMES.contains(&prefix.as_str()),
            Self::BasicPassword => true,
            Self::FormField(name) => FORM_FIELDS.contains(&name.as_str()),
            Self::JsonMember(_) => false,
        }
    }
}

/// As users read it behind "as".
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header { name, prefix } => match prefix.trim_end() {
                "" => write!(f, "header `{name}`"),
                prefix => write!(f, "header `{name}: {prefix}`"),
            },
            Self::BasicPassword => f.write_str("password of HTTP Basic"),
            Self::FormField(name) => write!(f, "form field `{name}`"),
            Self::JsonMember(name) => write!(f, "JSON member `{name}`"),
        }
    }
}

impl Placement {
    /// The secret, as users read it: `FIELD`, or `FIELD/MEMBER`.
    #[must_use]
    pub(crate) fn secret(&self) -> String {
        match &self.member {
            Some(member) => format!("{}/{member}", self.field),
            None => self.field.clone(),
        }
    }
}

/// As users read it.
impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = self.secret();
        match self.form {
            SecretForm::Itself => write!(f, "sends `{secret}` as {}", self.place),
            SecretForm::Signature => write!(f, "signs with `{secret}`, which never leaves"),
        }
    }
}
