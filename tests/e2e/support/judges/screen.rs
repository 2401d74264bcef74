//! Judges what a program writes: text that can be seen, that stays where it is, and that no CI system takes for a
//! command.

use std::ops::RangeInclusive;

/// Text as hostile as it gets: colours, a title, the clipboard, the 8-bit form of an escape sequence, lines that CI
/// systems take for commands, another direction, and what nobody sees.
pub(crate) const HOSTILE: &str = "\u{1b}[31m\u{1b}]0;mine\u{7}\u{1b}]52;c;bWluZQ==\u{7}\u{1b}[2J\u{9b}2J\u{7f}\r\n\
     ::error::mine\n  ::stop-commands::mine\r\n##[error]mine\n##vso[task.complete]mine\n##teamcity[buildStop]\n\
     section_start:1:mine\r\u{1b}[0K\nerror: mine\u{202e}\u{2066}\u{200b}\u{2028}\u{e0041}\u{fe0f}\u{2800}\u{3164}\
     \u{ad}\u{e000}";

/// Characters that are not seen, or turn others around (`Default_Ignorable_Code_Point` of Unicode, and blanks that are
/// none to it).
const HIDDEN: [RangeInclusive<char>; 16] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{e000}'..='\u{f8ff}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Expects that text written to no terminal holds visible characters, spaces and line breaks alone, and no command.
#[track_caller]
pub(crate) fn assert_harmless(text: &str) {
    let hides = |c: char| HIDDEN.iter().any(|range| range.contains(&c)) || (c.is_whitespace() && c != ' ');
    let harms = |c: &char| *c != '\n' && (c.is_control() || hides(*c));
    assert_eq!(text.chars().find(harms), None, "it writes over the terminal: {text:?}");
    for line in text.lines() {
        let start = line.trim_start();
        let is_command = start.strip_prefix("::").is_some_and(|rest| rest.starts_with(char::is_alphabetic))
            || ["section_start:", "section_end:"].iter().any(|command| start.starts_with(command))
            || ["##[", "##vso[", "##teamcity["].iter().any(|command| line.contains(command));
        assert!(!is_command, "a CI system takes this for a command: {line}");
    }
}

/// The display of one row that a push draws below what it has said: drawn, drawn again, and taken away.
const DISPLAY: [(&str, &str); 3] = [("\u{1b}[K\r\r\n\u{1b}[J", "\n"), ("\r\u{1b}[1A\u{1b}[J", ""), ("\r\u{1b}[1A", "")];

/// The same for a screen, on which a program may set colours, and show the cursor when it ends. A push may draw its
/// display besides.
#[track_caller]
pub(crate) fn assert_harmless_screen(screen: &str) {
    let drawn = DISPLAY.iter().fold(screen.to_owned(), |screen, (part, plain)| screen.replace(part, plain));
    let mut plain = String::new();
    let mut parts = drawn.split("\u{1b}[");
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_digit() && !matches!(c, ';' | '?')).unwrap_or(part.len());
        let (sequence, rest) = part.split_at((end + 1).min(part.len()));
        assert!(sequence == "?25h" || sequence.ends_with('m'), "it moves the cursor: {screen:?}");
        plain.push_str(rest);
    }
    assert_harmless(&plain.replace("\r\n", "\n"));
}
