//! What belongs to an image: signatures, attestations, SBOMs and all else that names it as its subject, and what cosign
//! keeps under tags of the image's digest; and what belongs to these.

use std::collections::{HashMap, HashSet};

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::error::CopyError;
use super::reading::outdated;
use super::report::Sent;
use super::route::Route;
use crate::image::{Digest, Tag};
use crate::remote::RemoteError;
use crate::retrying::CONCURRENT_REQUESTS;
use crate::supply_chain::{Belonging, Bounds, referrers, walk};

/// Most things that are copied with one image: twice as many as the largest lists of referrers that are known.
const MOST: usize = 20_000;

/// Things that are copied at once: most are small, and wait for answers.
const AT_ONCE: usize = 8;

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

/// Everything that belongs to some manifests, and to what belongs to them. `listed` are the source's tags, if they are
/// known.
///
/// # Errors
/// If a list can't be read, or there is more than any honest image has.
pub(super) async fn find(
    route: &Route<'_>,
    subjects: Vec<Digest>,
    listed: Option<&[Tag]>,
) -> Result<Vec<Attached>, CopyError> {
    let bounds = Bounds { depth: usize::MAX, questions: usize::MAX, found: MOST };
    let walked = walk(&route.reading.repository, subjects, listed, &bounds).await.map_err(RemoteError::from)?;
    if !walked.is_whole {
        return Err(CopyError::Attached { image: route.reading.name.name().into(), most: MOST });
    }
    let attached = walked.all.into_iter().map(|Belonging { descriptor, subject, tag }| Attached {
        digest: descriptor.digest,
        by: tag.map_or(By::Subject(subject), By::Tag),
    });
    let mut once = HashSet::new();
    Ok(attached.filter(|one| once.insert(one.clone())).collect())
}

/// What the target lacks of what belongs to an image.
pub(super) async fn missing<'a>(route: &Route<'_>, attached: &'a [Attached]) -> Vec<&'a Attached> {
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
    let there = &there;
    let questions = attached.iter().map(|one| async move {
        let is_missing = match &one.by {
            By::Subject(subject) => there.get(subject).is_none_or(|there| !there.contains(&one.digest)),
            By::Tag(tag) => {
                let outdated = outdated(&route.target, &one.digest, std::slice::from_ref(tag)).await;
                outdated.is_none_or(|outdated| !outdated.is_empty())
            }
        };
        is_missing.then_some(one)
    });
    stream::iter(questions).buffered(CONCURRENT_REQUESTS).filter_map(std::future::ready).collect().await
}

/// Copies what the target lacks of what belongs to an image, or only counts it for a dry run.
///
/// # Errors
/// The first that can't be copied. One that the source only lists is left out, and the user is told.
pub(super) async fn copy(route: &Route<'_>, missing: &[&Attached]) -> Result<Sent, CopyError> {
    if route.dry_run {
        return Ok(Sent { count: missing.len(), bytes: 0 });
    }
    let copies = missing.iter().map(|one| copy_one(route, one));
    let copied: Vec<Option<u64>> = stream::iter(copies).buffer_unordered(AT_ONCE).try_collect().await?;
    let copied = copied.into_iter().flatten();
    Ok(copied.fold(Sent::default(), |sent, bytes| Sent { count: sent.count + 1, bytes: sent.bytes + bytes }))
}

/// Copies one thing, and gives the bytes of its layers that were sent; `None` where the source lacks it.
async fn copy_one(route: &Route<'_>, one: &Attached) -> Result<Option<u64>, CopyError> {
    let copied = match &one.by {
        By::Tag(tag) => route.attach(&one.digest, Some(tag)).await,
        By::Subject(_) => route.attach(&one.digest, None).await,
    };
    match copied {
        Err(error) if error.is_gone() => {
            tracing::warn!("`{}` lists {} and does not have it; left out", route.reading.name.name(), one.digest);
            Ok(None)
        }
        copied => copied.map(Some),
    }
}
