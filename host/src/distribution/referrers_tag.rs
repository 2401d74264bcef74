//! Lists of referrers at registries that keep none themselves: an index under the tag `sha256-<hex>` of the subject,
//! which whoever pushes a referrer has to write (distribution specification 1.1, "Pushing Manifests with Subject").
//! Several clients may write it at once, so that each takes [`rewrites`] until its entry stays.

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::error::Error;
use super::listing::referrers_tag;
use super::referring::{ReferrersError, Referring};
use super::repository::RepositoryClient;
use super::rewrites::rewrites;
use super::wire::headers;
use crate::image::{Digest, Tag, media_type};

/// Bytes of a list: those of the largest manifest that registries must accept ("Pushing Manifests").
const LARGEST_LIST: usize = 4 << 20;

/// The answer's header that names the subject of a manifest, where the registry lists referrers itself.
const SUBJECT: &str = "oci-subject";

/// Questions for the manifests of a list that are open at once.
const CONCURRENT_QUESTIONS: usize = 16;

/// A change of a list.
enum Change<'a> {
    Add(&'a Referring),
    Remove(&'a Digest),
}

/// A list as the registry has it, with members that crhost does not know.
struct List {
    document: Map<String, Value>,
    entries: Vec<Value>,
}

/// Whether the registry says that it lists this manifest among the referrers of its subject.
pub(super) fn is_listed(headers: &HeaderMap, subject: &Digest) -> bool {
    headers::text(headers, SUBJECT).is_some_and(|listed| listed == subject.as_str())
}

impl RepositoryClient {
    /// Adds a manifest to the list of its subject's referrers.
    ///
    /// # Errors
    /// Where the tag has something else, the list is full, and any refusal.
    pub(super) async fn add_referrer(&self, referring: &Referring) -> Result<(), Error> {
        self.change_referrers(&referring.subject, &Change::Add(referring)).await
    }

    /// Takes a manifest out of the list of its subject's referrers, after it was deleted. Nothing is done where the
    /// registry has no such list, or another thing under its tag.
    ///
    /// # Errors
    /// Any refusal.
    pub(crate) async fn remove_referrer(&self, subject: &Digest, referrer: &Digest) -> Result<(), Error> {
        match self.change_referrers(subject, &Change::Remove(referrer)).await {
            Err(Error::Referrers(error)) if matches!(*error, ReferrersError::NoList { .. }) => Ok(()),
            ended => ended,
        }
    }

    async fn change_referrers(&self, subject: &Digest, change: &Change<'_>) -> Result<(), Error> {
        let tag = referrers_tag(subject);
        // Manifests of one process that have the same subject take turns.
        let _turn = self.referrers_turn().lock().await;
        for turn in rewrites() {
            let mut list = self.referrers_list(subject, &tag, change).await?;
            if !list.apply(change) {
                return Ok(());
            }
            self.put_list(&tag, &mut list).await?;
            turn.settle().await;
        }
        tracing::warn!(
            "registry `{}` took the list of referrers `{tag}` of `{}`, but does not show it as it was written: it may \
             take a while until others see it",
            self.host(),
            self.repository()
        );
        Ok(())
    }

    /// The list under the tag; an empty one where there is none.
    async fn referrers_list(&self, subject: &Digest, tag: &Tag, change: &Change<'_>) -> Result<List, Error> {
        let (media_type, bytes) = match self.get_manifest(tag).await {
            Ok(found) => found,
            Err(error) if error.is_not_found() => return Ok(List::empty()),
            Err(error) => return Err(error),
        };
        let is_image = Digest::of(&bytes) == *subject;
        if is_image && self.takes_tags_for_digests(change).await? {
            return Ok(List::empty());
        }
        let list = if !is_image && media_type == media_type::OCI_INDEX { List::read(&bytes) } else { None };
        let (host, repository) = (self.host().clone(), self.repository().to_string().into());
        list.ok_or_else(|| Box::new(ReferrersError::NoList { host, repository, tag: tag.to_string().into() }).into())
    }

    /// Whether the registry takes the tag `sha256-<hex>` for that digest, and answers with the image itself: it does so
    /// for the referrer as well then, which no tag was given. Otherwise it is the user's own tag.
    async fn takes_tags_for_digests(&self, change: &Change<'_>) -> Result<bool, Error> {
        let Change::Add(Referring { digest, .. }) = change else { return Ok(true) };
        let head = self.head_manifest(&referrers_tag(digest)).await?;
        Ok(head.is_some_and(|head| head.digest.is_none_or(|found| found == *digest)))
    }

    /// Writes a list. Registries that look whether each manifest of an index is there refuse one whose entries name
    /// deleted ones, which are left out then.
    async fn put_list(&self, tag: &Tag, list: &mut List) -> Result<(), Error> {
        let refused = match self.try_put_list(tag, list).await {
            Err(Error::Status(error)) if matches!(error.status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND) => {
                Error::Status(error)
            }
            ended => return ended,
        };
        let questions = list.digests().into_iter().map(|digest| async move {
            let is_gone = matches!(self.head_manifest(&digest).await, Ok(None));
            is_gone.then_some(digest)
        });
        let gone: Vec<Digest> =
            stream::iter(questions).buffered(CONCURRENT_QUESTIONS).filter_map(std::future::ready).collect().await;
        if gone.is_empty() {
            return Err(refused);
        }
        list.entries.retain(|entry| digest_of(entry).is_none_or(|digest| !gone.contains(&digest)));
        self.try_put_list(tag, list).await
    }

    async fn try_put_list(&self, tag: &Tag, list: &List) -> Result<(), Error> {
        let bytes = list.to_bytes();
        if bytes.len() > LARGEST_LIST {
            let (host, tag) = (self.host().clone(), tag.to_string().into());
            return Err(Box::new(ReferrersError::Full { host, tag }).into());
        }
        self.store_manifest(tag.into(), media_type::OCI_INDEX, bytes).await.map(drop)
    }
}

impl List {
    fn empty() -> Self {
        let document = json!({ "schemaVersion": 2, "mediaType": media_type::OCI_INDEX });
        let document = document.as_object().cloned().unwrap_or_default();
        Self { document, entries: Vec::new() }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut document: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
        let entries = match document.remove("manifests") {
            Some(Value::Array(entries)) => entries,
            None | Some(Value::Null) => Vec::new(),
            Some(_) => return None,
        };
        Some(Self { document, entries })
    }

    fn to_bytes(&self) -> Bytes {
        let mut document = self.document.clone();
        document.insert("manifests".to_owned(), self.entries.clone().into());
        // What was JSON can always be written as JSON.
        serde_json::to_vec(&document).unwrap_or_default().into()
    }

    /// Makes the change, and says whether there was one to make. Entries without a digest and repeated ones, which
    /// other programs left behind, go with it.
    fn apply(&mut self, change: &Change<'_>) -> bool {
        let has = |digest: &Digest| self.entries.iter().any(|entry| digest_of(entry).as_ref() == Some(digest));
        match change {
            Change::Add(referring) if has(&referring.digest) => return false,
            Change::Add(referring) => self.entries.push(referring.entry.clone()),
            Change::Remove(digest) if !has(digest) => return false,
            Change::Remove(digest) => self.entries.retain(|entry| digest_of(entry).as_ref() != Some(digest)),
        }
        let mut seen = std::collections::HashSet::new();
        self.entries.retain(|entry| entry["digest"].as_str().is_some_and(|digest| seen.insert(digest.to_owned())));
        true
    }

    fn digests(&self) -> Vec<Digest> {
        self.entries.iter().filter_map(digest_of).collect()
    }
}

/// The digest of an entry, if it is one that crhost can verify.
fn digest_of(entry: &Value) -> Option<Digest> {
    entry["digest"].as_str()?.parse().ok()
}
