//! Which types may stand in an error, a hint or an event.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::process::ExitStatus;
use std::sync::Arc;
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

/// A text of crhost's own.
impl Printable for &'static str {}

impl Printable for Escaped {}

impl<E> Printable for Foreign<E> {}

impl<T: Printable> Printable for Option<T> {}

impl<T: Printable> Printable for Vec<T> {}

impl<T: Printable> Printable for BTreeSet<T> {}

impl<K: Printable, V: Printable> Printable for BTreeMap<K, V> {}

impl<T: Printable> Printable for Box<T> {}

impl<T: Printable> Printable for Arc<T> {}

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;
    use std::path::{Path, PathBuf};

    use super::*;

    /// Says whether a type is [`Printable`]: a function of the type itself goes before one of a trait.
    struct Is<T: ?Sized>(PhantomData<T>);

    impl<T: Printable + ?Sized> Is<T> {
        fn printable() -> bool {
            true
        }
    }

    trait Otherwise {
        fn printable() -> bool {
            false
        }
    }

    impl<T: ?Sized> Otherwise for Is<T> {}

    macro_rules! assert_printable {
        ($expected:literal: $($type:ty),* $(,)?) => {
            $(assert_eq!(Is::<$type>::printable(), $expected, stringify!($type));)*
        };
    }

    #[test]
    fn raw_text_and_errors_of_libraries_are_no_fields_of_an_error() {
        assert_printable!(false: String, Box<str>, std::borrow::Cow<'static, str>, char, PathBuf, Box<Path>);
        assert_printable!(false: std::ffi::OsString, Option<String>, Vec<String>, Box<PathBuf>, BTreeMap<String, u8>);
        assert_printable!(false: std::io::Error, serde_json::Error, serde_json::Value, reqwest::Error, url::Url);
        assert_printable!(false: Box<dyn std::error::Error>, http::HeaderValue, rusqlite::Error, wasmtime::Error);
        assert_printable!(true: Escaped, Foreign<std::io::Error>, Foreign<serde_json::Error>, &'static str, u64);
        assert_printable!(true: Option<Escaped>, Vec<Escaped>, Box<Escaped>, BTreeMap<Escaped, u8>);
    }
}
