//! Searches an answer in every form that a program can undo.
//!
//! Compared is without regard to case. In each form, the characters of a secret may stand in order or reversed, and may
//! be separated: by anything that is neither letter nor number, and besides by always the same number of characters, up
//! to seven. Forms are:
//!
//! * percent-encoding, escapes of JSON, JavaScript, C and shells, HTML, quoted-printable: wholly, partly and repeated;
//! * UTF-16 and UTF-32 of either order, UTF-7, full-width characters; texts that were read as ISO 8859-1 or UTF-16;
//! * Base64 of both alphabets, Base32, hexadecimal, binary, lists of decimal numbers: beginning at any digit, in lines
//!   or with separators, reversed;
//! * and up to [`DEPTH`] of these in one another.

use super::decimal;
use super::fold::{PREFIX, SHORTEST, WINDOW, is_of_token, shifted};
use super::mask::Mask;
use super::radix::{BASE32, BASE64, BASE64URL, BINARY, HEXADECIMAL, Radix, Texts};
use super::rewrite::{REWRITINGS, unescape};
use super::view::{END, Span, View};
use super::windows::Windows;

/// Forms in one another: JSON that holds a body in Base64 that holds JSON is three.
const DEPTH: u8 = 3;

/// Bytes of an answer that are searched at once: their forms then fit into a processor's cache.
const STRETCH: usize = 32 << 10;

/// Bytes that two stretches share: the longest form of a window, three forms deep and in lines, has fewer.
const OVERLAP: usize = 1 << 10;

/// Bytes that are searched for one answer, in all forms: four times the longest answer, within a second. Ordinary
/// answers have twice their length at most; what exceeds this was made to take time, and is redacted as a whole.
pub(super) const WORK: usize = 16 << 20;

/// Marks what tells a secret, and takes the bytes that were searched from `work`.
pub(super) fn scan(windows: &Windows, text: &[u8], mask: &mut Mask, work: &mut usize) {
    let mut offset = 0;
    while let Some(rest) = text.get(offset..) {
        let stretch = rest.get(..STRETCH).unwrap_or(rest);
        if (Scan { windows, mask, offset, work }).view(&View::of(stretch), DEPTH).is_none() {
            *work = 0;
            mask.mark(offset, offset + stretch.len());
        }
        if stretch.len() == rest.len() {
            break;
        }
        offset += STRETCH - OVERLAP;
    }
}

struct Scan<'a> {
    windows: &'a Windows,
    mask: &'a mut Mask,
    /// Where the stretch begins.
    offset: usize,
    /// Bytes that may still be searched.
    work: &'a mut usize,
}

impl Scan<'_> {
    /// Searches a view and all that can be read from it in `depth` further forms; nothing if that is too much.
    fn view(&mut self, view: &View, depth: u8) -> Option<()> {
        if view.bytes().is_empty() {
            return Some(());
        }
        self.search(view)?;
        let Some(depth) = depth.checked_sub(1) else { return Some(()) };
        REWRITINGS.iter().filter_map(|rewrite| rewrite(view)).try_for_each(|view| self.search(&view))?;
        // Without these characters both alphabets of Base64 read the same.
        let is_url = view.bytes().iter().any(|byte| matches!(byte, b'-' | b'_'));
        for radix in [&BASE64, &HEXADECIMAL, &BASE32, &BINARY].into_iter().chain(is_url.then_some(&BASE64URL)) {
            let texts = self.digits(view, radix);
            self.words(&texts.words);
            self.view(&texts.long, depth)?;
        }
        self.view(&decimal::read(view), depth)?;
        unescape(view).map_or(Some(()), |view| self.view(&view, depth))
    }

    fn digits(&mut self, view: &View, radix: &Radix) -> Texts {
        let windows = self.windows;
        let compare = |window| windows.contains_digits(radix, window);
        let compare = windows.has_digits().then_some(&compare as &dyn Fn(u64) -> bool);
        let least = if windows.has_short() { SHORTEST } else { WINDOW };
        radix.read(view, least, compare, &mut |span| self.mark(span))
    }

    /// Searches a view as it is, and its letters and numbers alone.
    fn search(&mut self, view: &View) -> Option<()> {
        *self.work = self.work.checked_sub(view.bytes().len())?;
        if self.windows.has_short() {
            self.words(view);
        }
        if self.windows.has_prefixes() {
            self.prefixes(view);
        }
        let spreads = [Self::spread::<1>, Self::spread::<2>, Self::spread::<3>, Self::spread::<4>, Self::spread::<5>];
        spreads.into_iter().for_each(|spread| spread(self, view));
        let letters = view.alphanumeric();
        let further = [Self::spread::<6>, Self::spread::<7>, Self::spread::<8>];
        spreads.into_iter().chain(further).for_each(|spread| spread(self, &letters));
        Some(())
    }

    fn mark(&mut self, span: Span) {
        let at = |index: u32| self.offset + usize::try_from(index).unwrap_or_default();
        self.mask.mark(at(span.start), at(span.end));
    }

    fn mark_between(&mut self, view: &View, first: usize, last: usize) {
        if let (Some(first), Some(last)) = (view.span(first), view.span(last)) {
            self.mark(first.to(last));
        }
    }

    /// Secrets that are shorter than a window, as words.
    fn words(&mut self, view: &View) {
        let mut window = 0;
        for (index, byte) in view.bytes().iter().enumerate() {
            window = shifted(window, *byte);
            if !is_boundary(view, index.checked_add(1)) {
                continue;
            }
            for length in self.windows.short_ends(window) {
                let first = (index + 1).checked_sub(length);
                if let Some(first) = first.filter(|first| is_boundary(view, first.checked_sub(1))) {
                    self.mark_between(view, first, index);
                }
            }
        }
    }

    /// Beginnings of long tokens, but for those of other tokens: these go on for long.
    fn prefixes(&mut self, view: &View) {
        let mut window = 0;
        for (index, byte) in view.bytes().iter().enumerate() {
            window = shifted(window, *byte);
            let goes_on = || {
                let after = view.bytes().get(index + 1..index + 1 + PREFIX);
                after.is_some_and(|after| after.iter().all(|byte| is_of_token(*byte)))
            };
            if self.windows.contains_prefix(window)
                && let Some(first) = (index + 1).checked_sub(WINDOW).filter(|_| !goes_on())
            {
                self.mark_between(view, first, index);
            }
        }
    }

    /// Windows whose characters are each `STRIDE` bytes after the one before: in a row, or evenly spread as in a list.
    fn spread<const STRIDE: usize>(&mut self, view: &View) {
        let mut latest = [0_u64; STRIDE];
        for (index, byte) in view.bytes().iter().enumerate() {
            let Some(window) = latest.get_mut(index % STRIDE) else { return };
            *window = shifted(*window, *byte);
            if self.windows.contains(*window)
                && let Some(first) = index.checked_sub((WINDOW - 1) * STRIDE)
            {
                self.mark_between(view, first, index);
            }
        }
    }
}

/// Whether a word ends before or begins after this byte.
fn is_boundary(view: &View, index: Option<usize>) -> bool {
    match index.and_then(|index| view.bytes().get(index)) {
        None | Some(&END) => true,
        Some(byte) => !byte.is_ascii_alphanumeric(),
    }
}
