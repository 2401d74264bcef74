//! Which characters can be seen, and stay where they are.

use std::ops::RangeInclusive;

/// Characters that are not seen, or change how others are shown.
///
/// These are `Default_Ignorable_Code_Point` of Unicode 16 (`DerivedCoreProperties.txt`), in which the bidirectional
/// controls, the zero-width characters, the variation selectors and the tags are, and what that property leaves out:
/// separators of lines, blanks that are no spaces to Unicode, controls of single scripts, and code points that have no
/// agreed shape.
const HIDDEN: [RangeInclusive<char>; 30] = [
    '\u{ad}'..='\u{ad}',         // soft hyphen
    '\u{34f}'..='\u{34f}',       // combining grapheme joiner
    '\u{61c}'..='\u{61c}',       // Arabic letter mark
    '\u{115f}'..='\u{1160}',     // Hangul fillers
    '\u{17b4}'..='\u{17b5}',     // Khmer inherent vowels
    '\u{180b}'..='\u{180f}',     // Mongolian variation selectors and vowel separator
    '\u{200b}'..='\u{200f}',     // zero-width characters and directional marks
    '\u{2028}'..='\u{202e}',     // separators of lines and paragraphs, directional embeddings and overrides
    '\u{2060}'..='\u{206f}',     // word joiner, invisible operators, directional isolates
    '\u{2800}'..='\u{2800}',     // the Braille pattern without dots
    '\u{3164}'..='\u{3164}',     // Hangul filler
    '\u{e000}'..='\u{f8ff}',     // private use: each font has other shapes
    '\u{fdd0}'..='\u{fdef}',     // no characters
    '\u{fe00}'..='\u{fe0f}',     // variation selectors
    '\u{feff}'..='\u{feff}',     // byte order mark
    '\u{ffa0}'..='\u{ffa0}',     // halfwidth Hangul filler
    '\u{fff0}'..='\u{fffc}',     // unassigned ignorables, interlinear annotation, a placeholder for objects
    '\u{fffe}'..='\u{ffff}',     // no characters
    '\u{13430}'..='\u{1343f}',   // format controls of Egyptian hieroglyphs
    '\u{16fe4}'..='\u{16fe4}',   // Khitan filler
    '\u{1bca0}'..='\u{1bca3}',   // controls of shorthand
    '\u{1d159}'..='\u{1d159}',   // the musical note without a head
    '\u{1d173}'..='\u{1d17a}',   // controls of musical notation
    '\u{1fffe}'..='\u{1ffff}',   // no characters
    '\u{2fffe}'..='\u{2ffff}',   // no characters
    '\u{3fffe}'..='\u{dffff}',   // unassigned planes
    '\u{e0000}'..='\u{e0fff}',   // tags, further variation selectors
    '\u{e1000}'..='\u{effff}',   // the rest of that plane, unassigned
    '\u{f0000}'..='\u{fffff}',   // private use
    '\u{100000}'..='\u{10ffff}', // private use
];

/// Whether a character can be seen and leaves others as they are. A blank can't be seen.
pub(super) fn is_visible(c: char) -> bool {
    !c.is_control() && !c.is_whitespace() && !HIDDEN.iter().any(|range| range.contains(&c))
}

/// Whether a character is a blank within a line, of any width (general category `Zs`).
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}')
}
