//! What the fuzz targets in `tests/fuzz` do with an input: they parse, and what comes out has to keep its promises.
//!
//! `cargo fuzz` looks for inputs that break them; the corpus that it found runs here as ordinary tests.

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a promise that is not kept stops the fuzzer"
)]

use crate::flavor;
use crate::grant::{HostPattern, Target};

/// A line with a pattern, a line with a URL.
pub fn host_pattern(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (pattern, url) = text.split_once('\n').unwrap_or((text, ""));
    let pattern = pattern.parse::<HostPattern>();
    let target = Target::parse(url);
    if let Ok(pattern) = &pattern {
        let shown = pattern.to_string();
        assert_eq!(shown.parse::<HostPattern>().as_ref(), Ok(pattern), "what is shown is read back");
    }
    if let Ok(target) = &target {
        let origin = target.origin();
        assert_eq!(Target::parse(&origin).map(|again| again.origin()).as_ref(), Ok(&origin), "an origin is its own");
        assert!(origin.bytes().all(|b| b.is_ascii_graphic()) && target.path().bytes().all(|b| b.is_ascii_graphic()));
    }
    if let (Ok(pattern), Ok(target)) = (pattern, target) {
        let matches = pattern.matches(&target, None);
        if pattern.is_exact() {
            assert_eq!(matches, pattern.to_string() == target.origin(), "an exact pattern is one origin");
        } else if matches {
            let last = |text: &str| text.rsplit(['.', '/']).next().map(ToOwned::to_owned);
            assert_eq!(last(&pattern.to_string()), last(&target.origin()), "the last label is never a star");
        }
    }
}

/// A file that somebody calls a flavor.
pub fn admission(input: &[u8]) {
    flavor::fuzzing::admission(input);
}

/// What a guest could answer, made of arbitrary bytes.
pub fn conversions(input: &[u8]) {
    flavor::fuzzing::conversions(input);
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    fn corpus(target: &str) -> Vec<Vec<u8>> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus").join(target);
        let inputs: Vec<_> =
            fs::read_dir(directory).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
        assert!(!inputs.is_empty());
        inputs
    }

    #[test]
    fn every_pattern_of_the_corpus_keeps_the_promises() {
        corpus("host_pattern").iter().for_each(|input| super::host_pattern(input));
    }

    #[test]
    fn every_file_of_the_corpus_is_admitted_or_refused() {
        corpus("admission").iter().for_each(|input| super::admission(input));
    }

    #[test]
    fn every_answer_of_the_corpus_is_converted_or_refused() {
        corpus("conversions").iter().for_each(|input| super::conversions(input));
    }
}
