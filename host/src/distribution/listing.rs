//! What a registry has in a repository: its tags, and the referrers of a manifest.

use serde::Deserialize;

use super::pages::Pages;
use super::repository::RepositoryClient;
use crate::image::{Descriptor, Digest, Tag};
use crate::json::{self, Malformed};

impl RepositoryClient {
    /// The repository's tags ("Listing Tags", OCI distribution specification). Names that are no tags are left out.
    #[must_use]
    pub(crate) fn tags(&self) -> Pages<'_, Tag> {
        let name = format!("the question for the tags of `{}`", self.repository());
        Pages::new(self.exchange(), format!("{}/tags/list", self.repository()), name, tags)
    }

    /// The manifests that name this one as their subject, as the referrers API lists them ("Listing Referrers"), of all
    /// types. A registry without that API answers 404, and keeps them under [`referrers_tag`].
    #[must_use]
    pub(crate) fn referrers(&self, digest: &Digest) -> Pages<'_, Descriptor> {
        let name = format!("the question for the referrers of `{digest}` in `{}`", self.repository());
        Pages::new(self.exchange(), format!("{}/referrers/{digest}", self.repository()), name, referrers)
            .with(Vec::new())
    }
}

/// The tag under which the referrers of a manifest are listed where a registry lacks the referrers API ("Referrers Tag
/// Schema", OCI distribution specification).
#[must_use]
pub(crate) fn referrers_tag(digest: &Digest) -> Tag {
    Tag::of_digest(digest, "")
}

/// The referrers in an index: of the API, or under the [`referrers_tag`].
///
/// # Errors
/// Where it is no index.
pub(crate) fn referrers(index: &[u8]) -> Result<Vec<Descriptor>, Malformed> {
    #[derive(Deserialize)]
    struct List {
        #[serde(default)]
        manifests: Vec<Entry>,
    }
    /// A descriptor, unless it can't be understood: clients write such lists, and one faulty entry hides no others.
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Entry(#[serde(deserialize_with = "json::if_valid")] Option<Descriptor>);
    Ok(json::read::<List>(index)?.manifests.into_iter().filter_map(|entry| entry.0).collect())
}

fn tags(page: &[u8]) -> Result<Vec<Tag>, Malformed> {
    #[derive(Deserialize)]
    struct List {
        #[serde(default)]
        tags: Vec<String>,
    }
    let valid = |name: String| match name.parse() {
        Ok(tag) => Some(tag),
        Err(error) => {
            tracing::debug!("the registry lists what is no tag: {error}");
            None
        }
    };
    Ok(json::read::<List>(page)?.tags.into_iter().filter_map(valid).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_with_their_writers_habits() {
        assert_eq!(tags(br#"{"name":"a","tags":null}"#).unwrap(), []);
        assert_eq!(tags(br#"{"tags":["v1","-not","v2"]}"#).unwrap(), ["v1".parse().unwrap(), "v2".parse().unwrap()]);
        let digest = Digest::of(b"a");
        let index = format!(
            r#"{{"manifests":[{{"mediaType":"x","digest":"{digest}","size":"3","artifactType":"t/x"}},{{"digest":"{digest}"}}]}}"#
        );
        let found = referrers(index.as_bytes()).unwrap();
        assert_eq!((found[0].artifact_type.as_deref(), found[0].size), (Some("t/x"), 3));
        assert_eq!((found[1].artifact_type.as_deref(), &found[1].digest), (None, &digest));
    }

    #[test]
    fn a_faulty_entry_among_referrers_hides_no_others() {
        let digest = Digest::of(b"a");
        let index = format!(
            r#"{{"manifests":[{{}},null,{{"digest":"sha512:00"}},7,{{"digest":"{digest}"}},{{"digest":""}}]}}"#
        );
        let found = referrers(index.as_bytes()).unwrap();
        assert_eq!(found.iter().map(|entry| &entry.digest).collect::<Vec<_>>(), [&digest]);
    }

    #[test]
    fn the_tag_of_referrers_is_the_digest_with_a_dash() {
        let digest = Digest::of(b"a");
        assert_eq!(referrers_tag(&digest).as_str(), digest.as_str().replace(':', "-"));
    }
}
