//! Patterns in which `*` stands for any characters, as users write them for tags and names.

/// The patterns of an option: separated by commas or blanks.
pub fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\t']).filter(|pattern| !pattern.is_empty())
}

/// Whether a text is what a pattern stands for, as a whole.
///
/// The time is at most the product of both lengths, whatever the pattern is.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        // The first place is as good as any later one.
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters_and_the_rest_for_itself() {
        for (pattern, text, expected) in [
            ("latest", "latest", true),
            ("latest", "latest-2", false),
            ("latest*", "latest-2", true),
            ("*-dev", "v3-dev", true),
            ("*-dev", "dev", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("a*a", "a", false),
            ("**", "x", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn patterns_are_separated_by_commas_and_blanks() {
        assert_eq!(list(" a, b  c,,").collect::<Vec<_>>(), ["a", "b", "c"]);
    }
}
