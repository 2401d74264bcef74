//! All referrers of an image: by the registry's API, or from the tag where it has none.

use std::collections::HashSet;

use crate::distribution::{Error, RepositoryClient, referrers as read, referrers_tag};
use crate::image::{Descriptor, Digest, media_type};
use crate::retrying::retry;

/// Most referrers of one image that are kept: in memory they take some 50 MiB.
const MAX_REFERRERS: usize = 100_000;

/// How a registry lists referrers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum ListedBy {
    /// By its API.
    Api,
    /// As an index under a tag, which clients write.
    Tag,
    /// Not at all: there is neither the API nor the tag.
    Nothing,
}

/// The referrers of an image.
#[derive(Debug, Clone)]
pub(crate) struct Referrers {
    /// Each once, in the registry's order.
    pub(crate) all: Vec<Descriptor>,
    /// How the registry lists them.
    pub(crate) by: ListedBy,
    /// Whether there are more than are kept.
    pub(crate) is_cut: bool,
}

impl Referrers {
    fn new(by: ListedBy) -> Self {
        Self { all: Vec::new(), by, is_cut: false }
    }

    /// Adds what is no repetition, and not the image itself.
    fn add(&mut self, subject: &Digest, seen: &mut HashSet<Digest>, page: Vec<Descriptor>) {
        let new =
            page.into_iter().filter(|referrer| referrer.digest != *subject && seen.insert(referrer.digest.clone()));
        for referrer in new {
            if self.all.len() == MAX_REFERRERS {
                self.is_cut = true;
                return;
            }
            self.all.push(referrer);
        }
    }
}

/// Lists the referrers of an image, of all types.
///
/// # Errors
/// Where the registry can't be reached, or refuses for the lack of permission.
pub(crate) async fn referrers(repository: &RepositoryClient, subject: &Digest) -> Result<Referrers, Error> {
    let mut seen = HashSet::new();
    let mut found = Referrers::new(ListedBy::Api);
    let pages = repository.referrers(subject);
    loop {
        match retry(|| pages.next()).await {
            Ok(Some(page)) => found.add(subject, &mut seen, page),
            Ok(None) => return Ok(found),
            // What can't be listed now is not absent: who copies an image would lose its signatures.
            Err(error) if error.is_outage() => return Err(error),
            // Registries without the API answer 404, other statuses, and pages of a web site.
            Err(Error::Status(_) | Error::Protocol { .. } | Error::Destination(_)) if seen.is_empty() => break,
            Err(error) => return Err(error),
        }
        if found.is_cut {
            return Ok(found);
        }
    }
    let tag = referrers_tag(subject);
    let index = retry(|| repository.manifest(&tag)).await?;
    // Some registries take the tag for the digest, and answer with the image itself, whose parts are no referrers.
    let index = index.filter(|index| index.media_type == media_type::OCI_INDEX && index.digest != *subject);
    let Some(index) = index else { return Ok(Referrers::new(ListedBy::Nothing)) };
    found.by = ListedBy::Tag;
    match read(&index.bytes) {
        Ok(page) => found.add(subject, &mut seen, page),
        Err(reason) => tracing::warn!("tag `{tag}`, where referrers are listed, can't be read: {reason}"),
    }
    Ok(found)
}
