//! Words of commands as they are shown.

/// A word as a POSIX shell takes it: as it is where no shell reads it otherwise, else between quotes. `also` are
/// characters besides the common ones that need no quotes where it is shown.
#[must_use]
pub(crate) fn shell_word(word: &str, also: impl Fn(char) -> bool) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-._:/@%+=,".contains(char) || also(char);
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
        let is_brace = |char: char| matches!(char, '{' | '}');
        for word in ["auth", "--format=process", "--profile={profile-name}", "op://vault/a", "a b", "it's", "$HOME", ""]
        {
            assert_eq!(shlex::split(&shell_word(word, is_brace)).unwrap(), [word]);
        }
        assert_eq!(shell_word("--host=a.example", |_| false), "--host=a.example");
        assert_eq!(shell_word("a b", |_| false), "'a b'");
        assert_eq!(shell_word("{a}", is_brace), "{a}");
        assert_eq!(shell_word("{a}", |_| false), "'{a}'");
    }
}
