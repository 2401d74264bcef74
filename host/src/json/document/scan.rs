//! Where the members of a JSON object are in its text, which was parsed before.

use std::ops::Range;

/// An object.
pub(super) struct Object {
    /// Of its first brace.
    open: usize,
    /// Of its last brace.
    close: usize,
    /// In their order.
    pub(super) members: Vec<Member>,
}

/// A member of an object.
#[derive(Clone)]
pub(super) struct Member {
    /// Its name, without escapes.
    text: String,
    /// Of its name with the quotes.
    pub(super) name: Range<usize>,
    /// Of its value.
    pub(super) value: Range<usize>,
}

impl Member {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.text
    }

    /// Whether it has this name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.text == name
    }
}

impl Object {
    /// The member of a name; of several, the last, as in Go.
    pub(super) fn last(&self, name: &str) -> Option<&Member> {
        self.members.iter().rfind(|member| member.is(name))
    }

    /// All between its braces.
    pub(super) fn inside(&self) -> Range<usize> {
        self.open + 1..self.close
    }
}

/// The object that begins at a byte; `None` if another value does.
pub(super) fn object(text: &str, open: usize) -> Option<Object> {
    let bytes = text.as_bytes();
    let mut at = blanks(bytes, open.checked_add(1).filter(|_| bytes.get(open) == Some(&b'{'))?);
    let mut members = Vec::new();
    while bytes.get(at)? != &b'}' {
        let name = at..string(bytes, at)?;
        let start = blanks(bytes, blanks(bytes, name.end) + 1);
        let value = start..value(bytes, start)?;
        at = blanks(bytes, value.end);
        if bytes.get(at) == Some(&b',') {
            at = blanks(bytes, at + 1);
        }
        members.push(Member { text: serde_json::from_str(text.get(name.clone())?).ok()?, name, value });
    }
    Some(Object { open, close: at, members })
}

/// Where blanks end.
fn blanks(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Where a string ends that begins here.
fn string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Where a value ends that begins here.
fn value(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match bytes.get(at) {
            Some(b'"') => {
                at = string(bytes, at)?;
                if depth == 0 {
                    return Some(at);
                }
                continue;
            }
            Some(b'{' | b'[') => depth += 1,
            Some(b'}' | b']') if depth > 1 => depth -= 1,
            Some(b'}' | b']') if depth == 1 => return Some(at + 1),
            // A number or a word ends before what follows it.
            None | Some(b'}' | b']' | b',' | b' ' | b'\t' | b'\n' | b'\r') if depth == 0 => return Some(at),
            None => return None,
            Some(_) => {}
        }
        at += 1;
    }
}
