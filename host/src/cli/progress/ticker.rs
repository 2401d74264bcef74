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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::{self, Sender};

    use super::*;
    use crate::push::Event;
    use crate::text::Escaped;

    struct Ticks(Mutex<Sender<()>>);

    impl Progress for Ticks {
        fn event(&self, _event: Event) {}

        fn event_of(&self, _registry: &Escaped, _event: Event) {}
    }

    impl Tick for Ticks {
        fn tick(&self) {
            let _ = self.0.lock().unwrap().send(());
        }
    }

    #[test]
    fn a_push_in_which_nothing_ends_is_shown_again_and_again_until_it_is_over() {
        let (sender, ticks) = mpsc::channel();
        let display = ticking(Ticks(Mutex::new(sender)), Duration::from_millis(1));
        ticks.recv().unwrap();
        ticks.recv().unwrap();
        drop(display);
        // The sender goes when the thread ends.
        while ticks.recv().is_ok() {}
    }
}
