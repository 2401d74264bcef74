//! Escapes of texts, undone.

use super::view::{Span, View};

/// What an escape stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Nothing.
    Nothing,
    /// A byte.
    Byte(u8),
    /// Two bytes.
    Pair(u8, u8),
    /// A character, in UTF-8.
    Char(char),
}

/// Bytes that are kept on each side of an escape: a window of 8 characters, with each in an escape or in Base64 of
/// Base64 of UTF-16, has fewer. What is further away was searched before.
const CONTEXT: usize = 96;

/// A view with one level of escapes undone, where it has any: the surroundings of each.
type Rewriting = fn(&View) -> Option<View>;

/// Ways to undo escapes that are not repeated. Each is a way of its own: what is an escape in one is text in another.
pub(super) const REWRITINGS: [Rewriting; 3] = [
    |view| rewrite(view, quoted_printable),
    // Bytes that were taken for UTF-16 or ISO 8859-1, and came back as UTF-8.
    |view| rewrite(view, |rest| code_units(rest, false)),
    |view| rewrite(view, |rest| code_units(rest, true)),
];

/// The view with one level of percent-encoding, backslashes, HTML and the zeros of UTF-16 and UTF-32 undone, where it
/// has any: the surroundings of each.
pub(super) fn unescape(view: &View) -> Option<View> {
    rewrite(view, escape)
}

/// `read` says what a text begins with, if that is an escape, and its length.
fn rewrite(view: &View, read: impl Fn(&[u8]) -> Option<(Meaning, usize)>) -> Option<View> {
    let mut rewritten = View::default();
    let bytes = view.bytes();
    // What comes after the last escape, and the end of its surroundings.
    let (mut after, mut until) = (0, 0);
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let Some((meaning, length)) = read(rest) else {
            at += 1;
            continue;
        };
        let until_here = at.min(until).max(after);
        rewritten.copy(view, after..until_here);
        let from = at.saturating_sub(CONTEXT).max(until_here);
        if from > until_here {
            rewritten.end_run();
        }
        rewritten.copy(view, from..at);
        if let (Some(first), Some(last)) = (view.span(at), view.span(at + length - 1)) {
            push(&mut rewritten, meaning, first.to(last));
        }
        at += length;
        (after, until) = (at, at + CONTEXT);
    }
    if until == 0 {
        return None;
    }
    rewritten.copy(view, after..until.min(bytes.len()));
    Some(rewritten)
}

fn push(view: &mut View, meaning: Meaning, span: Span) {
    match meaning {
        Meaning::Nothing => {}
        Meaning::Byte(byte) => view.push(byte, span),
        Meaning::Pair(first, second) => {
            view.push(first, span);
            view.push(second, span);
        }
        Meaning::Char(char) => char.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| view.push(byte, span)),
    }
}

/// The number in the first `length` digits.
fn number(text: &[u8], length: usize, radix: u32) -> Option<u32> {
    let digits = text.get(..length).filter(|digits| !digits.is_empty())?;
    digits
        .iter()
        .try_fold(0_u32, |number, digit| number.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?))
}

fn byte(text: &[u8], length: usize, radix: u32) -> Option<Meaning> {
    u8::try_from(number(text, length, radix)?).ok().map(Meaning::Byte)
}

fn char_of(code: u32) -> Option<Meaning> {
    char::from_u32(code).map(Meaning::Char)
}

fn escape(rest: &[u8]) -> Option<(Meaning, usize)> {
    match rest {
        [0, ..] => Some((Meaning::Nothing, 1)),
        // URL Standard, and the `%uXXXX` of the older `escape`.
        [b'%', b'u' | b'U', hex @ ..] => Some((char_of(number(hex, 4, 16)?)?, 6)),
        [b'%', hex @ ..] => Some((byte(hex, 2, 16)?, 3)),
        [b'\\', escaped @ ..] => backslash(escaped).map(|(meaning, length)| (meaning, length + 1)),
        [b'&', entity @ ..] => html(entity).map(|(meaning, length)| (meaning, length + 1)),
        // The full-width forms of ASCII, U+FF01 to U+FF5E.
        [0xef, second @ 0xbc..=0xbd, third @ 0x80..=0xbf, ..] => {
            let low = u32::from(second & 0x3f) << 6 | u32::from(third & 0x3f);
            let ascii = low.checked_sub(0xf00).filter(|offset| (1..=0x5e).contains(offset))?;
            Some((char_of(ascii + 0x20)?, 3))
        }
        _ => None,
    }
}

/// What follows a backslash, in JSON, JavaScript, C, Python and shells.
fn backslash(rest: &[u8]) -> Option<(Meaning, usize)> {
    match rest {
        [b'u' | b'x', b'{', braced @ ..] => {
            let length = braced.iter().take(8).position(|byte| *byte == b'}')?;
            Some((char_of(number(braced, length, 16)?)?, length + 3))
        }
        [b'u', hex @ ..] if number(hex, 4, 16).is_some() => {
            let code = number(hex, 4, 16)?;
            // Surrogates come in pairs (RFC 8259, section 7).
            if let ([b'\\', b'u', low @ ..], 0xd800..0xdc00) = (hex.get(4..)?, code)
                && let Some(low @ 0xdc00..0xe000) = number(low, 4, 16)
            {
                return Some((char_of(0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00))?, 11));
            }
            Some((char_of(code)?, 5))
        }
        [b'U', hex @ ..] if number(hex, 8, 16).is_some() => Some((char_of(number(hex, 8, 16)?)?, 9)),
        [b'x', hex @ ..] if number(hex, 2, 16).is_some() => Some((byte(hex, 2, 16)?, 3)),
        octal if number(octal, 3, 8).is_some() => Some((byte(octal, 3, 8)?, 3)),
        [b'\r', b'\n', ..] => Some((Meaning::Nothing, 2)),
        [b'\n', ..] => Some((Meaning::Nothing, 1)),
        [letter, ..] => {
            let meaning = match letter {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'b' => 8,
                b'f' => 12,
                other => *other,
            };
            Some((Meaning::Byte(meaning), 1))
        }
        [] => None,
    }
}

/// What follows an ampersand: a number, or the name of an ASCII character (HTML Standard, section 13.5).
fn html(rest: &[u8]) -> Option<(Meaning, usize)> {
    let (digits, radix, before) = match rest {
        [b'#', b'x' | b'X', digits @ ..] => (digits, 16, 2),
        [b'#', digits @ ..] => (digits, 10, 1),
        name => return named(name),
    };
    let length = digits.iter().take(8).take_while(|digit| char::from(**digit).is_digit(radix)).count();
    let semicolon = usize::from(digits.get(length) == Some(&b';'));
    Some((char_of(number(digits, length, radix)?)?, before + length + semicolon))
}

/// Names of characters.
const NAMES: [(&str, u8); 47] = [
    ("Hat", b'^'),
    ("NewLine", b'\n'),
    ("Tab", b'\t'),
    ("UnderBar", b'_'),
    ("VerticalLine", b'|'),
    ("amp", b'&'),
    ("AMP", b'&'),
    ("apos", b'\''),
    ("ast", b'*'),
    ("bsol", b'\\'),
    ("colon", b':'),
    ("comma", b','),
    ("commat", b'@'),
    ("dollar", b'$'),
    ("equals", b'='),
    ("excl", b'!'),
    ("grave", b'`'),
    ("DiacriticalGrave", b'`'),
    ("gt", b'>'),
    ("GT", b'>'),
    ("hyphen", b'-'),
    ("dash", b'-'),
    ("lbrace", b'{'),
    ("lcub", b'{'),
    ("lbrack", b'['),
    ("lsqb", b'['),
    ("lowbar", b'_'),
    ("lpar", b'('),
    ("lt", b'<'),
    ("LT", b'<'),
    ("midast", b'*'),
    ("nbsp", b' '),
    ("num", b'#'),
    ("percnt", b'%'),
    ("period", b'.'),
    ("plus", b'+'),
    ("quest", b'?'),
    ("quot", b'"'),
    ("QUOT", b'"'),
    ("rbrace", b'}'),
    ("rcub", b'}'),
    ("rbrack", b']'),
    ("rsqb", b']'),
    ("rpar", b')'),
    ("semi", b';'),
    ("sol", b'/'),
    ("verbar", b'|'),
];

fn named(rest: &[u8]) -> Option<(Meaning, usize)> {
    let length = rest.iter().take(20).position(|byte| *byte == b';')?;
    let name = rest.get(..length)?;
    let (_, meaning) = NAMES.iter().find(|(known, _)| known.as_bytes() == name)?;
    Some((Meaning::Byte(*meaning), length + 1))
}

/// Quoted-printable (RFC 2045, section 6.7).
fn quoted_printable(rest: &[u8]) -> Option<(Meaning, usize)> {
    match rest {
        [b'=', b'\r', b'\n', ..] => Some((Meaning::Nothing, 3)),
        [b'=', b'\n', ..] => Some((Meaning::Nothing, 2)),
        [b'=', hex @ ..] => Some((byte(hex, 2, 16)?, 3)),
        _ => None,
    }
}

/// A character above ASCII as the byte or the two bytes that it was made of.
fn code_units(rest: &[u8], is_little_endian: bool) -> Option<(Meaning, usize)> {
    let (code, length) = match rest {
        [first @ 0xc2..=0xdf, second @ 0x80..=0xbf, ..] => (u32::from(first & 0x1f) << 6 | u32::from(second & 0x3f), 2),
        [first @ 0xe0..=0xef, second @ 0x80..=0xbf, third @ 0x80..=0xbf, ..] => {
            (u32::from(first & 0xf) << 12 | u32::from(second & 0x3f) << 6 | u32::from(third & 0x3f), 3)
        }
        _ => return None,
    };
    let [high, low] = u16::try_from(code).ok()?.to_be_bytes();
    let meaning = match (high, is_little_endian) {
        (0, _) => Meaning::Byte(low),
        (_, false) => Meaning::Pair(high, low),
        (_, true) => Meaning::Pair(low, high),
    };
    Some((meaning, length))
}
