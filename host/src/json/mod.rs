//! The reader of JSON that others write: servers, daemons, tools and users.
//!
//! Their programs are written in Go, Java, Python and shell, and each has its habits. All of them are read alike:
//!
//! - an absent member and `null` are the same (Go writes an empty list as `null`); types say `#[serde(default)]`;
//! - a number may be written as a string, and a whole number with a fraction (`"1800"`, `1800.0`); a string may be
//!   written as a number, and a truth value as `"true"`, `"false"`, `1` or `0`;
//! - a member's name is found whatever its case, as Go's `encoding/json` finds it; the exact name goes first;
//! - of members of one name the last counts, unknown members don't;
//! - a byte order mark at the beginning is skipped, and bytes that are no UTF-8 are replaced.
//!
//! [`non_empty`] reads an empty string as an absent one, where the specification of a member allows it; [`if_valid`]
//! reads a value that can't be understood as an absent one, where it is only a help.
//!
//! Only this is refused: text that isn't JSON, an absent member that a type needs, a value that can't be understood.
//! The error names the place and never quotes a value, which may be a secret. For what crhost writes itself, and for
//! documents whose meaning is a matter of security, the strict reader of `serde_json` is right.

mod document;
#[cfg(test)]
pub(crate) mod habits;
mod malformed;
mod reader;
#[cfg(test)]
mod tests;
mod tolerant;
mod unique;

use serde::{Deserialize, Deserializer};

pub(crate) use document::Document;
pub(crate) use malformed::Malformed;
pub(crate) use reader::{read, read_first};
pub(crate) use unique::Unique;

/// Reads a string that means nothing when it is empty: `None` for an empty one, one of blanks, and `null`. With
/// `#[serde(default, deserialize_with = "json::non_empty")]`.
///
/// # Errors
/// The deserializer's, for a list or an object.
pub(crate) fn non_empty<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.filter(|text| !text.trim().is_empty()))
}

/// Reads a document strictly, which has to be an object: a list of its members' values in their order is none, though
/// the derived readers take one.
///
/// # Errors
/// When it is no JSON, no object, or has not the members of the type.
pub(crate) fn object<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(serde::de::Error::custom("expected an object"));
    }
    serde_json::from_slice(bytes)
}

/// Reads a value that is only a help: one that can't be understood is an absent one. With
/// `#[serde(default, deserialize_with = "json::if_valid")]`, for documents that [`read`] reads.
///
/// # Errors
/// None.
pub(crate) fn if_valid<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    Ok(T::deserialize(from).ok())
}
