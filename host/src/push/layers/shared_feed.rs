//! One reading of the source for all registries of a push: each layer is read once, for those that lack it.
//!
//! Registries join with the layers that they lack. The reading begins when all have joined, or need no layer; one that
//! takes too long to say so gets a reading of its own later, as does one that joins again because a layer which can be
//! read only once did not arrive.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::encoder::{Encoder, Encoding, Reading};
use super::registry_slots::RegistrySlots;
use super::slots::Slot;
use crate::push::hold_up::{Ended, HoldUp, LONG, SHORT, Step, in_step};
use crate::source::{Content, Item, LayerKey, Origin, Source, SourceError};

/// How long the first registry that knows which layers it lacks waits for the others: longer than the questions about
/// a hundred layers take.
const GATHERING: Duration = Duration::from_secs(10);

/// The reading, which has to be polled while layers are sent.
pub(in crate::push) struct SharedFeed<'a> {
    rounds: Rounds<'a>,
    messages: mpsc::UnboundedReceiver<Message>,
    /// For members.
    sender: mpsc::UnboundedSender<Message>,
    /// Registries that have neither joined nor said that they need nothing.
    undecided: usize,
}

/// One registry's way to the reading.
pub(in crate::push) struct Member {
    messages: mpsc::UnboundedSender<Message>,
    has_joined: bool,
    /// Reads layers again.
    pub(super) encoder: Encoder,
    /// How many layers are sent to it at once.
    pub(super) slots: RegistrySlots,
    /// How long the others have waited for it.
    pub(super) hold_up: Arc<HoldUp>,
}

enum Message {
    Joined(Joined),
    /// A registry that needs no layer.
    Settled,
}

/// A registry that waits for layers.
struct Joined {
    wanted: HashSet<LayerKey>,
    deliveries: mpsc::UnboundedSender<Result<Delivery, Arc<SourceError>>>,
    slots: RegistrySlots,
    hold_up: Arc<HoldUp>,
    is_first: bool,
}

/// The layers for one registry, until the reading is over. Few are in it at once, as those that are read have slots.
pub(super) type Deliveries = mpsc::UnboundedReceiver<Result<Delivery, Arc<SourceError>>>;

/// One thing that a registry gets.
pub(super) enum Delivery {
    /// The configuration's bytes.
    Config(Bytes),
    /// A layer.
    Layer(Box<Layer>),
}

/// A layer for one registry.
pub(super) struct Layer {
    /// How it is sent.
    pub(super) encoding: Encoding,
    /// The bytes to read.
    pub(super) size: u64,
    /// Reads it again; `None` if it can be read only once.
    pub(super) origin: Option<Origin>,
    /// The reading that it shares with others, and a slot.
    pub(super) shared: Option<(Reading, Slot)>,
    /// When a reading for this registry alone may begin.
    pub(super) turn: Turn,
}

/// When a layer is read for one registry alone.
#[derive(Clone)]
pub(super) enum Turn {
    /// Whenever there are slots.
    Now,
    /// When the reading for all has ended, so that what is slow takes no slot from it.
    After(watch::Receiver<bool>),
}

impl Turn {
    /// Waits for the turn.
    pub(super) async fn come(&mut self) {
        if let Self::After(over) = self {
            // A sender that is gone is at its end as well.
            let _ = over.wait_for(|is_over| *is_over).await;
        }
    }
}

impl Member {
    /// Asks for layers; they come when the other registries have asked as well.
    pub(super) fn join(&mut self, wanted: HashSet<LayerKey>) -> Deliveries {
        let (deliveries, receiver) = mpsc::unbounded_channel();
        let (slots, hold_up) = (self.slots.clone(), Arc::clone(&self.hold_up));
        let is_first = !std::mem::replace(&mut self.has_joined, true);
        // Received as long as the reading is polled; afterwards nothing is.
        let _ = self.messages.send(Message::Joined(Joined { wanted, deliveries, slots, hold_up, is_first }));
        receiver
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if !self.has_joined {
            let _ = self.messages.send(Message::Settled);
        }
    }
}

impl<'a> SharedFeed<'a> {
    /// A reading without registries.
    pub(in crate::push) fn new(source: &'a Source, encoder: Encoder) -> Self {
        let (sender, messages) = mpsc::unbounded_channel();
        Self { rounds: Rounds { source, encoder }, messages, sender, undecided: 0 }
    }

    /// One more registry, which has these slots.
    pub(in crate::push) fn member(&mut self, slots: RegistrySlots) -> Member {
        self.undecided += 1;
        let (messages, encoder) = (self.sender.clone(), self.rounds.encoder.clone());
        Member { messages, has_joined: false, encoder, slots, hold_up: HoldUp::new() }
    }

    /// Reads for whoever joins.
    pub(in crate::push) async fn serve(self) -> Infallible {
        // The sender keeps the channel open.
        let Self { rounds, mut messages, sender: _sender, mut undecided } = self;
        let (mut under_way, mut waiting) = (FuturesUnordered::new(), Vec::new());
        let mut deadline = Instant::now();
        loop {
            let is_late = tokio::select! {
                Some(message) = messages.recv() => {
                    if let Message::Joined(joined) = message {
                        undecided -= usize::from(joined.is_first);
                        if waiting.is_empty() {
                            deadline = Instant::now() + GATHERING;
                        }
                        waiting.push(joined);
                    } else {
                        undecided -= 1;
                    }
                    false
                }
                Some(()) = under_way.next() => false,
                () = sleep_until(deadline), if !waiting.is_empty() => true,
            };
            if !waiting.is_empty() && (undecided == 0 || is_late) {
                under_way.push(rounds.read(std::mem::take(&mut waiting)));
            }
        }
    }
}

/// What readings of the source have in common.
struct Rounds<'a> {
    source: &'a Source,
    encoder: Encoder,
}

impl Rounds<'_> {
    /// Reads what some registries lack.
    async fn read(&self, mut members: Vec<Joined>) {
        let wanted: HashSet<LayerKey> = members.iter().flat_map(|member| member.wanted.iter().cloned()).collect();
        let mut feed = self.source.feed(wanted);
        // Dropped in the end, which everyone who waits for a turn sees.
        let (_over, turn) = watch::channel(false);
        while let Some(item) = feed.recv().await {
            members.retain(|member| !member.deliveries.is_closed());
            if members.is_empty() {
                return;
            }
            match item {
                Ok(Item::Config(config)) => {
                    for member in &members {
                        member.give(Delivery::Config(config.clone()));
                    }
                }
                Ok(Item::Blob(blob, content)) => self.share(Encoding::AsIs(blob), content, &members, &turn).await,
                Ok(Item::Tar(content)) => self.share(Encoding::Compress, content, &members, &turn).await,
                Err(error) => {
                    let error = Arc::new(error);
                    for member in &members {
                        let _ = member.deliveries.send(Err(Arc::clone(&error)));
                    }
                    return;
                }
            }
        }
    }

    /// Gives a layer to those that lack it: one reading for all that keep up.
    async fn share(&self, encoding: Encoding, content: Content, members: &[Joined], turn: &watch::Receiver<bool>) {
        let (size, origin) = (content.size, content.origin());
        let key = match &encoding {
            Encoding::AsIs(blob) => Some(LayerKey::Blob(blob.digest.clone())),
            Encoding::Compress => content.expected.clone().map(LayerKey::DiffId),
        };
        let layer = |shared, turn| {
            let (encoding, origin) = (encoding.clone(), origin.clone());
            Delivery::Layer(Box::new(Layer { encoding, size, origin, shared, turn }))
        };
        let later = || Turn::After(turn.clone());
        let lacks = |member: &&Joined| key.as_ref().is_none_or(|key| member.wanted.contains(key));
        let mut lacking: Vec<&Joined> = members.iter().filter(lacks).collect();
        if lacking.is_empty() {
            // A source that is read from end to end has its own names for layers, or gives more than was asked for.
            lacking = members.iter().collect();
        }
        if let ([only], Some(_)) = (lacking.as_slice(), &origin)
            && !only.slots.is_alone()
        {
            // The other registries don't wait for what one lacks.
            return only.give(layer(None, Turn::Now));
        }
        let keeps_up = |member: &&Joined| origin.is_none() || !member.hold_up.is_used_up();
        let (together, behind): (Vec<&Joined>, Vec<&Joined>) = lacking.into_iter().partition(keeps_up);
        for member in behind {
            member.give(layer(None, later()));
        }
        let allowed = if origin.is_none() { LONG } else { SHORT };
        let step = |member: &&Joined| {
            let (slots, hold_up) = (member.slots.clone(), Arc::clone(&member.hold_up));
            Step { hold_up, allowed, work: async move { Some(slots.upload(size).await) }.boxed() }
        };
        let slots = in_step(together.iter().map(step).collect()).await;
        let mut ready = Vec::new();
        for (member, slot) in together.into_iter().zip(slots) {
            match slot {
                Ended::Done(slot) => ready.push((member, slot)),
                Ended::Failed | Ended::Behind => member.give(layer(None, later())),
            }
        }
        let Some((any, _)) = ready.first() else { return };
        let slots = any.slots.shared_reading(size).await;
        let registries = ready.iter().map(|(member, _)| Arc::clone(&member.hold_up)).collect();
        let readings = self.encoder.start(encoding.clone(), content, registries, slots);
        for ((member, slot), reading) in ready.into_iter().zip(readings) {
            member.give(layer(Some((reading, slot)), later()));
        }
    }
}

impl Joined {
    /// A registry that has failed takes nothing any more.
    fn give(&self, delivery: Delivery) {
        let _ = self.deliveries.send(Ok(delivery));
    }
}
