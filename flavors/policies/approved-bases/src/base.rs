//! Names of base images, and patterns of them.

use crhost_flavor::policy::{BaseImage, pattern};

/// A reference in parts: the repository with its host, the tag, the digest.
struct Parts<'a> {
    repository: String,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

/// Whether a base is one that a pattern stands for. A pattern without tag and digest stands for all of them.
pub(crate) fn is_approved(pattern: &str, base: &BaseImage) -> bool {
    let Some(name) = &base.name else { return false };
    let (wanted, found) = (parts(pattern), parts(name));
    let digest = base.digest.as_deref().or(found.digest);
    let tag_fits = wanted.tag.is_none_or(|wanted| found.tag.is_some_and(|tag| pattern::matches(wanted, tag)));
    let digest_fits = wanted.digest.is_none_or(|wanted| digest == Some(wanted));
    pattern::matches(&wanted.repository, &found.repository) && tag_fits && digest_fits
}

fn parts(reference: &str) -> Parts<'_> {
    let (name, digest) = match reference.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (reference, None),
    };
    // A colon before the last slash is a port's.
    let (repository, tag) = match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (name, None),
    };
    Parts { repository: with_host(repository), tag, digest }
}

/// The repository with the host that Docker adds: `python` is `docker.io/library/python`.
fn with_host(repository: &str) -> String {
    match repository.split_once('/') {
        None if repository.contains('*') => repository.to_owned(),
        None => format!("docker.io/library/{repository}"),
        Some((first, _)) if first.contains(['.', ':', '*']) || first == "localhost" => repository.to_owned(),
        Some(_) => format!("docker.io/{repository}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_stands_for_the_names_that_docker_would_take_for_the_same() {
        for (pattern, name, expected) in [
            ("python", "docker.io/library/python:3.12", true),
            ("docker.io/library/python", "python:3.12-slim", true),
            ("python:3.*", "docker.io/library/python:3.12", true),
            ("python:3.*", "docker.io/library/python:2.7", false),
            ("python:3.*", "docker.io/library/python", false),
            ("gcr.io/distroless/*", "gcr.io/distroless/static:nonroot", true),
            ("gcr.io/distroless/*", "gcr.io/distroless-evil/static", false),
            ("localhost:5000/base", "localhost:5000/base:v1", true),
            ("acme/base", "docker.io/acme/base:v1", true),
            ("*", "anything/at:all", true),
            ("python", "docker.io/evil/python", false),
        ] {
            assert_eq!(is_approved(pattern, &BaseImage::named(name)), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_digest_in_the_pattern_has_to_be_the_base_s() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let base =
            |digest: Option<&str>| BaseImage { digest: digest.map(str::to_owned), ..BaseImage::named("python:3") };
        let pattern = format!("python@{digest}");
        assert!(is_approved(&pattern, &base(Some(&digest))));
        assert!(!is_approved(&pattern, &base(None)));
        assert!(!is_approved(&pattern, &base(Some("sha256:b"))));
    }
}
