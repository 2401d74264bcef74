//! What Microsoft's services say, in one line.

use crhost_flavor::http::Response;
use serde_json::Value;

/// Characters of it that are shown: the longest sentences name an application, a tenant and two addresses.
const WORDS: usize = 600;

/// What comes behind the words, for Microsoft's own support; it differs every time.
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

/// The body of an answer as JSON; `null` if it is none.
pub(crate) fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

/// A text without what is for support, without line breaks, without end.
pub(crate) fn one_line(text: &str) -> String {
    let end = FOR_SUPPORT.iter().filter_map(|part| text.find(part)).min().unwrap_or(text.len());
    let kept = text.split_at_checked(end).map_or(text, |(kept, _)| kept);
    let line = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    line.trim_end_matches(['.', ' ']).chars().filter(|c| !c.is_control()).take(WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_support_is_left_out() {
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
        assert_eq!(one_line(&"ä".repeat(5_000)).chars().count(), WORDS);
    }
}
