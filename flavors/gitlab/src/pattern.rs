//! Patterns of tags: regular expressions of RE2, as far as rules have them
//! (<https://docs.gitlab.com/user/packages/container_registry/protected_container_tags/#regex-pattern-examples>). One
//! that has more, such as a group, matches nothing here: the registry decides.

use std::str::Chars;

/// A part of a pattern.
#[derive(Debug)]
struct Part {
    /// The characters that it matches, each from one to another.
    set: Vec<(char, char)>,
    /// Whether it matches all others instead.
    is_negated: bool,
    /// How often it has to match, and how often it may.
    times: (usize, usize),
}

impl Part {
    fn matches(&self, char: char) -> bool {
        self.set.iter().any(|(first, last)| (*first..=*last).contains(&char)) != self.is_negated
    }
}

/// Whether a pattern is found in a text. The alternatives of a pattern are those between `|`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    pattern.split('|').any(|alternative| is_found(alternative, &text).unwrap_or(false))
}

/// Whether an alternative is found; `None` if it has what is not known here.
fn is_found(pattern: &str, text: &[char]) -> Option<bool> {
    let (pattern, at_start) = pattern.strip_prefix('^').map_or((pattern, false), |rest| (rest, true));
    let is_end = pattern.ends_with('$') && !pattern.ends_with("\\$");
    let pattern = pattern.strip_suffix('$').filter(|_| is_end).unwrap_or(pattern);
    let parts = parts(pattern)?;
    let starts = if at_start { 0..=0 } else { 0..=text.len() };
    Some(starts.into_iter().any(|start| text.get(start..).is_some_and(|rest| follows(&parts, rest, is_end))))
}

/// Whether a text begins with the parts, and ends with them if it has to.
fn follows(parts: &[Part], text: &[char], is_end: bool) -> bool {
    let Some((part, others)) = parts.split_first() else { return !is_end || text.is_empty() };
    let (least, most) = part.times;
    let fitting = text.iter().take(most).take_while(|char| part.matches(**char)).count();
    (least..=fitting).any(|count| text.get(count..).is_some_and(|rest| follows(others, rest, is_end)))
}

/// The parts of a pattern.
fn parts(pattern: &str) -> Option<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    let mut rest = pattern.chars();
    while let Some(char) = rest.next() {
        let (set, is_negated) = match char {
            '*' | '+' | '?' | '{' => {
                let last = parts.last_mut().filter(|last| last.times == (1, 1))?;
                last.times = match char {
                    '*' => (0, usize::MAX),
                    '+' => (1, usize::MAX),
                    '?' => (0, 1),
                    _ => counted(&mut rest)?,
                };
                continue;
            }
            '.' => (Vec::new(), true),
            '[' => class(&mut rest)?,
            '\\' => (escaped(rest.next()?)?, false),
            '(' | ')' | '^' | '$' => return None,
            plain => (vec![(plain, plain)], false),
        };
        parts.push(Part { set, is_negated, times: (1, 1) });
    }
    Some(parts)
}

/// The numbers of `{2}`, `{2,}` or `{2,3}`.
fn counted(rest: &mut Chars<'_>) -> Option<(usize, usize)> {
    let (inner, after) = rest.as_str().split_once('}')?;
    *rest = after.chars();
    let (least, most) = inner.split_once(',').unwrap_or((inner, inner));
    let most = if most.is_empty() { usize::MAX } else { most.parse().ok()? };
    Some((least.parse().ok()?, most))
}

/// A class between brackets, and whether it is negated.
fn class(rest: &mut Chars<'_>) -> Option<(Vec<(char, char)>, bool)> {
    let mut set = Vec::new();
    let is_negated = rest.as_str().starts_with('^');
    if is_negated {
        rest.next();
    }
    loop {
        match rest.next()? {
            ']' if !set.is_empty() => return Some((set, is_negated)),
            '[' => return None,
            '\\' => set.extend(escaped(rest.next()?)?),
            first => {
                let mut ahead = rest.clone();
                match (ahead.next(), ahead.next()) {
                    (Some('-'), Some(last)) if last != ']' && last != '\\' => {
                        set.push((first, last));
                        *rest = ahead;
                    }
                    _ => set.push((first, first)),
                }
            }
        }
    }
}

/// What stands behind a backslash.
fn escaped(char: char) -> Option<Vec<(char, char)>> {
    match char {
        'd' => Some(vec![('0', '9')]),
        'w' => Some(vec![('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')]),
        other => (!other.is_alphanumeric()).then(|| vec![(other, other)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_rules_have_match_as_re2_does() {
        for (pattern, matching, others) in [
            (".*", &["latest", "v1"][..], &[][..]),
            ("^v.*", &["v1", "v"], &["1v", "latest"]),
            (r"\d+\.\d+\.\d+", &["1.2.3", "v10.20.30-rc"], &["1.2", "1x2x3"]),
            ("^latest$", &["latest"], &["latest-1", "the-latest"]),
            (".*-stable$", &["a-stable"], &["a-stable-1"]),
            ("stable|production", &["stable", "my-production"], &["staging"]),
            ("^[a-z][0-9]{2,3}$", &["v12", "v123"], &["v1", "v1234", "V12"]),
            ("^[^v]", &["1"], &["v1"]),
            (r"^v\d{2}$", &["v12"], &["v1", "v123"]),
            ("^v1?$", &["v", "v1"], &["v2"]),
            ("", &["x"], &[]),
            ("^(v1)$", &[], &["v1"]),
            ("*", &[], &["v1"]),
            ("[", &[], &["v1"]),
            (r"\p{L}", &[], &["v1"]),
        ] {
            for text in matching {
                assert!(matches(pattern, text), "{pattern} {text}");
            }
            for text in others {
                assert!(!matches(pattern, text), "{pattern} {text}");
            }
        }
    }
}
