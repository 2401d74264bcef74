//! What the user gives for a field.

use secrecy::SecretString;

use super::token_error::TokenError;
use crate::flavor::{AuthMethod, Field, FieldKind};
use crate::id_token::IdTokenFrom;
use crate::implicit_sources::{Command, ImplicitSource};

/// What the user gives for a field. Without `Debug`: it may be a secret.
#[derive(Clone)]
pub(crate) enum GivenValue {
    /// A value.
    Value(SecretString),
    /// That an id token of the machine is to be issued for each use.
    IdToken {
        /// Its audience; absent for the one that the auth method declares.
        audience: Option<String>,
    },
    /// That a program is to be run for each use, whose output is the value.
    Command(Command),
    /// That a file is to be read for each use: its path, absolute or behind `~/`.
    Read(String),
    /// That a variable is to be read for each use.
    Variable(String),
}

impl From<SecretString> for GivenValue {
    fn from(value: SecretString) -> Self {
        Self::Value(value)
    }
}

impl From<&str> for GivenValue {
    fn from(value: &str) -> Self {
        Self::Value(value.into())
    }
}

impl GivenValue {
    /// Whether the user asks for an id token, or names a program, a file or a variable: that is consent to it.
    pub(super) fn is_consent(&self) -> bool {
        match self {
            Self::Value(_) => false,
            Self::IdToken { .. } | Self::Command(_) | Self::Read(_) | Self::Variable(_) => true,
        }
    }
}

/// The source of an id token for a field.
///
/// # Errors
/// When the field is no plain secret, or nobody says an audience.
pub(super) fn id_token(
    method: &AuthMethod,
    field: &Field,
    audience: Option<String>,
    from: &IdTokenFrom,
) -> Result<ImplicitSource, Box<TokenError>> {
    let name = || field.name.to_string().into();
    if field.kind != FieldKind::Secret {
        return Err(Box::new(TokenError::NoTokenField { method: method.to_string().into(), field: name() }));
    }
    let declared = field.sources.iter().find_map(|source| match source {
        ImplicitSource::IdToken { audience, .. } => Some(audience.clone()),
        _ => None,
    });
    let audience = audience.or(declared);
    let nobody = || TokenError::NoAudience { method: method.to_string().into(), field: name() };
    let audience = audience.ok_or_else(nobody)?;
    Ok(ImplicitSource::IdToken { audience, from: from.clone() })
}
