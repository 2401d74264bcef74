//! Standard error, which messages share with a display that is drawn in place.
//!
//! Whatever is written takes the display away first, and the display comes back below it with its next drawing; once it
//! is closed, it does not come back. So a result or an error is never drawn over.

use std::io::{self, Write};

use parking_lot::Mutex;

use crate::waiting;

static SCREEN: Mutex<Screen> = Mutex::new(Screen { rows: 0, is_closed: false });

struct Screen {
    /// Rows of the display above the cursor.
    rows: usize,
    is_closed: bool,
}

impl Screen {
    /// The escape sequence that takes the display away: up to its first row, and everything from there erased.
    fn erasing(&mut self) -> String {
        match std::mem::take(&mut self.rows) {
            0 => String::new(),
            rows => format!("\r\u{1b}[{rows}A\u{1b}[J"),
        }
    }

    fn erase(&mut self) {
        let erasing = self.erasing();
        if !erasing.is_empty() {
            let _ = io::stderr().write_all(erasing.as_bytes());
        }
    }
}

/// Writes to one of the two streams, with the display taken away. A reader that has gone away is no failure.
pub(super) fn write(write: impl FnOnce() -> io::Result<()>) {
    let mut screen = SCREEN.lock();
    screen.erase();
    let _ = write();
}

/// Draws the display's rows, which must be narrower than the terminal and fewer than its rows.
pub(super) fn draw(rows: &[String]) {
    let mut screen = SCREEN.lock();
    if screen.is_closed {
        return;
    }
    // A program that asks the user writes to the terminal itself. It takes longer to start than the next drawing.
    if waiting::is_asked() {
        screen.erase();
        return;
    }
    // In one piece, and each row cleared behind its text only, so that nothing flickers.
    let mut text = match screen.rows {
        0 => String::new(),
        rows => format!("\r\u{1b}[{rows}A"),
    };
    for row in rows {
        text.push_str(row);
        text.push_str("\u{1b}[K\r\n");
    }
    text.push_str("\u{1b}[J");
    screen.rows = rows.len();
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Takes the display away for good.
pub(super) fn close() {
    let mut screen = SCREEN.lock();
    screen.erase();
    screen.is_closed = true;
}

/// Lets a display be drawn again, for what comes next.
pub(super) fn open() {
    SCREEN.lock().is_closed = false;
}

/// Standard error as the log's writer.
pub(super) struct Stderr;

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        write(|| io::stderr().write_all(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
