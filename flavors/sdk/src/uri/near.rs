//! Hosts that are of a domain, and hosts that somebody mistyped.

/// Whether a host is a domain or a name below it: `a.example.com` is within `example.com`, `notexample.com` is not.
pub fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether one letter added, left out, changed, or swapped with its neighbour makes a text into another, for hints such as
/// "did you mean …".
pub fn is_one_slip_from(text: &str, meant: &str) -> bool {
    let (text, meant) = (text.as_bytes(), meant.as_bytes());
    let prefix = text.iter().zip(meant).take_while(|(x, y)| x == y).count();
    match (text.get(prefix..).unwrap_or_default(), meant.get(prefix..).unwrap_or_default()) {
        ([x0, x1, text @ ..], [y0, y1, meant @ ..]) if x0 == y1 && x1 == y0 && text == meant => true,
        ([_, text @ ..], [_, meant @ ..]) if text == meant => true,
        ([_, rest @ ..], meant) if rest == meant => true,
        (text, [_, rest @ ..]) if rest == text => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_within_a_domain_is_parted_from_it_by_a_dot() {
        assert!(is_within("example.com", "example.com") && is_within("a.b.example.com", "example.com"));
        assert!(!is_within("notexample.com", "example.com") && !is_within("example.com.evil", "example.com"));
    }

    #[test]
    fn a_slip_is_one_letter_too_many_too_few_wrong_or_swapped() {
        for slip in ["quy.io", "quayy.io", "quax.io", "qauy.io", "uay.io", "quay.i", "quay.ioo"] {
            assert!(is_one_slip_from(slip, "quay.io"), "{slip}");
        }
        for other in ["quay.io", "qay.i", "auyq.io", "ghcr.io", ""] {
            assert!(!is_one_slip_from(other, "quay.io"), "{other}");
        }
    }
}
