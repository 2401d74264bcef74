//! Yes or no, as a variable or an option says it.

/// Parses the words that docker, git and CI systems use, in any case.
pub(super) fn parse(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("expected `true` or `false`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn yes_and_no_have_several_spellings_and_other_words_are_neither() {
        for yes in ["true", "True", "1", "yes", "ON"] {
            assert_eq!(parse(yes), Ok(true), "{yes}");
        }
        for no in ["false", "FALSE", "0", "no", "off"] {
            assert_eq!(parse(no), Ok(false), "{no}");
        }
        for other in ["banana", "2", "tru", ""] {
            assert_eq!(parse(other).unwrap_err(), "expected `true` or `false`", "{other}");
        }
    }
}
