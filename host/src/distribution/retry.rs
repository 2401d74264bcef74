//! What may help against a failed request: one decision per error, for every caller.

use std::time::Duration;

use http::StatusCode;

use super::error_body::ErrorBody;

/// What may help against a failed request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    /// Nothing: the same request would fail again.
    No,
    /// The same request a little later; where the server named a time (`Retry-After`), not before that, which is at
    /// most ten minutes. An upload may go on where `Upload::received` says.
    Later(Option<Duration>),
    /// A new upload of the same blob: the registry has given this one up.
    Restart,
    /// The same content at once, from its first byte: the upload goes to another location now.
    Elsewhere,
}

impl Retry {
    /// Whether anything may help.
    #[must_use]
    pub(crate) fn is_possible(self) -> bool {
        self != Self::No
    }

    /// How long the server wants to be left alone, at most ten minutes; `None` where it named no time.
    #[must_use]
    pub(crate) fn after(self) -> Option<Duration> {
        match self {
            Self::Later(after) => after,
            Self::No | Self::Restart | Self::Elsewhere => None,
        }
    }
}

/// Error codes for failures that pass. They are those of go-containerregistry, `MANIFEST_BLOB_UNKNOWN` and
/// `BLOB_UNKNOWN` of a registry that can't see yet the blob which it took a moment ago, and `RANGE_INVALID`, which
/// asking for the received bytes puts right.
const TEMPORARY_CODES: [&str; 7] = [
    "BLOB_UNKNOWN",
    "BLOB_UPLOAD_INVALID",
    "MANIFEST_BLOB_UNKNOWN",
    "RANGE_INVALID",
    "TOOMANYREQUESTS",
    "UNAVAILABLE",
    "UNKNOWN",
];

/// Codes of `docker-registry` for a manifest, of which two clients sent the same blobs in the same moment: it can't
/// read one for an instant, and takes that for another digest.
const UNSEEN_CODES: [&str; 2] = ["DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN"];

/// Statuses of failures that pass. Asking for the received bytes puts 416 right. Proxies answer 499 and 520 to 524 when
/// the registry behind them gave up.
const TEMPORARY_STATUSES: [u16; 14] = [408, 416, 425, 429, 499, 500, 502, 503, 504, 520, 521, 522, 523, 524];

/// Whether a status alone says that the failure passes.
pub(super) fn is_temporary_status(status: StatusCode) -> bool {
    TEMPORARY_STATUSES.contains(&status.as_u16())
}

/// Whether the same request may succeed later: by the status, or because every error in the answer is one that passes.
/// One lasting error among them is enough for the same answer next time.
pub(super) fn is_temporary(status: StatusCode, body: &ErrorBody) -> bool {
    let is_unseen = body.has_code("MANIFEST_BLOB_UNKNOWN") && body.has_only_codes(&UNSEEN_CODES);
    // Of a path that a registry does not have, such as a catalog, some say no more than that.
    let is_absent = matches!(status.as_u16(), 404 | 405 | 501) && body.has_only_codes(&["UNKNOWN"]);
    is_temporary_status(status) || !is_absent && body.has_only_codes(&TEMPORARY_CODES) || is_unseen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_passes_only_if_each_of_its_errors_does() {
        for (status, codes, passes) in [
            (400, &["UNKNOWN"][..], true),
            (404, &["UNKNOWN"], false),
            (405, &["UNKNOWN"], false),
            (404, &["MANIFEST_BLOB_UNKNOWN", "BLOB_UPLOAD_INVALID"], true),
            (400, &["DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN"], true),
            (400, &["DIGEST_INVALID"], false),
            (403, &["DENIED", "UNKNOWN"], false),
            (403, &["UNKNOWN", "DENIED"], false),
            (400, &["UNKNOWN", "UNKNOWN", "UNKNOWN", "UNKNOWN", "DENIED"], false),
            (403, &["DENIED"], false),
            (403, &[], false),
            (503, &["DENIED"], true),
            (429, &[], true),
            (404, &["BLOB_UNKNOWN"], true),
            (416, &[], true),
            (521, &[], true),
            (507, &[], false),
        ] {
            let errors: Vec<_> = codes.iter().map(|code| format!("{{\"code\":\"{code}\"}}")).collect();
            let body = ErrorBody::decode(format!("{{\"errors\":[{}]}}", errors.join(",")).as_bytes(), &[]);
            assert_eq!(is_temporary(StatusCode::from_u16(status).unwrap(), &body), passes, "{status} {codes:?}");
        }
        let without_code = ErrorBody::decode(br#"{"errors":[{"code":"UNKNOWN"},{"message":"not yours"}]}"#, &[]);
        assert!(!is_temporary(StatusCode::FORBIDDEN, &without_code));
    }
}
