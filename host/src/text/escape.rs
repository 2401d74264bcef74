//! Escapes what must not reach a terminal or a log as it is.

use super::unicode::{is_blank, is_visible};

/// Beginnings of lines that CI systems take for commands, besides those that begin with `::` or hold `##`: sections of
/// GitLab and Travis CI, groups of Buildkite.
const COMMANDS: [&str; 7] = ["section_start:", "section_end:", "travis_fold:", "travis_time:", "--- ", "+++ ", "~~~ "];

/// `line` with each character escaped that moves a cursor, ends the line, or hides or reorders others, and without the
/// form of a CI system's command. Blanks stay, as spaces. A line that was escaped stays as it is.
#[must_use]
pub(crate) fn escape_line(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut before = None;
    for c in line.chars() {
        push(&mut shown, before, c);
        before = Some(c);
    }
    without_command(shown)
}

/// Adds a character to an escaped line; `before` is the one in front of it.
pub(super) fn push(shown: &mut String, before: Option<char>, c: char) {
    match c {
        // `##[…]` (GitHub), `##vso[…]` (Azure) and `##teamcity[…]` are commands in the middle of a line, too.
        '#' if before == Some('#') => shown.extend(c.escape_unicode()),
        c if is_blank(c) => shown.push(' '),
        c if is_visible(c) => shown.push(c),
        c => shown.extend(c.escape_default()),
    }
}

/// Escapes the first character of a line that begins like a command. GitHub ignores blanks in front of it.
pub(super) fn without_command(line: String) -> String {
    let start = line.trim_start();
    // An IPv6 address may begin with `::` and a digit.
    let is_named = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_command =
        start.strip_prefix("::").is_some_and(is_named) || COMMANDS.iter().any(|command| start.starts_with(command));
    let mut characters = start.chars();
    match characters.next() {
        Some(first) if is_command => {
            let blanks = line.len() - start.len();
            format!("{:blanks$}{}{}", "", first.escape_unicode(), characters.as_str())
        }
        _ => line,
    }
}

/// A JSON text with everything in its strings escaped, as JSON does it, that [`escape_line`] escapes: it says the same
/// to programs, and does nothing to a terminal.
#[must_use]
pub(crate) fn escape_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    let mut before = None;
    for c in json.chars() {
        let is_doubled = c == '#' && before == Some('#');
        match c {
            // Outside of strings there are no other characters than these and visible ones.
            ' ' | '\n' => shown.push(c),
            c if is_visible(c) && !is_doubled => shown.push(c),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| shown.push_str(&format!("\\u{unit:04x}"))),
        }
        before = Some(c);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_crhosts_own_keeps_its_blanks() {
        assert_eq!(escape_line("NAME    VERSION"), "NAME    VERSION");
        assert_eq!(escape_line("a\u{3000}b\u{a0}c"), "a b c");
    }

    #[test]
    fn a_line_that_a_ci_system_takes_for_a_command_is_none_any_more() {
        for (line, shown) in [
            ("::error::x", r"\u{3a}:error::x"),
            ("  ::set-output name=a::b", r"  \u{3a}:set-output name=a::b"),
            ("::1 is an address", "::1 is an address"),
            ("a ::error::x", "a ::error::x"),
            ("##[group]x", r"#\u{23}[group]x"),
            ("a ##vso[task.setvariable variable=a]b", r"a #\u{23}vso[task.setvariable variable=a]b"),
            ("##teamcity[buildStatus]", r"#\u{23}teamcity[buildStatus]"),
            ("### three", r"#\u{23}\u{23} three"),
            ("section_start:1:a", r"\u{73}ection_start:1:a"),
            ("--- a group", r"\u{2d}-- a group"),
        ] {
            assert_eq!(escape_line(line), shown);
            assert_eq!(escape_line(shown), shown, "escaped twice");
        }
    }

    #[test]
    fn json_says_the_same_to_programs_and_nothing_to_a_terminal() {
        let text = "\u{9b}2J\u{7f}\u{202e}\u{e0041}\u{2028}\u{a0}##[group] grün\n\u{1b}]52;c;x\u{7}";
        let json = serde_json::to_string_pretty(&serde_json::json!({ "a": text, "b": 1 })).unwrap();
        let shown = escape_json(&json);
        assert!(shown.chars().all(|c| c == '\n' || c == ' ' || is_visible(c)), "{shown}");
        assert!(!shown.contains("##"), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap()["a"], text);
    }
}
