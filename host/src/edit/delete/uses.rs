//! What a deletion would take with it: other tags of the same digest, indexes that name it, and what belongs to it.

use std::collections::HashSet;

use futures_util::stream::{self, StreamExt as _};

use super::deleted::Deleted;
use crate::image::{Digest, Index, Tag, media_type};
use crate::inspect::{Filter, Order, heads_of, tags};
use crate::retrying::{CONCURRENT_REQUESTS, retry};
use crate::session::{Services, Session};
use crate::supply_chain::{self, TREE};

/// Adds the tags of a manifest, and those of indexes that name it.
pub(super) async fn add_uses(services: &Services<'_>, session: &mut Session<'_>, deleted: &mut Deleted) {
    let found = match tags(services, session, &Filter::default(), Order::Registry).await {
        Ok(found) => heads_of(session, &found).await.map(|heads| found.into_iter().zip(heads).collect::<Vec<_>>()),
        Err(error) => Err(error),
    };
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!("which other tags have the same digest is not known: {error}");
            deleted.all_tags_known = false;
            return;
        }
    };
    let mut indexes: Vec<(Tag, Digest)> = Vec::new();
    for (tag, head) in found {
        let Some(head) = head else { continue };
        let is_index = matches!(head.media_type.as_deref(), Some(media_type::OCI_INDEX | media_type::DOCKER_LIST));
        if head.digest == deleted.digest {
            if !deleted.tags.contains(&tag) {
                deleted.tags.push(tag);
            }
        } else if is_index && indexes.iter().all(|(_, known)| *known != head.digest) {
            indexes.push((tag, head.digest));
        }
    }
    deleted.tags.sort();
    deleted.part_of = naming(session, &deleted.digest, indexes).await;
}

/// The tags of those indexes that name a manifest.
async fn naming(session: &mut Session<'_>, digest: &Digest, indexes: Vec<(Tag, Digest)>) -> Vec<Tag> {
    let repository = session.repository.clone();
    let read = |(tag, index): (Tag, Digest)| {
        let repository = repository.clone();
        async move { (tag, retry(|| repository.manifest(&index)).await) }
    };
    let read = stream::iter(indexes.into_iter().map(read)).buffered(CONCURRENT_REQUESTS).collect::<Vec<_>>();
    let mut found = Vec::new();
    for (tag, index) in session.renewing(read).await {
        match index {
            Ok(Some(index)) => {
                let names = |index: Index| index.manifests.iter().any(|entry| entry.digest == *digest);
                if Index::parse(&index.bytes).is_ok_and(names) {
                    found.push(tag);
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!("whether the index `{tag}` names it is not known: {error}"),
        }
    }
    found
}

/// Everything that belongs to a manifest, and to what belongs to it, as far as the registry tells.
pub(super) async fn referrers_of(session: &mut Session<'_>, digest: &Digest) -> Vec<Digest> {
    let repository = session.repository.clone();
    let walked = session.renewing(supply_chain::walk(&repository, vec![digest.clone()], None, &TREE)).await;
    match walked {
        Ok(walked) => {
            let mut seen = HashSet::from([digest.clone()]);
            let digests = walked.all.into_iter().map(|one| one.descriptor.digest);
            digests.filter(|digest| seen.insert(digest.clone())).collect()
        }
        Err(error) => {
            tracing::debug!("what belongs to `{digest}` is not known: {error}");
            Vec::new()
        }
    }
}
