//! Numbers of things, as they are shown.

/// A number with the word for one, or for any other number.
#[must_use]
pub(crate) fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_told_by_its_own_word() {
        let told = [0, 1, 2].map(|count| counted(count, "repository", "repositories"));
        assert_eq!(told, ["0 repositories", "1 repository", "2 repositories"]);
    }
}
