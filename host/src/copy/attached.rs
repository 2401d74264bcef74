//! What belongs to an image: signatures, attestations, SBOMs and all else that names it as its subject, and what cosign
//! keeps under tags of the image's digest; and what belongs to these.

use std::collections::{HashMap, HashSet};

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::error::CopyError;
use super::items::digest_of;
use super::route::Route;
use crate::distribution::ManifestHead;
use crate::image::{Descriptor, Digest, Tag};
use crate::remote::RemoteError;
use crate::retrying::{CONCURRENT_REQUESTS, all_pages, retry};
use crate::supply_chain::{cosign_tags, referrers};

/// Most things that are copied with one image: twice as many as the largest lists of referrers that are known.
const MOST: usize = 20_000;

/// Things that are copied at once: most are small, and wait for answers.
const AT_ONCE: usize = 8;

/// Digests up to which the registry is asked for each of cosign's tags of each: beyond, the list of all tags takes
/// fewer requests.
const ASKED: usize = 20;

/// Something that belongs to an image.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Attached {
    /// Its digest.
    digest: Digest,
    /// How it is attached.
    by: By,
}

/// How something is attached.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum By {
    /// It names this subject.
    Subject(Digest),
    /// Its tag has the digest of the subject.
    Tag(Tag),
}

impl Attached {
    /// The subject that it names.
    fn subject(&self) -> Option<&Digest> {
        match &self.by {
            By::Subject(subject) => Some(subject),
            By::Tag(_) => None,
        }
    }
}

/// The repository's tags, as far as they are known.
enum Tags<'a> {
    Listed(&'a [Tag]),
    Own(Vec<Tag>),
    Unknown,
}

impl Tags<'_> {
    fn of(&self, subject: &Digest) -> Option<Vec<Tag>> {
        let all = match self {
            Self::Listed(tags) => tags,
            Self::Own(tags) => tags.as_slice(),
            Self::Unknown => return None,
        };
        let start = format!("{}.", subject.as_str().replace(':', "-"));
        Some(all.iter().filter(|tag| tag.as_str().starts_with(&start)).cloned().collect())
    }
}

/// Everything that belongs to some manifests, and to what belongs to them.
///
/// # Errors
/// If a list can't be read, or there is more than any honest image has.
pub(super) async fn find(
    route: &Route<'_>,
    subjects: Vec<Digest>,
    listed: Option<&[Tag]>,
) -> Result<Vec<Attached>, CopyError> {
    let mut tags = listed.map_or(Tags::Unknown, Tags::Listed);
    let mut seen: HashSet<Digest> = subjects.iter().cloned().collect();
    let (mut found, mut level) = (Vec::new(), subjects);
    while !level.is_empty() {
        if level.len() > ASKED && matches!(tags, Tags::Unknown) {
            tags = Tags::Own(all_pages(&route.reading.repository.tags()).await.map_err(RemoteError::from)?);
        }
        let questions = level.iter().map(|subject| of_subject(route, subject, &tags));
        let attached: Vec<Vec<Attached>> = stream::iter(questions).buffered(CONCURRENT_REQUESTS).try_collect().await?;
        let attached: Vec<Attached> = attached.into_iter().flatten().collect();
        level = attached.iter().map(|one| one.digest.clone()).filter(|digest| seen.insert(digest.clone())).collect();
        found.extend(attached);
        if found.len() > MOST {
            return Err(CopyError::Attached { image: route.reading.name.name().into(), most: MOST });
        }
    }
    let mut once = HashSet::new();
    found.retain(|one| once.insert(one.clone()));
    Ok(found)
}

async fn of_subject(route: &Route<'_>, subject: &Digest, tags: &Tags<'_>) -> Result<Vec<Attached>, CopyError> {
    let listing = async { referrers(&route.reading.repository, subject).await.map_err(RemoteError::from) };
    let (listing, tagged) = match tags.of(subject) {
        Some(known) => (listing.await?, known),
        None => {
            let asked = cosign_tags(subject).map(|tag| async move {
                let head = retry(|| route.reading.repository.head_manifest(&tag)).await.map_err(RemoteError::from)?;
                Ok::<_, RemoteError>(head.map(|_: ManifestHead| tag))
            });
            let asked = stream::iter(asked).buffered(CONCURRENT_REQUESTS).try_collect::<Vec<Option<Tag>>>();
            let (listing, asked) = tokio::try_join!(listing, asked)?;
            (listing, asked.into_iter().flatten().collect())
        }
    };
    let by_subject = |found: Descriptor| Attached { digest: found.digest, by: By::Subject(subject.clone()) };
    let mut attached: Vec<Attached> = listing.all.into_iter().map(by_subject).collect();
    for tag in tagged {
        attached.push(Attached { digest: digest_of(&route.reading.repository, &tag).await?, by: By::Tag(tag) });
    }
    Ok(attached)
}

/// Copies what belongs to an image, and gives how many things were missing at the target.
///
/// # Errors
/// The first that can't be copied. One that the source only lists is left out, and the user is told.
pub(super) async fn copy(route: &Route<'_>, attached: &[Attached]) -> Result<usize, CopyError> {
    let subjects: HashSet<&Digest> = attached.iter().filter_map(|one| one.subject()).collect();
    let questions = subjects.into_iter().map(|subject| async move {
        // A repository that isn't there yet has none.
        let listed = referrers(&route.target, subject).await.map(|found| found.all).unwrap_or_else(|error| {
            tracing::debug!("what the target has for {subject} is not known: {error}");
            Vec::new()
        });
        (subject, listed.into_iter().map(|found| found.digest).collect())
    });
    let there: HashMap<&Digest, HashSet<Digest>> =
        stream::iter(questions).buffer_unordered(CONCURRENT_REQUESTS).collect().await;
    let missing = attached.iter().filter(|one| match &one.by {
        By::Subject(subject) => there.get(subject).is_none_or(|there| !there.contains(&one.digest)),
        By::Tag(_) => true,
    });
    let copies = missing.map(|one| copy_one(route, one));
    let copied: Vec<bool> = stream::iter(copies).buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(copied.into_iter().filter(|copied| *copied).count())
}

/// Copies one thing, and gives whether the target lacked it.
async fn copy_one(route: &Route<'_>, one: &Attached) -> Result<bool, CopyError> {
    let copied = match &one.by {
        By::Tag(tag) => route.attach(&one.digest, Some(tag)).await,
        By::Subject(_) => route.attach(&one.digest, None).await,
    };
    match copied {
        Err(error) if error.is_gone() => {
            tracing::warn!("`{}` lists {} and does not have it; left out", route.reading.name.name(), one.digest);
            Ok(false)
        }
        copied => copied,
    }
}
