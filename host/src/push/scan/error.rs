//! Reasons why a scan lets no image pass.

use std::io;
use std::time::Duration;

use crate::error::Explain;
use crate::text::{Escaped, Foreign};

/// A scan that did not let the image pass. Nothing of it was sent.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Policy)]
pub(crate) enum ScanError {
    /// The scanner ended with another status than 0.
    #[error("`{program}` refused the image: it ended with {status}; nothing was sent")]
    #[explain(hint = "its output above says why; the push goes on once it ends with 0")]
    Refused {
        /// The scanner.
        program: Escaped,
        /// How it ended.
        status: Escaped,
    },
    /// The scanner took too long.
    #[error("`{program}` has not ended within {} seconds, and was ended; nothing was sent", timeout.as_secs())]
    #[explain(hint = "`--scan-timeout` gives it more time")]
    TooLate {
        /// The scanner.
        program: Escaped,
        /// The time that it had.
        timeout: Duration,
    },
    /// The scanner wrote no report.
    #[error("the scanner let the image pass, but wrote no report to the place that `{{report}}` stands for")]
    #[explain(hint = "its option for a file takes `{{report}}`, such as `--output {{report}}`")]
    NoReport,
    /// The scanner can't be run.
    #[error("the scanner `{program}` can't be run: {reason}")]
    #[explain(kind = NotFound, hint = "install it, or give its whole path in `--scan`")]
    Program {
        /// The scanner.
        program: Escaped,
        /// Why.
        reason: Foreign<io::Error>,
    },
    /// The layout can't be written.
    #[error("the image can't be written for the scanner: {0}")]
    #[explain(
        kind = General,
        hint = "the whole image has to fit where `TMPDIR` names a directory for temporary files"
    )]
    Layout(Foreign<io::Error>),
}
