//! Everything that belongs to images: by the referrers API, the referrers tag and cosign's tags, and what belongs to
//! that. Copies, trees and deletions all see the same.

use std::collections::HashSet;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::cosign_tags::{cosign_tags, under_tags};
use super::list::referrers;
use crate::distribution::{Error, RepositoryClient};
use crate::image::{Descriptor, Digest, Tag};
use crate::retrying::{CONCURRENT_REQUESTS, all_pages};

/// Digests up to which the registry is asked for each of cosign's tags of each: beyond, the list of all tags takes
/// fewer requests.
const ASKED: usize = 20;

/// Something that belongs to an image.
#[derive(Debug, Clone)]
pub(crate) struct Belonging {
    /// Its manifest.
    pub(crate) descriptor: Descriptor,
    /// What it belongs to.
    pub(crate) subject: Digest,
    /// Its tag, where that has the digest of the subject; absent where the manifest names it.
    pub(crate) tag: Option<Tag>,
}

/// How far a walk goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Deepest level.
    pub(crate) depth: usize,
    /// Most manifests whose referrers are asked for.
    pub(crate) questions: usize,
    /// Most things that are found.
    pub(crate) found: usize,
}

/// What a walk found.
#[derive(Debug, Clone)]
pub(crate) struct Walked {
    /// Level by level, in the registry's order.
    pub(crate) all: Vec<Belonging>,
    /// Whether that is all.
    pub(crate) is_whole: bool,
}

/// The repository's tags, as far as they are known.
enum Tags<'a> {
    Listed(&'a [Tag]),
    Own(Vec<Tag>),
    /// Not asked for yet.
    Unknown,
    /// The registry does not list them.
    Unlisted,
}

impl Tags<'_> {
    fn of(&self, subject: &Digest) -> Option<Vec<Tag>> {
        let all = match self {
            Self::Listed(tags) => tags,
            Self::Own(tags) => tags.as_slice(),
            Self::Unknown | Self::Unlisted => return None,
        };
        let start = format!("{}.", subject.as_str().replace(':', "-"));
        Some(all.iter().filter(|tag| tag.as_str().starts_with(&start)).cloned().collect())
    }
}

/// Finds everything that belongs to some manifests, and to what belongs to them. `listed` are the repository's tags, if
/// they are known. A manifest is asked about once, so that registries which lie about digests make no loops.
///
/// # Errors
/// Any refusal of a list.
pub(crate) async fn walk(
    repository: &RepositoryClient,
    subjects: Vec<Digest>,
    listed: Option<&[Tag]>,
    bounds: &Bounds,
) -> Result<Walked, Error> {
    let mut tags = listed.map_or(Tags::Unknown, Tags::Listed);
    let mut seen: HashSet<Digest> = subjects.iter().cloned().collect();
    let mut walked = Walked { all: Vec::new(), is_whole: true };
    let (mut level, mut depth, mut asked) = (subjects, 0, 0);
    while !level.is_empty() && depth < bounds.depth {
        let room = bounds.questions - asked;
        walked.is_whole &= level.len() <= room;
        level.truncate(room);
        asked += level.len();
        depth += 1;
        if level.len() > ASKED && matches!(tags, Tags::Unknown) {
            tags = match all_pages(&repository.tags()).await {
                Ok(listed) => Tags::Own(listed),
                Err(error) if error.is_outage() => return Err(error),
                Err(_) => Tags::Unlisted,
            };
        }
        let questions = level.iter().map(|subject| of_subject(repository, subject, &tags));
        let found: Vec<_> = stream::iter(questions).buffered(CONCURRENT_REQUESTS).try_collect().await?;
        let (found, cut): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        walked.is_whole &= !cut.contains(&true);
        let found: Vec<Belonging> = found.into_iter().flatten().collect();
        let digests = found.iter().map(|one| one.descriptor.digest.clone());
        level = digests.filter(|digest| seen.insert(digest.clone())).collect();
        walked.all.extend(found);
        if walked.all.len() > bounds.found {
            walked.all.truncate(bounds.found);
            walked.is_whole = false;
            return Ok(walked);
        }
    }
    walked.is_whole &= level.is_empty();
    Ok(walked)
}

/// What belongs to one manifest, and whether its list was cut.
async fn of_subject(
    repository: &RepositoryClient,
    subject: &Digest,
    tags: &Tags<'_>,
) -> Result<(Vec<Belonging>, bool), Error> {
    let tags = tags.of(subject).unwrap_or_else(|| cosign_tags(subject).collect());
    let (listing, tagged) = tokio::try_join!(referrers(repository, subject), under_tags(repository, subject, tags))?;
    let belonging = |tag, descriptor| Belonging { descriptor, subject: subject.clone(), tag };
    let mut all: Vec<Belonging> = listing.all.into_iter().map(|found| belonging(None, found)).collect();
    all.extend(tagged.into_iter().map(|(tag, found)| belonging(Some(tag), found)));
    Ok((all, listing.is_cut))
}
