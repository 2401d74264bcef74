//! Bytes that are written in digits: Base64, Base32, hexadecimal and binary numbers.
//!
//! Every word consists of digits of some kind, so most of what is read is noise. Kept is what looks like text; of
//! secrets that are no text, the digits themselves are compared.

use zeroize::Zeroizing;

use super::fold::WINDOW;
use super::view::{Span, View};

/// A way to write bytes in digits of so many bits each.
pub(super) struct Radix {
    /// Bits of a digit.
    pub(super) bits: u32,
    /// The digit of each byte; [`NONE`] of those that are none.
    digits: [u8; 256],
    /// Whether other characters may stand between the digits. Words are digits of Base32: there they may not.
    separable: bool,
}

/// No digit.
const NONE: u8 = 0xff;

/// The most characters between two digits of a run besides blanks: `", "` of a JSON list has three.
pub(super) const GAP: usize = 4;

/// Base64 (RFC 4648, section 4).
pub(super) const BASE64: Radix =
    Radix::new(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6, true);

/// Base64 for URLs (RFC 4648, section 5). One way of its own: characters of the other may separate the digits.
pub(super) const BASE64URL: Radix =
    Radix::new(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 6, true);

/// Base16 (RFC 4648, section 8).
pub(super) const HEXADECIMAL: Radix = Radix::new(b"0123456789abcdef", 4, true);

/// Base32 (RFC 4648, section 6).
pub(super) const BASE32: Radix = Radix::new(b"abcdefghijklmnopqrstuvwxyz234567", 5, false);

/// The bits themselves.
pub(super) const BINARY: Radix = Radix::new(b"01", 1, true);

/// All bits for bytes of what looks like text: ASCII and the zeros of UTF-16. None for others.
const TEXT: [usize; 256] = text_bytes();

#[expect(clippy::indexing_slicing, reason = "a constant: an index out of range does not compile")]
const fn text_bytes() -> [usize; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        if matches!(byte, 0 | 0x09 | 0x0a | 0x0d | 0x20..=0x7e) {
            table[byte] = usize::MAX;
        }
        byte += 1;
    }
    table
}

/// What digits say.
#[derive(Default)]
pub(super) struct Texts {
    /// Texts of a window and more.
    pub(super) long: View,
    /// Shorter ones.
    pub(super) words: View,
}

/// A run of digits, each with its place in the view.
#[derive(Default)]
struct Run {
    digits: Vec<u8>,
    places: Vec<u32>,
}

impl Radix {
    /// Letters of an alphabet without both cases stand for both.
    #[expect(clippy::indexing_slicing, reason = "a constant: an index out of range does not compile")]
    const fn new(alphabet: &[u8], bits: u32, separable: bool) -> Self {
        let mut digits = [NONE; 256];
        let mut digit = 0;
        while digit < alphabet.len() {
            let letter = alphabet[digit];
            digits[letter as usize] = digit as u8;
            if bits < 6 {
                digits[letter.to_ascii_uppercase() as usize] = digit as u8;
            }
            digit += 1;
        }
        Self { bits, digits, separable }
    }

    fn digit(&self, byte: u8) -> u8 {
        self.digits.get(usize::from(byte)).copied().unwrap_or(NONE)
    }

    /// What the runs of digits in a view say as text, in `least` bytes and more, read forwards and backwards. The first
    /// digit of a byte is not known, so every one is tried.
    ///
    /// `compare` is handed the last digits at each digit as one number, and says how many of them tell a secret; the
    /// span of those is then handed to `mark`.
    pub(super) fn read(
        &self,
        view: &View,
        least: usize,
        compare: Option<&dyn Fn(u64) -> bool>,
        mark: &mut dyn FnMut(Span),
    ) -> Texts {
        let mut texts = Texts::default();
        let mut run = Run::default();
        let mut gap = 0;
        for (place, byte) in (0_u32..).zip(view.bytes().iter().copied()) {
            let digit = self.digit(byte);
            if digit != NONE {
                run.digits.push(digit);
                run.places.push(place);
                gap = 0;
            } else if !byte.is_ascii_whitespace() {
                // The `0` of `0x` is no digit.
                if gap == 0 && self.bits == 4 && byte.eq_ignore_ascii_case(&b'x') && run.digits.last() == Some(&0) {
                    run.digits.pop();
                    run.places.pop();
                }
                gap += 1;
                if gap > GAP || !self.separable {
                    self.end(&mut run, view, least, compare, mark, &mut texts);
                }
            }
        }
        self.end(&mut run, view, least, compare, mark, &mut texts);
        texts
    }

    fn end(
        &self,
        run: &mut Run,
        view: &View,
        least: usize,
        compare: Option<&dyn Fn(u64) -> bool>,
        mark: &mut dyn FnMut(Span),
        texts: &mut Texts,
    ) {
        let bits = self.digit_bits();
        if run.digits.len() * bits >= least * 8 {
            for _ in 0..2 {
                if let Some(compare) = compare {
                    self.compare(run, view, compare, mark);
                }
                self.texts(run, view, least, texts);
                run.digits.reverse();
                run.places.reverse();
            }
        }
        run.digits.clear();
        run.places.clear();
    }

    fn digit_bits(&self) -> usize {
        usize::try_from(self.bits).unwrap_or(8)
    }

    /// Digits in one number: as many as 64 bits have room for.
    fn window_digits(&self) -> usize {
        64 / self.digit_bits()
    }

    fn compare(&self, run: &Run, view: &View, compare: &dyn Fn(u64) -> bool, mark: &mut dyn FnMut(Span)) {
        let length = self.window_digits();
        let mask = u64::MAX >> (64 - length * self.digit_bits());
        let mut window = 0;
        for (index, digit) in run.digits.iter().enumerate() {
            window = (window << self.bits | u64::from(*digit)) & mask;
            if index + 1 >= length && compare(window) {
                run.spans(view, index + 1 - length, index).into_iter().for_each(&mut *mark);
            }
        }
    }

    /// The texts that a run says, wherever a byte begins. Most of it is noise, so all beginnings are read at once and
    /// without branches that a processor can't predict.
    fn texts(&self, run: &Run, view: &View, least: usize, texts: &mut Texts) {
        match self.bits {
            6 => self.texts_in::<6>(run, view, least, texts),
            5 => self.texts_in::<5>(run, view, least, texts),
            4 => self.texts_in::<4>(run, view, least, texts),
            _ => self.texts_in::<1>(run, view, least, texts),
        }
    }

    /// The bits of a digit are known to the compiler: this is where the time goes.
    fn texts_in<const BITS: u32>(&self, run: &Run, view: &View, least: usize, texts: &mut Texts) {
        // Digits and bytes begin together at multiples of so many bits.
        let step = 1 << BITS.trailing_zeros();
        let lanes = 8 / step;
        let mut lengths = [0_usize; 8];
        let (mut value, mut end) = (0_u32, 0_usize);
        for digit in &run.digits {
            value = value << BITS | u32::from(*digit);
            for beyond in (0..BITS).step_by(step).rev() {
                end += step;
                let Some(length) = lengths.get_mut(end / step % lanes) else { return };
                let is_text = TEXT.get(usize::from((value >> beyond).to_le_bytes()[0])).copied().unwrap_or(0);
                if is_text == 0 && *length >= least {
                    self.text(run, end - 8, *length, view, texts);
                }
                *length = (*length + 1) & is_text;
            }
        }
        for end in (0..lanes).filter_map(|lane| end.checked_sub(lane * step)) {
            let length = lengths.get(end / step % lanes).copied().unwrap_or(0);
            if length >= least {
                self.text(run, end, length, view, texts);
            }
        }
    }

    /// Adds the text of `length` bytes whose last one ends at the bit `end`.
    fn text(&self, run: &Run, end: usize, length: usize, view: &View, texts: &mut Texts) {
        let bits = self.digit_bits();
        // The first bytes of a run began before it.
        let length = length.min(end / 8);
        let text = if length < WINDOW { &mut texts.words } else { &mut texts.long };
        for start in (end - length * 8..end).step_by(8) {
            let (first, last) = (start / bits, (start + 7) / bits);
            let digits = run.digits.get(first..=last).unwrap_or_default();
            let value = digits.iter().fold(0_u32, |value, digit| value << self.bits | u32::from(*digit));
            if let Some(span) = run.spans(view, first, last) {
                text.push((value >> ((last + 1) * bits - start - 8)).to_le_bytes()[0], span);
            }
        }
        text.end_run();
    }

    /// The bytes that a text of nothing but digits, blanks and padding stands for.
    pub(super) fn whole(&self, text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let digits = || text.iter().filter(|byte| !byte.is_ascii_whitespace() && !b"=:".contains(byte));
        if digits().any(|byte| self.digit(*byte) == NONE) {
            return None;
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
        let (mut value, mut held) = (0_u32, 0);
        for byte in digits() {
            value = value << self.bits | u32::from(self.digit(*byte));
            held += self.bits;
            if held >= 8 {
                held -= 8;
                bytes.push((value >> held).to_le_bytes()[0]);
            }
        }
        Some(bytes)
    }

    /// What [`Radix::read`] compares, of a secret: its bits in as many digits, beginning at each bit at which a digit
    /// can begin.
    pub(super) fn windows(&self, secret: &[u8], take: &mut dyn FnMut(u64)) {
        let width = self.window_digits() * self.digit_bits();
        // Digits of six bits begin at even bits, of four and one at bytes too.
        let step = 1 << self.bits.trailing_zeros().min(3);
        let step = if self.bits == 1 { 8 } else { step };
        let bits = secret.len() * 8;
        for from in (0..).step_by(step).take_while(|from| from + width <= bits) {
            let bytes = secret.get(from / 8..).unwrap_or_default().iter().take(9);
            let held = bytes.clone().count() * 8;
            let value = bytes.fold(0_u128, |value, byte| value << 8 | u128::from(*byte));
            let window = value >> (held - from % 8 - width);
            take(u64::try_from(window & u128::from(u64::MAX >> (64 - width))).unwrap_or_default());
        }
    }
}

impl Run {
    /// The span of the digits from `first` to `last`.
    fn spans(&self, view: &View, first: usize, last: usize) -> Option<Span> {
        let span = |digit: usize| view.span(usize::try_from(*self.places.get(digit)?).ok()?);
        Some(span(first)?.to(span(last)?))
    }
}
