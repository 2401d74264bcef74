//! What is escaped in URLs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// What a URL or a form has escaped in any of its parts: all but the unreserved characters (RFC 3986, section 2.3).
pub(crate) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
