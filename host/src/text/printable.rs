//! Which types may stand in an error, a hint or an event.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::process::ExitStatus;
use std::time::Duration;

use http::StatusCode;

use super::escaped::Escaped;
use super::foreign::Foreign;

/// A type that holds no raw text from outside: what it shows is on one line, and visible.
///
/// `#[derive(Explain)]` and `#[derive(Printable)]` refuse a field of another type. By hand it is implemented for types
/// whose parsers let visible ASCII through and nothing else, beside those parsers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` may hold raw text from outside",
    label = "not printable",
    note = "hold text and paths as `text::Escaped`, errors of libraries as `text::Foreign`"
)]
pub(crate) trait Printable {}

/// Implements it for types of the standard library and of `http` whose texts are their own.
macro_rules! printable {
    ($($type:ty),* $(,)?) => { $(impl Printable for $type {})* };
}

printable!(bool, u8, u16, u32, u64, usize, i64, Duration, IpAddr, SocketAddr, ExitStatus, StatusCode, semver::Version);

impl Printable for String {}

impl Printable for std::io::Error {}

/// A text of crhost's own.
impl Printable for &'static str {}

impl Printable for Escaped {}

impl<E> Printable for Foreign<E> {}

impl<T: Printable> Printable for Option<T> {}

impl<T: Printable> Printable for Vec<T> {}

impl<T: Printable> Printable for BTreeSet<T> {}

impl<K: Printable, V: Printable> Printable for BTreeMap<K, V> {}

impl<T: Printable> Printable for Box<T> {}
