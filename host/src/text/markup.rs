//! The words of HTML pages, which proxies give as errors.

/// The first line of a text that has words, without HTML's tags: of a page its title. Empty if there is none.
#[must_use]
pub(crate) fn first_words(text: &str) -> String {
    let text = without_tags(text);
    let has_words = |line: &&str| line.chars().any(char::is_alphanumeric);
    text.lines().map(str::trim).find(has_words).unwrap_or_default().to_owned()
}

fn without_tags(text: &str) -> String {
    let mut inside = false;
    let outside = |c: char| match c {
        '<' => {
            inside = true;
            Some('\n')
        }
        '>' if inside => {
            inside = false;
            None
        }
        c => (!inside).then_some(c),
    };
    text.chars().filter_map(outside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_of_a_page_is_its_first_words() {
        let page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>503 Starting</title></head><h1>No</h1></html>";
        for (text, words) in [(page, "503 Starting"), ("plain\nlines", "plain"), ("<html></html>", ""), ("", "")] {
            assert_eq!(first_words(text), words, "{text}");
        }
    }
}
