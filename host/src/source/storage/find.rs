//! Finds an image by what a user calls it, as Podman does (`libimage` of <https://github.com/containers/common>).

use super::records::{ImageRecord, is_id};
use crate::image::{Digest, Reference, Tag};

/// Fewest digits of an id, as in containers/storage.
const SHORTEST_ID: usize = 3;

/// Where Docker's own images are.
const DOCKER: &str = "docker.io";

/// Which image is meant.
#[derive(Debug)]
pub(super) enum Found<'a> {
    /// This one.
    One(&'a ImageRecord),
    /// One of these; the user has to say more.
    Several(Vec<&'a ImageRecord>),
    /// None.
    None,
}

/// The image with a name, `NAME[:TAG]`, `NAME@DIGEST`, `NAME@ID` or an id. A short name is first one of this machine's
/// (`localhost/`), then one of Docker Hub, then the end of another name. A name goes before an id.
pub(super) fn find<'a>(images: &'a [ImageRecord], text: &str) -> Found<'a> {
    if let Some((name, chosen)) = text.rsplit_once('@') {
        let is_named = |image: &&ImageRecord| name.is_empty() || is_repository(image, name);
        return match chosen.parse::<Digest>() {
            // An id in its long form goes without a name.
            Ok(digest) if name.is_empty() => by_id(images, digest.hex()),
            Ok(digest) => one_of(images.iter().filter(is_named).filter(|image| image.has_digest(digest.as_str()))),
            Err(_) => one_of(images.iter().filter(is_named).filter(|image| is_start(chosen, &image.id))),
        };
    }
    let tagged = with_tag(text);
    for name in full_names(&tagged) {
        if let Some(image) = images.iter().find(|image| image.names.contains(&name)) {
            return Found::One(image);
        }
    }
    match by_id(images, text.strip_prefix("sha256:").unwrap_or(text)) {
        Found::None if !Reference::names_host(&tagged) => {
            let end = format!("/{tagged}");
            one_of(images.iter().filter(|image| image.names.iter().any(|name| name.ends_with(&end))))
        }
        found => found,
    }
}

fn by_id<'a>(images: &'a [ImageRecord], start: &str) -> Found<'a> {
    one_of(images.iter().filter(|image| is_start(start, &image.id)))
}

fn is_start(start: &str, id: &str) -> bool {
    start.len() >= SHORTEST_ID && is_id(start) && id.starts_with(start)
}

fn one_of<'a>(images: impl Iterator<Item = &'a ImageRecord>) -> Found<'a> {
    let mut found: Vec<&ImageRecord> = images.collect();
    found.dedup_by(|one, other| one.id == other.id);
    match found.as_slice() {
        [] => Found::None,
        [one] => Found::One(one),
        _ => Found::Several(found),
    }
}

/// A name with a tag, which is `latest` where it has none.
fn with_tag(name: &str) -> String {
    if split_tag(name).is_some() { name.to_owned() } else { format!("{name}:{}", Tag::latest()) }
}

/// The full names that a name may stand for, the likeliest first.
pub(super) fn full_names(name: &str) -> Vec<String> {
    let mut names = vec![name.to_owned()];
    if !Reference::names_host(name) {
        names.push(format!("localhost/{name}"));
        names.push(match name.contains('/') {
            true => format!("{DOCKER}/{name}"),
            false => format!("{DOCKER}/library/{name}"),
        });
    }
    names
}

/// Whether a name of the image is one of this repository.
fn is_repository(image: &ImageRecord, name: &str) -> bool {
    let wanted = full_names(without_tag(name));
    image
        .names
        .iter()
        .any(|name| wanted.iter().any(|wanted| without_tag(name.split('@').next().unwrap_or_default()) == wanted))
}

pub(super) fn without_tag(name: &str) -> &str {
    split_tag(name).map_or(name, |(name, _)| name)
}

/// A name and its tag, if it has one: behind the colon of a port there is a `/`.
pub(super) fn split_tag(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(id: char, names: &[&str]) -> ImageRecord {
        ImageRecord {
            id: id.to_string().repeat(64),
            digest: Some(Digest::of(id.to_string().as_bytes()).to_string()),
            names: names.iter().map(|&name| name.to_owned()).collect(),
            ..ImageRecord::default()
        }
    }

    fn found(images: &[ImageRecord], text: &str) -> String {
        match find(images, text) {
            Found::One(image) => image.id.chars().take(1).collect(),
            Found::Several(images) => format!("{} of", images.len()),
            Found::None => "none".to_owned(),
        }
    }

    #[test]
    fn an_image_is_found_as_podman_finds_it() {
        let images = [
            image('a', &["localhost/train:v1", "ghcr.io/acme/train:v1"]),
            image('b', &["docker.io/library/train:v1", "docker.io/library/train:v2"]),
            image('c', &["quay.io/acme/web:latest"]),
            image('d', &["docker.io/acme/web:latest", "registry.example:5000/team/web:latest"]),
            image('e', &[]),
        ];
        for (text, expected) in [
            ("train:v1", "a"),
            ("train:v2", "b"),
            ("docker.io/library/train:v1", "b"),
            ("ghcr.io/acme/train:v1", "a"),
            ("acme/web", "d"),
            ("web", "2 of"),
            ("team/web", "d"),
            ("train", "none"),
            ("ghcr.io/train:v1", "none"),
            ("eee", "e"),
            ("ee", "none"),
            ("@eeeee", "e"),
            (&format!("sha256:{}", "e".repeat(64)), "e"),
            (&format!("@sha256:{}", "e".repeat(64)), "e"),
            ("train@aaaa", "a"),
            ("web@aaaa", "none"),
            (&format!("ghcr.io/acme/train@{}", Digest::of(b"a")), "a"),
            (&format!("train:v1@{}", Digest::of(b"b")), "b"),
            (&format!("acme/web@{}", Digest::of(b"a")), "none"),
            ("", "none"),
        ] {
            assert_eq!(found(&images, text), expected, "{text}");
        }
        let twins = [image('a', &[]), ImageRecord { id: format!("{}b", "a".repeat(63)), ..image('a', &[]) }];
        assert_eq!(found(&twins, "aaa"), "2 of");
    }
}
