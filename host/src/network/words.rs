//! Failures of the operating system in words without numbers.

use std::io::{Error, ErrorKind};

use crate::text::{Foreign, printable};

/// Longest text of the operating system, in characters; its own have less than 60.
const MAX: usize = 200;

/// Why a connection failed, as the end of a sentence.
#[must_use]
pub(crate) fn io_words(error: &Error) -> String {
    let known = match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::ConnectionReset => "the other side reset the connection",
        ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => "the connection was cut off",
        ErrorKind::UnexpectedEof => "the other side closed the connection in the middle",
        ErrorKind::TimedOut => "no answer in time",
        ErrorKind::HostUnreachable => "there is no way to this host",
        ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => "there is no way to its network",
        ErrorKind::PermissionDenied => "permission denied",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let text = Foreign(error).to_string();
    printable(text.trim_start_matches("failed to lookup address information: "), MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_the_operating_system_has_no_number() {
        assert_eq!(io_words(&Error::from_raw_os_error(111)), "connection refused");
        assert_eq!(io_words(&Error::from(ErrorKind::TimedOut)), "no answer in time");
        let resolver = Error::other("failed to lookup address information: Name or service not known");
        assert_eq!(io_words(&resolver), "Name or service not known");
        #[cfg(target_os = "linux")]
        assert_eq!(io_words(&Error::from_raw_os_error(24)), "Too many open files");
    }
}
