//! The values of a build's secrets.

use std::fs::File;

use zeroize::Zeroizing;

use super::error::BuildError;
use super::request::{Secret, SecretSource};
use crate::bounded;
use crate::environment::Environment;
use crate::text::{Escaped, Foreign};

/// Longest secret in bytes, as BuildKit has it (`MaxSecretSize` in `session/secrets/secretsprovider/store.go`).
const MAX_SECRET: usize = 500 << 10;

/// Reads a secret.
///
/// # Errors
/// When there is no such file or variable, or it is longer than 500 KiB.
pub(super) fn read(secret: &Secret, environment: &Environment) -> Result<Zeroizing<Vec<u8>>, BuildError> {
    let failed = |reason: Escaped| BuildError::Secret { id: secret.id.as_str().into(), reason };
    match &secret.source {
        SecretSource::File(path) => {
            let named = |reason: String| failed(format!("`{}`: {reason}", path.display()).into());
            let file = File::open(path).map_err(|reason| named(Foreign(reason).to_string()))?;
            let value = bounded::read(file, MAX_SECRET).map_err(|reason| named(Foreign(reason).to_string()))?;
            Ok(Zeroizing::new(value))
        }
        SecretSource::Variable(name) => {
            let value = environment.text(name).ok_or_else(|| failed(format!("no variable `{name}` is set").into()))?;
            Ok(Zeroizing::new(value.into_owned().into_bytes()))
        }
    }
}
