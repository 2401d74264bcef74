//! Text from outside, made fit for a message. The host escapes all that it shows; this keeps lines short and whole.

/// The first `max` characters of a text, without control characters: to quote a value in a message.
pub fn excerpt(text: &str, max: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(max).collect()
}

/// A text in one line of at most `max` characters, without a full stop at its end: the words of a service.
pub fn one_line(text: &str, max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    excerpt(&line, max).trim_end_matches(['.', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_value_is_short_and_has_no_control_characters() {
        assert_eq!(excerpt("a\u{7}b\ncd", 3), "abc");
        assert_eq!(excerpt(&"ä".repeat(500), 80).chars().count(), 80);
    }

    #[test]
    fn words_of_several_lines_become_one_without_a_full_stop() {
        assert_eq!(one_line("No such\r\n\tregistry. \n", 100), "No such registry");
        assert_eq!(one_line("\u{1b}[31mred", 100), "[31mred");
        assert_eq!(one_line(" . ", 100), "");
        assert_eq!(one_line("a.\u{7}", 100), "a");
    }
}
