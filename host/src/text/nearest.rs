//! The name that a mistyped one was probably meant to be.

use std::fmt::Display;

/// As alike as clap's suggestions for subcommands and values are.
const ALIKE: f64 = 0.8;

/// The most similar of the known names, if one is similar.
#[must_use]
pub(crate) fn nearest<T: Display>(name: &str, known: impl IntoIterator<Item = T>) -> Option<T> {
    let similar = known.into_iter().map(|known| (likeness(name, &known.to_string()), known));
    let best = similar.filter(|(likeness, _)| *likeness > ALIKE).max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.map(|(_, known)| known)
}

/// A measure from 0 to 1. Of short names, the usual one finds two turned letters unlike; of names with the same
/// beginning, it finds those alike that share little else.
fn likeness(name: &str, known: &str) -> f64 {
    const SHORT: usize = 3;
    let slips = strsim::osa_distance(name, known);
    let is_part = known.starts_with(name) || name.starts_with(known);
    match slips {
        1 if name.len() >= SHORT => 1.0,
        // More than half of the letters are others.
        _ if !is_part && slips * 2 > name.chars().count().max(known.chars().count()) => 0.0,
        _ => strsim::jaro_winkler(name, known),
    }
}

#[cfg(test)]
mod tests {

    #[test]
    fn the_nearest_name_is_the_one_with_a_letter_swapped_missing_or_added() {
        let known = ["aws", "azure", "docker", "default", "dockerhub", "gcp", "github", "gitlab", "my-ghcr"];
        for (name, nearest) in [
            ("dokcer", Some("docker")),
            ("defualt", Some("default")),
            ("githb", Some("github")),
            ("dockerhubb", Some("dockerhub")),
            ("azur", Some("azure")),
            ("gpc", Some("gcp")),
            ("my-harbor", None),
            ("dockerhub-of-acme", Some("dockerhub")),
            ("quay", None),
            ("", None),
        ] {
            assert_eq!(super::nearest(name, known), nearest, "{name}");
        }
    }
}
