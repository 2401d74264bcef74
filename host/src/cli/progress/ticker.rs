//! Displays that also write at regular intervals, when no event comes.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use crate::push::Progress;

/// A display that writes at regular intervals.
pub(super) trait Tick: Progress + 'static {
    /// Called once per interval.
    fn tick(&self);
}

/// Starts the thread that ticks until the display is dropped.
pub(super) fn ticking<T: Tick>(display: T, interval: Duration) -> Arc<dyn Progress> {
    let display = Arc::new(display);
    let weak = Arc::downgrade(&display);
    // Without a thread, the display still shows events.
    let _ = thread::Builder::new().name("progress".to_owned()).spawn(move || tick(&weak, interval));
    display
}

fn tick(display: &Weak<impl Tick>, interval: Duration) {
    loop {
        thread::sleep(interval);
        let Some(display) = display.upgrade() else { return };
        display.tick();
    }
}
