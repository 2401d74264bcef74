//! Text that is wrapped at the width of a terminal, where lines that the terminal breaks itself can't be read.

/// Columns for text from which on it is wrapped: in fewer, words would stand one below the other.
const LEAST: usize = 20;

/// The lines of `head` and `text`. Where they are wider than `columns`, `text` is broken at its spaces, and its further
/// lines stand `indent` columns from the left. A word is never broken: it may be a URL to copy.
pub(super) fn wrapped(head: &str, text: &str, indent: usize, columns: Option<usize>) -> Vec<String> {
    let Some(columns) = columns.filter(|columns| *columns >= indent + LEAST) else {
        return vec![format!("{head}{text}")];
    };
    let (mut lines, mut line) = (Vec::new(), head.to_owned());
    let mut has_word = false;
    for word in text.split(' ') {
        let space = if has_word { " " } else { "" };
        if has_word && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::replace(&mut line, format!("{:indent$}{word}", "")));
        } else {
            line.push_str(space);
            line.push_str(word);
        }
        has_word = true;
    }
    lines.push(line);
    lines
}

/// Columns of a text. Nearly all that crhost prints is of characters that take one each.
pub(super) fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_at_its_spaces_and_goes_on_below_itself() {
        let lines = wrapped("Hosts  ", "https://one.example, https://two.example, three", 7, Some(40));
        assert_eq!(lines, ["Hosts  https://one.example,", "       https://two.example, three"]);
        let lines = wrapped("  ", "POST https://one.example/with/a/long/path and 2 more", 4, Some(30));
        assert_eq!(lines, ["  POST", "    https://one.example/with/a/long/path", "    and 2 more"]);
    }

    #[test]
    fn what_fits_or_is_for_no_terminal_or_has_no_room_is_one_line() {
        for columns in [None, Some(80), Some(24)] {
            assert_eq!(wrapped("Name  ", "a name of some words", 6, columns), ["Name  a name of some words"]);
        }
    }
}
