//! The order that users expect of names with numbers: `v9` before `v10`.

use std::cmp::Ordering;

/// Compares two names part by part: digits as numbers, everything else as text. Names that only differ in leading
/// zeros are in the order of their text.
pub(crate) fn natural(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    loop {
        let ((left_text, left_number, left_rest), (right_text, right_number, right_rest)) = (parts(left), parts(right));
        let order = left_text.cmp(right_text).then_with(|| number(left_number, right_number));
        if order.is_ne() {
            return order;
        }
        if left_rest.is_empty() || right_rest.is_empty() {
            return left_rest.len().cmp(&right_rest.len()).then_with(|| one.cmp(other));
        }
        (left, right) = (left_rest, right_rest);
    }
}

/// The text before the first number, the number's digits, and what follows.
fn parts(name: &str) -> (&str, &str, &str) {
    let (text, rest) = name.split_at(name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len()));
    let (digits, rest) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
    (text, digits, rest)
}

/// Compares numbers of any length by their digits; a missing number goes first.
fn number(one: &str, other: &str) -> Ordering {
    let (left, right) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    one.is_empty()
        .cmp(&other.is_empty())
        .reverse()
        .then_with(|| left.len().cmp(&right.len()))
        .then_with(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_compared_as_numbers() {
        let sorted =
            ["", "1", "1.9", "1.10", "1.10-rc1", "2", "10", "a", "a1", "a01b", "a1b", "v", "v1", "v1.2", "v10"];
        let mut names = sorted;
        names.reverse();
        names.sort_by(|one, other| natural(one, other));
        assert_eq!(names, sorted);
        let long = "9".repeat(128);
        assert_eq!(natural(&long, &format!("1{}", "0".repeat(127))), Ordering::Greater);
        assert_eq!(natural("01", "1"), Ordering::Less);
        assert_eq!(natural("1", "1"), Ordering::Equal);
    }
}
