//! Reads the text: what is JSON, with the habits of those who write it.

use std::borrow::Cow;

use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::malformed::{Malformed, Position};
use super::tolerant::Tolerant;

/// UTF-8's byte order mark, which programs of Windows write.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads one value. It is held in memory as a tree, so that the caller bounds the length.
///
/// # Errors
/// [`Malformed`], which names the place and quotes no value.
pub(crate) fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Malformed> {
    T::deserialize(Tolerant(serde_json::from_str(&text(json)).map_err(malformed)?))
}

/// Reads the first value, and ignores what follows it, as the decoder of Go does with which Docker reads its
/// configuration and the answers of credential helpers.
///
/// # Errors
/// As for [`read`].
pub(crate) fn read_first<T: DeserializeOwned>(json: &[u8]) -> Result<T, Malformed> {
    let text = text(json);
    let value = Value::deserialize(&mut serde_json::Deserializer::from_str(&text)).map_err(malformed)?;
    T::deserialize(Tolerant(value))
}

fn text(json: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(json.strip_prefix(BYTE_ORDER_MARK).unwrap_or(json))
}

fn malformed(error: serde_json::Error) -> Malformed {
    Malformed::syntax(Position { line: error.line(), column: error.column() })
}
