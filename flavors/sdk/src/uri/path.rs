//! The components after the host.

use super::error::Error;

/// Parses `path`, the part of `whole` after the host and its slash.
pub(super) fn parse(whole: &str, path: &str) -> Result<Vec<String>, Error> {
    let components: Vec<&str> = path.split('/').collect();
    if components.iter().any(|component| component.is_empty()) {
        return Err(Error::EmptyComponent(whole.to_owned()));
    }
    if let Some((without, tag)) = whole.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'))
        && path.contains(':')
    {
        return Err(Error::Tag { tag: tag.to_owned(), without: without.to_owned() });
    }
    let check = |component: &&str| match is_component(component) {
        true => Ok((*component).to_owned()),
        false if is_component(&component.to_ascii_lowercase()) => Err(Error::UpperCase((*component).to_owned())),
        false => Err(Error::Component((*component).to_owned())),
    };
    components.iter().map(check).collect()
}

/// `[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*`: the distribution specification's rule for a component of a repository's name.
fn is_component(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separator = |run: &str| matches!(run, "" | "." | "_" | "__") || run.bytes().all(|b| b == b'-');
    text.starts_with(alphanumeric) && text.ends_with(alphanumeric) && text.split(alphanumeric).all(separator)
}
