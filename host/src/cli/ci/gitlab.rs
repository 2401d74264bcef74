//! GitLab CI: sections of a job's log ("Job logs", "Expand and collapse job log sections").

use crate::text::escape_line;

/// Moves to the line's begin and clears it, so that the marker itself is not seen.
const CLEAR: &str = "\r\u{1b}[0K";

/// The lines that begin and end a section, at this time in seconds since 1970. The name is the time's too, as those of
/// one job must differ.
pub(super) fn section(title: &str, now: u64) -> (String, String) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("crhost_{}_{number}", std::process::id());
    let title = escape_line(title);
    (format!("section_start:{now}:{name}{CLEAR}{title}"), format!("section_end:{now}:{name}{CLEAR}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_has_a_name_of_its_own_and_a_title_of_one_line() {
        let (begin, end) = section("push \u{1b}[2J\nsection_end:1:x", 7);
        let name = begin.split([':', '\r']).nth(2).unwrap();
        assert_eq!(begin, format!("section_start:7:{name}\r\u{1b}[0Kpush \\u{{1b}}[2J\\nsection_end:1:x"));
        assert_eq!(end, format!("section_end:7:{name}\r\u{1b}[0K"));
        assert!(!section("x", 7).0.contains(&format!(":{name}\r")));
    }
}
