//! Every limit of a flavor, each with its reason, and the meter that enforces those of memory. The limits of its
//! requests are in `egress`.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// Largest component file. An interpreter with a whole standard library inside is about 18 MB; Rust flavors are 0.1 MB.
pub(crate) const COMPONENT_BYTES: u64 = 32 << 20;

/// Processor time to compile a component, of all threads. An interpreter with its standard library takes 14 s, 32 MiB
/// of ordinary functions 50 s, on a slow machine twice that; the compiler promises nothing about hostile input. Not
/// wall time, which says nothing about a component on a busy machine. One that was registered is not held to it again.
pub(crate) const COMPILE_TIME: Duration = Duration::from_secs(120);

/// Wall time to compile a component that is not registered yet: for a compiler that waits, since it uses no time then.
/// Ten minutes are [`COMPILE_TIME`] on a fifth of a processor.
pub(crate) const COMPILE_WALL_TIME: Duration = Duration::from_secs(600);

/// Bytes of a component whose compilation is announced: a larger one takes more than a second.
pub(crate) const ANNOUNCED_BYTES: usize = 1 << 20;

/// Memory to compile a component. Such an interpreter takes 0.4 GB, 32 MiB of ordinary functions 1.2 GB.
pub(crate) const COMPILE_MEMORY: u64 = 2 << 30;

/// Threads that compile one component, on machines that have as many. More save no time that a user would notice, and
/// each takes memory: such an interpreter 0.4 GB with two of them, 0.6 GB with eight.
pub(crate) const COMPILE_THREADS: usize = 8;

/// Memory to load a compiled component: its bytes, its code (twice for a moment), and the code's metadata. Such an
/// interpreter takes 140 MiB.
pub(crate) const LOAD_MEMORY: u64 = 256 << 20;

/// Bytes of each output of the compiler's process. A reason has one line.
pub(crate) const COMPILER_OUTPUT_BYTES: u64 = 4 << 10;

/// Components whose compiled code is kept, each version counted. A user has a handful; an author builds a hundred in a
/// day and needs only the last.
pub(crate) const COMPILED_COMPONENTS: usize = 200;

/// Wall time of a call without requests: `describe`, `validate-uri`. An interpreter starts in 2 ms.
pub(crate) const PURE_CALL_TIME: Duration = Duration::from_secs(5);

/// Wall time of a call that may send requests: `prepare-image-push`, `credentials` and the like. A sign-in is three
/// requests in a row; users wait a minute, not two.
pub(crate) const SERVICE_CALL_TIME: Duration = Duration::from_secs(60);

/// The interval at which a running flavor yields and may be interrupted. Too short to be noticed, far longer than a
/// yield takes.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// Bytes of linear memory, summed over all memories of a component. Interpreters need about 40 MiB.
pub(crate) const MEMORY_BYTES: usize = 128 << 20;

/// Memories of one component: the guest's own and those of adapters, with room.
pub(crate) const MEMORIES: usize = 8;

/// Core instances of one component. Adapted components have about ten.
pub(crate) const INSTANCES: usize = 50;

/// Tables of one component.
pub(crate) const TABLES: usize = 16;

/// Elements of tables, summed over all tables. Interpreters have about 20,000 functions; an element takes 8 bytes of
/// the host.
pub(crate) const TABLE_ELEMENTS: usize = 100_000;

/// Bytes that one call may lift out of a guest: its result, and the parameters of the host's functions.
pub(crate) const LIFTED_BYTES: usize = 8 << 20;

/// Handles that a guest may hold at once. A call needs a handful of secrets.
pub(crate) const HANDLES: usize = 1_024;

/// Parts of a message that is hashed or signed. A signed request has a dozen.
pub(crate) const MESSAGE_PARTS: usize = 64;

/// Bytes of the guest's stack. The default of the runtime, written here so that an update can't change it unnoticed.
pub(crate) const STACK_BYTES: usize = 512 << 10;

/// Lines that a guest may log in one call, and characters of each.
pub(crate) const LOG_LINES: usize = 256;
/// See [`LOG_LINES`].
pub(crate) const LOG_LINE_CHARS: usize = 2_000;

/// Bytes of standard error kept per call, for debugging.
pub(crate) const STDERR_BYTES: usize = 64 << 10;

/// Bytes of answers that are kept of a call whose author observes it, for a recording: 64 requests could have 128 MiB.
pub(crate) const OBSERVED_BYTES: usize = 32 << 20;

/// Characters of a text that a flavor gives to be shown: a message, a hint, a note.
pub(crate) const TEXT_CHARS: usize = 1_000;
/// Bytes of an environment variable's name: several times the longest that tools read.
pub(crate) const VARIABLE_BYTES: usize = 128;
/// Registries of a list of resources; the clouds allow a few hundred of each kind.
pub(crate) const RESOURCES: usize = 10_000;

/// Messages of a policy's decision. Each is a line of a terminal; the rest is counted.
pub(crate) const DECISION_MESSAGES: usize = 16;

/// Bytes of the evidence that a policy is given. A configuration has a few KiB, an index of twenty platforms 200 KiB, a
/// deletion of 10,000 images 4 MiB; a policy holds all of it several times in its [`MEMORY_BYTES`].
pub(crate) const EVIDENCE_BYTES: usize = 16 << 20;
/// Entries of one part of a list in a clean-up, as the contract says: what providers give at once.
pub(crate) const PAGE_ENTRIES: usize = 1_000;
/// Bytes of what the next part of a list is asked for with. Tokens of providers are some hundred.
pub(crate) const PAGE_BYTES: usize = 8 << 10;

/// Bytes of a wrapped key, as the contract says: those of KMS are some two hundred, those of transit one hundred.
pub(crate) const WRAPPED_KEY_BYTES: usize = 16 << 10;
/// Names that lead to a secret in an answer.
pub(crate) const MEMBER_DEPTH: usize = 8;

/// Lines of a text that users are to use elsewhere, such as a policy: those of providers have thirty.
pub(crate) const INSTRUCTION_LINES: usize = 200;

/// Characters of a summary. One line of a terminal, or two: a longer one could push the grants below it out of sight.
pub(crate) const SUMMARY_CHARS: usize = 160;

/// Entries of a list that a flavor gives: options, auth methods, notes, hosts, examples.
pub(crate) const LIST_ENTRIES: usize = 64;

/// Bytes of a flavor's version: SemVer with a pre-release, and a commit as build metadata.
pub(crate) const VERSION_BYTES: usize = 128;

/// Bytes of a registry's canonical URI, as the contract says.
pub(crate) const URI_BYTES: usize = 255;

/// Bytes of a user name or password. Identity tokens are JWTs of a few KiB; request headers end at 64 KiB.
pub(crate) const CREDENTIAL_BYTES: usize = 32 << 10;

/// Bytes of an upload chunk that a flavor may set: below, requests cost more than bytes; above, a chunk is too much
/// memory.
pub(crate) const CHUNK_BYTES: std::ops::RangeInclusive<u64> = (64 << 10)..=(64 << 20);

/// Bytes that a guest may ask of the random number generator at once.
pub(crate) const RANDOM_BYTES: u64 = 64 << 10;

/// Keeps the memories and the tables of one store below the limits, summed over all instances in it.
#[derive(Default)]
pub(super) struct Meter {
    memory: usize,
    elements: usize,
    exceeded: Option<Exceeded>,
}

/// The limit that a guest exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exceeded {
    /// Of linear memory.
    Memory,
    /// Of table elements.
    Tables,
}

impl Meter {
    /// Bytes of linear memory. Memory never shrinks, so this is the most that the guest had, too.
    pub(super) fn memory(&self) -> usize {
        self.memory
    }

    /// The limit that the guest exceeded last, if it did.
    pub(super) fn exceeded(&self) -> Option<Exceeded> {
        self.exceeded
    }
}

/// Adds growth to a sum, if the sum stays within the limit.
fn grow(sum: &mut usize, current: usize, desired: usize, limit: usize) -> bool {
    let after = sum.saturating_add(desired.saturating_sub(current));
    let fits = after <= limit;
    if fits {
        *sum = after;
    }
    fits
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let fits = grow(&mut self.memory, current, desired, MEMORY_BYTES);
        if !fits {
            self.exceeded = Some(Exceeded::Memory);
        }
        Ok(fits)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let fits = grow(&mut self.elements, current, desired, TABLE_ELEMENTS);
        if !fits {
            self.exceeded = Some(Exceeded::Tables);
        }
        Ok(fits)
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_summed_over_all_memories() {
        let mut meter = Meter::default();
        assert!(meter.memory_growing(0, MEMORY_BYTES / 2, None).unwrap());
        assert!(meter.memory_growing(0, MEMORY_BYTES / 2, None).unwrap());
        assert!(!meter.memory_growing(0, 1, None).unwrap());
        assert_eq!(meter.exceeded(), Some(Exceeded::Memory));
    }
}
