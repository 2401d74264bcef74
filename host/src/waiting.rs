//! The sides that the process waits for at this moment, so that a display can name them.
//!
//! Waits begin deep in the program, in a request or a credential helper, where no display is known; hence one list for
//! the whole process.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::text::Escaped;

static OPEN: Mutex<List> = Mutex::new(List { next: 0, waits: Vec::new() });

struct List {
    next: u64,
    waits: Vec<Wait>,
}

struct Wait {
    number: u64,
    side: String,
    since: Instant,
}

/// A wait, until this is dropped.
pub(crate) struct Waiting(u64);

/// Begins to wait for a side, such as `registry localhost:5000`.
#[must_use]
pub(crate) fn waiting_for(side: impl Into<String>) -> Waiting {
    let mut open = OPEN.lock();
    let number = open.next;
    open.next += 1;
    open.waits.push(Wait { number, side: side.into(), since: Instant::now() });
    Waiting(number)
}

/// The side of the wait that began last, as that is the innermost one, and how long the process has waited for this
/// side.
pub(crate) fn current() -> Option<(Escaped, Duration)> {
    let open = OPEN.lock();
    let side = &open.waits.last()?.side;
    let first = open.waits.iter().find(|wait| wait.side == *side)?;
    Some((side.clone().into(), first.since.elapsed()))
}

/// Programs that may ask the user at the terminal now.
static ASKING: AtomicUsize = AtomicUsize::new(0);

/// The time in which a program may ask the user at the terminal, until this is dropped: a display stays away.
pub(crate) struct Asking(());

impl Asking {
    /// It begins.
    #[must_use]
    pub(crate) fn begin() -> Self {
        ASKING.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        ASKING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether a program may ask the user at the terminal now.
pub(crate) fn is_asked() -> bool {
    ASKING.load(Ordering::Relaxed) > 0
}

impl Drop for Waiting {
    fn drop(&mut self) {
        OPEN.lock().waits.retain(|wait| wait.number != self.0);
    }
}
