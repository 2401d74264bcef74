//! Words of a program or a service without what may be a token in them: they are shown, and a token is a secret.

use crate::text::Escaped;

/// Characters of a program's last words that are shown.
const SHOWN: usize = 300;

/// Least characters of a word that may be a token. Names of hosts and files are shorter, or have no digits between
/// their dots and slashes.
const LONG: usize = 32;

/// Stands for what is not shown.
const HIDDEN: &str = "<hidden>";

/// A line with each word that may be a token hidden: a JSON Web Token, or a part of one, and any long word with digits.
pub(super) fn without_tokens(line: &str) -> String {
    let is_of_word = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.' | '~' | '+' | '=');
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|char| is_of_word(char) != is_of_word(first)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        shown.push_str(if is_of_word(first) && may_be_token(word) { HIDDEN } else { word });
        rest = behind;
    }
    shown
}

/// How a program failed, with its last words as far as they may be shown.
pub(crate) fn failure(how: &str, last: &str) -> String {
    match last {
        "" => how.to_owned(),
        last => format!("{how}: {}", Escaped::new(&without_tokens(last), SHOWN)),
    }
}

/// `eyJ` is `{"` in base64, with which each JSON Web Token begins (RFC 7519).
fn may_be_token(word: &str) -> bool {
    word.contains("eyJ") || (word.len() >= LONG && word.bytes().any(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_parts_of_them_are_hidden_and_words_are_not() {
        for (line, shown) in [
            ("oops eyJhbGciOi.eyJpc3MiOi.c2ln !", "oops <hidden> !"),
            ("token='eyJhbGciOi", "token='<hidden>"),
            ("got ghs_16C7e42F292c6912E7710c838347Ae178B4a: no", "got <hidden>: no"),
            ("no such audience: sts.amazonaws.com (403)", "no such audience: sts.amazonaws.com (403)"),
            ("open /usr/lib/python3/dist-packages/x.py: é", "open /usr/lib/python3/dist-packages/x.py: é"),
            ("", ""),
        ] {
            assert_eq!(without_tokens(line), shown);
        }
    }
}
