//! What is secret of a secret: the fields of connectors are files as well, with parts that are not.

use std::collections::HashSet;
use std::sync::Arc;

use memchr::memmem;
use zeroize::Zeroizing;

use super::fold::{LONG, PREFIX, WINDOW, is_of_token};
use super::leaves::leaves;
use super::radix::{BASE64, BASE64URL, HEXADECIMAL};
use super::rewrite::unescape;
use super::view::View;

/// A secret that is lent to a call, shared with its handles. Without `Debug`, as every type that holds a secret.
#[derive(Clone)]
pub(crate) struct LentSecret {
    value: Arc<Zeroizing<Vec<u8>>>,
    public_members: Arc<HashSet<String>>,
}

/// The kind of a text that is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A value of its own, which is found even if it is short.
    Value,
    /// The same, with a beginning that other values of the kind may share if it is long: what an issuer makes.
    Token,
    /// A part of a value.
    Part,
}

/// A part of a secret.
pub(super) enum Fragment<'a> {
    /// A text that is redacted.
    Secret(&'a [u8], Kind),
    /// A text that the guest can read.
    Public(&'a str),
}

/// Receives the parts of a secret.
type Take<'a> = &'a mut dyn FnMut(Fragment<'_>);

/// Files in one another: a JSON file in Base64 whose member is a PEM file.
const DEPTH: u8 = 3;

impl LentSecret {
    /// A secret; `public_members` are the members of a JSON object that the guest may read.
    #[must_use]
    pub(crate) fn new(value: Arc<Zeroizing<Vec<u8>>>, public_members: Arc<HashSet<String>>) -> Self {
        Self { value, public_members }
    }

    /// All parts of it.
    pub(super) fn fragments(&self, take: Take<'_>) {
        split(&self.value, &self.public_members, DEPTH, take);
    }
}

fn split(value: &[u8], public: &HashSet<String>, depth: u8, take: Take<'_>) {
    let secret = |text| Fragment::Secret(text, Kind::Value);
    let (Ok(text), Some(depth)) = (str::from_utf8(value), depth.checked_sub(1)) else { return take(secret(value)) };
    let text = text.trim();
    let is_json = text.starts_with(['{', '[']);
    if is_json && leaves(text, public, &mut |leaf, is_public| leaf_part(leaf, is_public, public, depth, take)).is_ok() {
        return;
    }
    if text.contains("-----BEGIN ") {
        // RFC 7468: the armour is the same for all keys.
        let lines = text.lines().filter(|line| !line.starts_with("-----")).map(str::trim);
        let body = Zeroizing::new(lines.collect::<Vec<_>>().join("\n"));
        return plain(&body, public, depth, take);
    }
    if let Some(values) = ini_values(text) {
        return values.for_each(|value| split(value.as_bytes(), public, depth, take));
    }
    if let Some((_, rest)) = text.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https")) {
        // A URL's host is no secret; its user information, path and query may be. None of them is a value of its own.
        let (authority, path) =
            rest.find(['/', '?', '#']).and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
        if let Some((user, _)) = authority.rsplit_once('@') {
            user.split(':').for_each(|part| take(secret(part.as_bytes())));
        }
        return take(Fragment::Secret(path.as_bytes(), Kind::Part));
    }
    if let Some(parts) = token_parts(text) {
        return parts.into_iter().for_each(|part| take(secret(part.as_bytes())));
    }
    plain(text, public, depth, take);
}

/// The secret parts of a token of JOSE. The signature of a signed one (RFC 7515, section 7.1): its header and claims
/// stand in the next token of the same issuer as well, which would be damaged. All but the header of an encrypted one
/// (RFC 7516, section 7.1).
fn token_parts(text: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = text.split('.').collect();
    let header = BASE64URL.whole(parts.first()?.as_bytes())?;
    if !(header.starts_with(b"{") && memmem::find(&header, b"\"alg\"").is_some()) {
        return None;
    }
    match parts.as_slice() {
        [_, _, signature] if signature.len() >= WINDOW => Some(vec![signature]),
        [_, parts @ ..] if parts.len() == 4 => Some(parts.to_vec()),
        _ => None,
    }
}

fn leaf_part(leaf: &str, is_public: bool, public: &HashSet<String>, depth: u8, take: Take<'_>) {
    if is_public { take(Fragment::Public(leaf)) } else { split(leaf.as_bytes(), public, depth, take) }
}

/// A text without structure, and what it says if it is digits as a whole.
fn plain(text: &str, public: &HashSet<String>, depth: u8, take: Take<'_>) {
    take(Fragment::Secret(text.as_bytes(), Kind::Token));
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=:".contains(&byte) || byte.is_ascii_whitespace();
    if text.len() < WINDOW || !text.bytes().all(is_digit) {
        return;
    }
    for radix in [&BASE64, &BASE64URL, &HEXADECIMAL] {
        let Some(decoded) = radix.whole(text.as_bytes()) else { continue };
        // Of a long token the beginning is shared, however it is written.
        let is_token = text.len() >= LONG && str::from_utf8(&decoded).is_err() && text.bytes().all(is_of_token);
        let from = if is_token { decoded.len() * PREFIX / text.len() } else { 0 };
        split(decoded.get(from..).unwrap_or_default(), public, depth, take);
    }
}

/// The values of an INI file: a section, then assignments and comments only.
fn ini_values(text: &str) -> Option<impl Iterator<Item = &str>> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    let is_section = |line: &str| line.starts_with('[') && line.ends_with(']');
    let is_ini = lines().next().is_some_and(is_section) && lines().all(|line| is_section(line) || line.contains('='));
    is_ini.then(|| lines().filter_map(|line| line.split_once('=')).map(|(_, value)| value.trim()))
}

/// The forms of a text that are searched for: as it is, with its escapes undone, and as UTF-16 with and without
/// zeros, where that differs.
pub(super) fn forms(text: &[u8], take: &mut dyn FnMut(&[u8])) {
    take(text);
    let Ok(characters) = str::from_utf8(text) else { return };
    if !characters.is_ascii() {
        for unit in [u16::to_be_bytes, u16::to_le_bytes] {
            let mut bytes: Zeroizing<Vec<u8>> = Zeroizing::new(characters.encode_utf16().flat_map(unit).collect());
            take(&bytes);
            bytes.retain(|byte| *byte != 0);
            take(&bytes);
        }
    }
    if let Some(view) = unescape(&View::of(text)) {
        take(view.bytes());
    }
}
