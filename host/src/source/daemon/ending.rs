//! Exports that end too early. A daemon that fails in the middle has sent its status long ago: it ends the stream, or
//! writes its error in place of the rest of the archive (`streamformatter.FormatError` in Docker's source).

use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use serde::Deserialize;

use crate::docker::{EngineError, ErrorDetail};
use crate::json;
use crate::source::error::SourceError;
use crate::source::excess::Excess;
use crate::source::tar_walk::Sparse;

/// Bytes of the end that are kept: an error is a line.
const KEPT: usize = 4 << 10;

/// The last bytes of an export.
#[derive(Clone, Default)]
pub(super) struct Ending(Rc<RefCell<Vec<u8>>>);

/// An export whose last bytes are kept.
pub(super) struct Observed<R> {
    export: R,
    ending: Ending,
}

/// A file of an export that is an error if it ends before its size.
pub(super) struct Whole<R> {
    file: R,
    missing: u64,
    ending: Ending,
}

/// A daemon's error.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Message {
    #[serde(deserialize_with = "json::non_empty")]
    message: Option<String>,
    #[serde(deserialize_with = "json::non_empty")]
    error: Option<String>,
    error_detail: ErrorDetail,
}

impl Ending {
    /// The same export, whose end will be known.
    pub(super) fn of<R: Read>(export: R) -> (Observed<R>, Self) {
        let ending = Self::default();
        (Observed { export, ending: ending.clone() }, ending)
    }

    /// A file of the export, of `size` bytes.
    pub(super) fn whole<R: Read>(&self, file: R, size: u64) -> Whole<R> {
        Whole { file, missing: size, ending: self.clone() }
    }

    /// The error of an export that can't be read on.
    pub(super) fn explain(&self, error: io::Error) -> SourceError {
        let is_own = |error: &(dyn std::error::Error + 'static)| error.is::<EngineError>() || error.is::<SourceError>();
        match error.get_ref().is_some_and(|error| is_own(error)) || Excess::is_in(&error) || Sparse::is_in(&error) {
            true => error.into(),
            false => self.error(),
        }
    }

    fn error(&self) -> SourceError {
        let reason = self.message().unwrap_or_else(|| "it gave no reason".to_owned());
        SourceError::Ended(crate::text::Escaped::new(&reason, KEPT))
    }

    /// The daemon's error at the end of the export.
    fn message(&self) -> Option<String> {
        let kept = self.0.borrow();
        let starts = [&b"{\"errorDetail\""[..], b"{\"error\"", b"{\"message\""];
        let is_start =
            |at: &usize| kept.get(*at..).is_some_and(|rest| starts.iter().any(|start| rest.starts_with(start)));
        let end = kept.iter().rposition(|byte| *byte == b'}')?;
        // The last start that makes a whole value: the detail within the error does not.
        let read = |start| json::read::<Message>(kept.get(start..=end)?).ok();
        let Message { message, error, error_detail } = (0..end).rev().filter(is_start).find_map(read)?;
        error_detail.message.or(error).or(message)
    }
}

impl<R: Read> Read for Observed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.export.read(buffer)?;
        let new = buffer.get(..read).unwrap_or_default();
        let mut kept = self.ending.0.borrow_mut();
        kept.extend(new.get(read.saturating_sub(KEPT)..).unwrap_or_default());
        let excess = kept.len().saturating_sub(KEPT);
        kept.drain(..excess);
        Ok(read)
    }
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.missing = self.missing.saturating_sub(read as u64);
        match read == 0 && self.missing > 0 && !buffer.is_empty() {
            true => Err(io::Error::other(self.ending.error())),
            false => Ok(read),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(end: &str, size: u64) -> String {
        let (mut export, ending) = Ending::of(io::Cursor::new(format!("{}{end}", "x".repeat(9000))));
        let mut read = Vec::new();
        match ending.whole(&mut export, size).read_to_end(&mut read) {
            Ok(_) => String::new(),
            Err(error) => SourceError::from(error).to_string(),
        }
    }

    #[test]
    fn a_daemons_error_in_place_of_the_rest_is_told() {
        let cut = "the Docker daemon ended its export before the image was whole: ";
        for (end, reason) in [
            ("", "it gave no reason"),
            ("{\"errorDetail\":{\"message\":\"disk full\"},\"error\":\"disk full\"}\n", "disk full"),
            ("\0\0{\"error\":\"no space\"}", "no space"),
            ("{\"message\":\"unknown blob\"}\r\n", "unknown blob"),
            ("{\"message\":\"cut", "it gave no reason"),
        ] {
            assert_eq!(error_of(end, 20_000), format!("{cut}{reason}"), "{end}");
        }
        assert_eq!(error_of("", 9000), "");
    }

    #[test]
    fn words_of_the_tar_reader_are_not_shown() {
        let error = Ending::default().explain(io::Error::other("failed to read entire block"));
        assert!(error.to_string().ends_with("it gave no reason"), "{error}");
        let limit = Ending::default().explain(Excess::error("it has too many files".to_owned()));
        assert!(limit.to_string().contains("too many files"), "{limit}");
    }
}
