//! Words of Microsoft's services, for messages.

use crhost_flavor::text;

/// Most characters of words in a message: the longest sentences name an application, a tenant and two addresses.
const LONGEST: usize = 600;

/// The parts behind the words that are for Microsoft's support only; they differ every time.
const FOR_SUPPORT: [&str; 8] = [
    "Trace ID:",
    "Correlation ID:",
    "Timestamp:",
    "CorrelationId:",
    "trace_id:",
    "correlation_id:",
    "RequestId:",
    "Request ID:",
];

/// A service's words in one line, without the parts for support.
pub(crate) fn one_line(words: &str) -> String {
    let end = FOR_SUPPORT.iter().filter_map(|part| words.find(part)).min().unwrap_or(words.len());
    text::one_line(words.split_at_checked(end).map_or(words, |(kept, _)| kept), LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_for_support_are_left_out() {
        for (text, expected) in [
            ("AADSTS1: No.\r\nTrace ID: 1\r\nCorrelation ID: 2\r\nTimestamp: 2026", "AADSTS1: No"),
            ("AADSTS1: No. Trace ID: 1 Correlation ID: 2 Timestamp: 2026-11-20 12:00:00Z", "AADSTS1: No"),
            (
                "client with IP '1.2.3.4' is not allowed access.\tRefer to x. CorrelationId: 3",
                "client with IP '1.2.3.4' is not allowed access. Refer to x",
            ),
            ("Trace ID: 1", ""),
            ("", ""),
            ("ä\u{7}b", "äb"),
        ] {
            assert_eq!(one_line(text), expected);
        }
        assert_eq!(one_line(&"ä".repeat(5_000)).chars().count(), LONGEST);
    }
}
