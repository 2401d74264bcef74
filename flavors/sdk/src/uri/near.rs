//! Hosts that are of a domain, and hosts that were mistyped.

/// Whether a host is a domain or a name below it: `a.example.com` is within `example.com`, `notexample.com` is not.
pub fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether a host has a domain among its labels, wherever: `quay.io.example.com` has `quay.io` inside, as look-alikes
/// do.
pub fn has_domain_inside(host: &str, domain: &str) -> bool {
    format!(".{host}.").contains(&format!(".{domain}."))
}

/// The last so many labels of a host, or all if there are no more.
pub fn last_labels(host: &str, count: usize) -> &str {
    let behind = count.checked_sub(1).and_then(|count| host.rmatch_indices('.').nth(count));
    behind.and_then(|(dot, _)| host.get(dot + 1..)).unwrap_or(host)
}

/// Whether one letter added, left out, changed, or swapped with its neighbour makes a text into another, for hints such
/// as "did you mean …".
pub fn is_one_slip_from(text: &str, meant: &str) -> bool {
    strsim::osa_distance(text, meant) == 1
}

/// How many letters have to be added, left out or changed to make one text into another (Levenshtein's distance).
pub fn distance(one: &str, other: &str) -> usize {
    strsim::levenshtein(one, other)
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
    fn a_look_alike_has_the_domain_at_its_end_at_its_start_or_between() {
        for host in ["quay.io", "www.quay.io", "quay.io.example.com", "www.quay.io.example.com"] {
            assert!(has_domain_inside(host, "quay.io"), "{host}");
        }
        for host in ["notquay.io", "quay.iox.com", "quay.example.io"] {
            assert!(!has_domain_inside(host, "quay.io"), "{host}");
        }
    }

    #[test]
    fn the_last_labels_of_a_short_host_are_all_of_it() {
        for (count, expected) in [(1, "com"), (2, "example.com"), (3, "a.example.com"), (4, "a.example.com")] {
            assert_eq!(last_labels("a.example.com", count), expected);
        }
    }

    #[test]
    fn the_distance_of_words_is_counted_in_letters() {
        for (one, other, expected) in [
            ("azurecr", "azurecr", 0),
            ("azurcr", "azurecr", 1),
            ("azuercr", "azurecr", 2),
            ("azure", "azurecr", 2),
            ("", "ab", 2),
            ("docker", "azurecr", 5),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
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
