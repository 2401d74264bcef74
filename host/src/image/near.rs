//! Names of images that are probably meant.

use super::reference::{Reference, Tag};
use crate::text::{Escaped, nearest, quoted};

/// Names of a hint: more would hide the one that is meant.
const MAX_NEAR: usize = 3;

/// The names of the same repository, else the most similar one.
#[must_use]
pub(crate) fn near(name: &str, names: &[String]) -> Vec<Escaped> {
    let repository = |name: &str| name.parse::<Reference>().ok().map(|name| name.name());
    let wanted = repository(name);
    let same = names.iter().filter(|name| wanted.is_some() && repository(name) == wanted);
    let same: Vec<Escaped> = same.take(MAX_NEAR).map(Escaped::from).collect();
    if !same.is_empty() {
        return same;
    }
    // A name without a tag is meant with `latest`, which would make all names with tags unlike it.
    let tagged = if name.contains(':') { name.to_owned() } else { format!("{name}:{}", Tag::latest()) };
    let similar = nearest(name, names).or_else(|| nearest(&tagged, names));
    similar.map(Escaped::from).into_iter().collect()
}

/// The next step where an image is absent: the names that may be meant, and the command that lists all.
#[must_use]
pub(crate) fn near_hint(near: &[Escaped], list: &str) -> String {
    let list = format!("`{list}` lists what is there");
    match near {
        [] => list,
        near => format!("did you mean {}? {list}", quoted(near)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_there_is_near_to_its_other_tags_or_to_a_similar_one() {
        let names = ["train:v3", "train:v4", "ghcr.io/acme/web:latest", "postgres:16"].map(str::to_owned);
        let near = |name: &str| -> Vec<String> { near(name, &names).iter().map(ToString::to_string).collect() };
        assert_eq!(near("train"), ["train:v3", "train:v4"]);
        assert_eq!(near("docker.io/library/train:v5"), ["train:v3", "train:v4"]);
        assert_eq!(near("ghcr.io/acme/wbe"), ["ghcr.io/acme/web:latest"]);
        assert_eq!(near("postgers:16"), ["postgres:16"]);
        assert_eq!(near("redis"), [""; 0]);
    }
}
