//! Words of commands as they are shown.

/// A word as a shell takes it: as it is where no shell reads it otherwise, else between quotes.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-._:/@%+=,{}".contains(char);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_where_a_shell_would_read_it_otherwise() {
        for word in ["auth", "--format=process", "--profile={profile-name}", "op://vault/a", "a b", "it's", "$HOME", ""]
        {
            assert_eq!(shlex::split(&quoted(word)).unwrap(), [word]);
        }
        assert_eq!(quoted("--host=a.example"), "--host=a.example");
        assert_eq!(quoted("a b"), "'a b'");
    }
}
