//! Bytes that are written as a list of decimal numbers, as JavaScript shows buffers: `[104,117,110]`.

use super::radix::GAP;
use super::view::{Span, View};

/// The bytes of all lists in a view.
pub(super) fn read(view: &View) -> View {
    let mut list = View::default();
    let mut number: Option<(u32, Span)> = None;
    let mut gap = 0;
    let last = [(b' ', Span { start: 0, end: 0 })];
    for (byte, span) in view.symbols().chain(last) {
        if let Some(digit) = char::from(byte).to_digit(10) {
            let (value, start) = number.unwrap_or((0, span));
            number = Some(((value * 10 + digit).min(0x100), start.to(span)));
            gap = 0;
            continue;
        }
        if let Some((value, span)) = number.take() {
            match u8::try_from(value) {
                Ok(value) => list.push(value, span),
                Err(_) => list.end_run(),
            }
        }
        gap += usize::from(!byte.is_ascii_whitespace());
        if gap == GAP + 1 {
            list.end_run();
        }
    }
    list
}
