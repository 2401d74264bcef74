//! Reads the graph of a repository: every tag, every manifest that something leads to, and the times that are needed.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::document::{self, ReadManifest};
use super::error::PruneError;
use super::graph::{Graph, Node};
use super::{created, running};
use crate::cleanup::Listing;
use crate::distribution::{Error, RepositoryClient};
use crate::image::{Descriptor, Digest, Tag, TagRole};
use crate::retrying::{ask, retry};

/// Requests that are open at once. A repository has thousands of manifests, which are small; a registry that is busy
/// with so many answers 429, and is given the time that it asks for.
const CONCURRENT_REQUESTS: usize = 32;

/// Most manifests of a repository: with their names about 65 MiB of memory.
const MAX_MANIFESTS: usize = 100_000;

/// Most names of other manifests in all of them, of about 100 bytes each.
const MAX_EDGES: usize = 200_000;

/// How a repository is read.
pub(super) struct Reading<'a> {
    /// The repository.
    pub(super) repository: &'a RepositoryClient,
    /// Whether the times of images matter.
    pub(super) times: bool,
    /// Manifests that are looked for besides those that something leads to: those of a plan.
    pub(super) planned: Vec<Digest>,
    /// Manifests that were read before. What a digest stands for never changes.
    pub(super) known: BTreeMap<Digest, Node>,
    /// Now, in Unix seconds.
    pub(super) now: u64,
}

/// A question to the registry.
enum Question {
    Tag(Tag),
    Manifest(Digest),
    Referrers(Digest),
    Config(Descriptor),
}

/// Its answer.
enum Answer {
    Tag(Tag, Option<(Digest, Option<ReadManifest>)>),
    Manifest(Digest, Option<ReadManifest>),
    Referrers(Option<Vec<Digest>>),
    Config(Digest, Option<u64>),
}

/// The first 64 bits of a configuration's digest, as for [`Blob`](super::graph::Blob)s.
type ConfigId = u64;

/// The graph as far as it is read.
struct Progress {
    graph: Graph,
    known: BTreeMap<Digest, Node>,
    asked: HashSet<Digest>,
    /// The times in the configurations that were asked for, each once: builds that change nothing, and tools that only
    /// annotate, leave many manifests with one configuration.
    configs: HashMap<ConfigId, Option<u64>>,
    questions: VecDeque<Question>,
    edges: usize,
    times: bool,
    /// Whether the registry has the referrers API; absent as long as it was not asked.
    lists_referrers: Option<bool>,
}

impl Reading<'_> {
    /// Reads all that the list names, and all that it leads to.
    ///
    /// # Errors
    /// Where a manifest can't be read, of which it would not be known what it needs, or there are too many.
    pub(super) async fn graph(self, listing: Listing) -> Result<Graph, PruneError> {
        let Self { repository, times, planned, known, now } = self;
        let Listing { tags, manifests } = listing;
        let mut progress = Progress {
            graph: Graph::default(),
            known,
            asked: HashSet::new(),
            configs: HashMap::new(),
            questions: VecDeque::new(),
            edges: 0,
            times,
            lists_referrers: None,
        };
        for (tag, digest) in tags {
            match digest {
                Some(digest) => progress.tag(tag, digest),
                None => progress.questions.push_back(Question::Tag(tag)),
            }
        }
        manifests.keys().cloned().chain(planned).for_each(|digest| progress.want(digest));
        let mut open = FuturesUnordered::new();
        loop {
            while open.len() < CONCURRENT_REQUESTS
                && let Some(question) = progress.next()
            {
                let is_known = match &question {
                    Question::Tag(_) => !progress.known.is_empty(),
                    _ => false,
                };
                open.push(answer(repository, question, is_known, now));
            }
            let Some(answer) = open.next().await else { break };
            progress.take(answer?)?;
        }
        let Progress { mut graph, configs, .. } = progress;
        for node in graph.nodes.values_mut().filter(|node| node.created.is_none()) {
            node.created =
                node.config.as_ref().and_then(|config| configs.get(&document::id(config)).copied().flatten());
        }
        for (digest, listed) in &manifests {
            let pushed = listed.pushed_at.and_then(|at| created::plausible(at, now));
            if let (Some(node), Some(pushed)) = (graph.nodes.get_mut(digest), pushed) {
                // By the registry's clock, which no builder sets.
                node.created = Some(pushed);
            }
        }
        date_indexes(&mut graph);
        Ok(graph)
    }
}

impl Progress {
    /// The next question that is still to be asked.
    fn next(&mut self) -> Option<Question> {
        loop {
            match self.questions.pop_front()? {
                Question::Referrers(_) if self.lists_referrers == Some(false) => {}
                question => return Some(question),
            }
        }
    }

    fn tag(&mut self, tag: Tag, digest: Digest) {
        if let TagRole::Of(owner) = TagRole::of(&tag) {
            self.want(owner);
        }
        self.graph.tags.insert(tag, digest.clone());
        self.want(digest);
    }

    /// Has a manifest read, once.
    fn want(&mut self, digest: Digest) {
        if !self.asked.insert(digest.clone()) {
            return;
        }
        match self.known.remove(&digest) {
            Some(node) => self.node(digest, node),
            None => self.questions.push_back(Question::Manifest(digest)),
        }
    }

    fn node(&mut self, digest: Digest, node: Node) {
        self.edges += node.children.len();
        let leads_to: Vec<Digest> = node.children.iter().chain(&node.subject).cloned().collect();
        if self.lists_referrers != Some(false) {
            self.questions.push_back(Question::Referrers(digest.clone()));
        }
        self.graph.nodes.insert(digest, node);
        leads_to.into_iter().for_each(|digest| self.want(digest));
    }

    fn read(&mut self, digest: Digest, read: ReadManifest) {
        if let Some(config) = read.config.filter(|_| self.times)
            && let Entry::Vacant(new) = self.configs.entry(document::id(&config.digest))
        {
            new.insert(None);
            self.questions.push_back(Question::Config(config));
        }
        self.node(digest, read.node);
    }

    fn take(&mut self, answer: Answer) -> Result<(), PruneError> {
        match answer {
            // Deleted since it was listed.
            Answer::Tag(_, None) => {}
            Answer::Tag(tag, Some((digest, read))) => {
                if let Some(read) = read.filter(|_| self.asked.insert(digest.clone())) {
                    self.read(digest.clone(), read);
                }
                self.tag(tag, digest);
            }
            Answer::Manifest(digest, Some(read)) => self.read(digest, read),
            Answer::Manifest(digest, None) => drop(self.graph.missing.insert(digest)),
            Answer::Referrers(None) => self.lists_referrers = Some(false),
            Answer::Referrers(Some(referrers)) => {
                self.lists_referrers = Some(true);
                referrers.into_iter().for_each(|digest| self.want(digest));
            }
            Answer::Config(config, created) => {
                self.configs.insert(document::id(&config), created);
            }
        }
        match self.asked.len() > MAX_MANIFESTS || self.edges > MAX_EDGES {
            true => Err(PruneError::TooLarge(MAX_MANIFESTS)),
            false => Ok(()),
        }
    }
}

async fn answer(repository: &RepositoryClient, question: Question, is_known: bool, now: u64) -> Result<Answer, Error> {
    Ok(match question {
        Question::Tag(tag) => {
            let named = match is_known {
                // Most tags name what is known.
                true => retry(|| repository.head_manifest(&tag)).await?.and_then(|head| head.digest),
                false => None,
            };
            if let Some(digest) = named {
                return Ok(Answer::Tag(tag, Some((digest, None))));
            }
            let found = retry(|| repository.manifest(&tag)).await?;
            Answer::Tag(tag, found.map(|found| (found.digest.clone(), Some(document::read(&found, now)))))
        }
        Question::Manifest(digest) => {
            let found = retry(|| repository.manifest(&digest)).await?;
            Answer::Manifest(digest, found.map(|found| document::read(&found, now)))
        }
        Question::Referrers(digest) => {
            let pages = repository.referrers(&digest);
            let mut all = Vec::new();
            loop {
                // Whatever a registry without the API answers, what it has beside an image has a tag.
                match ask(|| pages.next()).await {
                    Ok(Some(Some(page))) => {
                        all.extend(page.into_iter().map(|referrer| referrer.digest));
                        if all.len() > MAX_MANIFESTS {
                            return Ok(Answer::Referrers(Some(all)));
                        }
                    }
                    Ok(Some(None)) => return Ok(Answer::Referrers(Some(all))),
                    Ok(None) => return Ok(Answer::Referrers(None)),
                    Err(error) if error.is_not_found() || error.is_unsupported() => {
                        return Ok(Answer::Referrers(None));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Question::Config(config) => match retry(|| repository.small_blob(&config)).await {
            Ok(bytes) => Answer::Config(config.digest, document::created_in(&bytes, now)),
            Err(error) if error.is_not_found() => Answer::Config(config.digest, None),
            Err(error) => return Err(error),
        },
    })
}

/// Dates indexes without a time of their own: the newest of their images counts.
fn date_indexes(graph: &mut Graph) {
    // An index in an index in an index is dated in three rounds; no one nests them deeper.
    for _ in 0..3 {
        let dated = |digest: &Digest| graph.nodes.get(digest).and_then(|node| node.created);
        let undated = graph.nodes.iter().filter(|(_, node)| node.created.is_none() && !node.children.is_empty());
        let found: Vec<(Digest, u64)> = undated
            .filter_map(|(digest, node)| Some((digest.clone(), node.children.iter().filter_map(dated).max()?)))
            .collect();
        for (digest, newest) in found {
            if let Some(node) = graph.nodes.get_mut(&digest) {
                node.created = Some(newest);
            }
        }
    }
}

/// The manifests that run, as far as a cluster was asked.
pub(super) fn running<'a>(
    running: Option<&running::Running>,
    repository: &RepositoryClient,
    graph: &'a Graph,
) -> BTreeSet<&'a Digest> {
    running.map(|running| running.in_graph(repository.repository(), graph)).unwrap_or_default()
}
