//! The windows that answers are searched for: eight characters in a row of a secret.

use super::fold::{LONG, PREFIX, SHORTEST, WINDOW, is_of_token, shifted, short};
use super::lent::{self, Fragment, Kind, LentSecret};
use super::numbers::Numbers;
use super::radix::{BASE64, HEXADECIMAL, Radix};

/// Words of the frame of answers. As a secret, each would be guessed first.
const WORDS: &[&str] = &[
    "true", "false", "null", "none", "json", "text", "html", "utf8", "utf-8", "http", "https", "basic", "bearer",
    "token", "error", "errors", "message", "code", "name", "type", "status", "latest", "admin", "user", "data", "list",
    "push", "pull", "default", "secret",
];

/// All windows of all secrets of a call, and the secrets that are shorter than a window.
#[derive(Default)]
pub(super) struct Windows {
    windows: Numbers,
    short: Numbers,
    /// Windows at the beginning of long tokens.
    prefixes: Numbers,
    /// Lengths of the short ones.
    short_lengths: Vec<usize>,
    /// Windows of secrets outside of ASCII, in digits of six bits: in Base64.
    sextets: Numbers,
    /// The same in digits of four bits and of one.
    octets: Numbers,
}

impl Windows {
    /// The windows of what is lent, without those of what is public.
    pub(super) fn new(lent: &[LentSecret], public: &[String]) -> Self {
        let mut readable = Self::default();
        public.iter().for_each(|text| readable.exempt(text));
        let each = |take: &mut dyn FnMut(Fragment<'_>)| lent.iter().for_each(|lent| lent.fragments(take));
        each(&mut |fragment| {
            if let Fragment::Public(text) = fragment {
                readable.exempt(text);
            }
        });
        let mut windows = Self::default();
        each(&mut |fragment| {
            if let Fragment::Secret(text, kind) = fragment {
                lent::forms(text, &mut |form| windows.take(form, kind, &readable));
            }
        });
        windows
    }

    /// Adds a value that was derived.
    pub(super) fn add(&mut self, derived: &[u8]) {
        self.take(derived, Kind::Value, &Self::default());
    }

    /// Takes a text that is no secret, and its words.
    fn exempt(&mut self, text: &str) {
        let nothing = Self::default();
        self.take(text.as_bytes(), Kind::Value, &nothing);
        let words = text.split(|char: char| !char.is_ascii_alphanumeric());
        words.for_each(|word| self.take(word.as_bytes(), Kind::Value, &nothing));
    }

    /// Takes a text, forwards and backwards, with and without what is neither letter nor number.
    fn take(&mut self, text: &[u8], kind: Kind, except: &Self) {
        let mut text = text;
        if kind == Kind::Token
            && text.len() >= LONG
            && text.iter().all(|byte| is_of_token(*byte))
            && let (Some(prefix), Some(rest)) = (text.get(..PREFIX), text.get(PREFIX + 1 - WINDOW..))
        {
            windows(prefix.iter().copied(), |window| self.prefixes.insert(window));
            text = rest;
        }
        self.slide(text.iter().copied(), except);
        self.slide(text.iter().rev().copied(), except);
        if !text.is_ascii() {
            BASE64.windows(text, &mut |window| self.sextets.insert(window));
            HEXADECIMAL.windows(text, &mut |window| self.octets.insert(window));
        }
        if str::from_utf8(text).is_ok() && !text.iter().all(u8::is_ascii_alphanumeric) {
            self.slide(text.iter().copied().filter(u8::is_ascii_alphanumeric), except);
            self.slide(text.iter().rev().copied().filter(u8::is_ascii_alphanumeric), except);
        }
        let is_word = WORDS.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(text));
        if kind != Kind::Part && (SHORTEST..WINDOW).contains(&text.len()) && !is_word {
            let number = |window, byte: &u8| shifted(window, *byte);
            for window in [text.iter().fold(0, number), text.iter().rev().fold(0, number)] {
                let number = short(window, text.len());
                if !except.short.contains(number) {
                    self.short.insert(number);
                }
            }
            if !self.short_lengths.contains(&text.len()) {
                self.short_lengths.push(text.len());
            }
        }
    }

    fn slide(&mut self, text: impl Iterator<Item = u8>, except: &Self) {
        windows(text, |window| {
            if !except.windows.contains(window) {
                self.windows.insert(window);
            }
        });
    }

    /// Whether a window is one of the beginning of a long token.
    #[inline]
    pub(super) fn contains_prefix(&self, window: u64) -> bool {
        self.prefixes.contains(window)
    }

    /// Whether there is any long token.
    pub(super) fn has_prefixes(&self) -> bool {
        !self.prefixes.is_empty()
    }

    /// Whether a window is one of a secret.
    #[inline]
    pub(super) fn contains(&self, window: u64) -> bool {
        self.windows.contains(window)
    }

    /// The lengths of secrets that are shorter than a window and end at the end of this one.
    pub(super) fn short_ends(&self, window: u64) -> impl Iterator<Item = usize> {
        self.short_lengths.iter().copied().filter(move |length| self.short.contains(short(window, *length)))
    }

    /// Whether any secret is shorter than a window.
    pub(super) fn has_short(&self) -> bool {
        !self.short_lengths.is_empty()
    }

    /// Whether any secret is searched for in digits.
    pub(super) fn has_digits(&self) -> bool {
        !(self.sextets.is_empty() && self.octets.is_empty())
    }

    /// Whether digits in a row are of a secret.
    #[inline]
    pub(super) fn contains_digits(&self, radix: &Radix, window: u64) -> bool {
        match radix.bits {
            6 => self.sextets.contains(window),
            1 | 4 => self.octets.contains(window),
            _ => false,
        }
    }
}

/// Hands out all windows of a text.
fn windows(text: impl Iterator<Item = u8>, mut take: impl FnMut(u64)) {
    let mut window = 0;
    for (index, byte) in text.enumerate() {
        window = shifted(window, byte);
        if index + 1 >= WINDOW {
            take(window);
        }
    }
}
