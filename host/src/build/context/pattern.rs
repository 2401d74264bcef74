//! One pattern of a `.dockerignore`: what it matches is what `patternmatcher.go` of
//! <https://github.com/moby/patternmatcher> says, with its regular expressions.

use regex::Regex;

/// A pattern that can't be understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadPattern;

/// A pattern, without the `!` before it.
#[derive(Debug)]
pub(super) struct Pattern {
    /// The cleaned text.
    text: String,
    form: Form,
}

#[derive(Debug)]
enum Form {
    Exact,
    /// `text/**`.
    Prefix(String),
    /// `**/text`.
    Suffix(String),
    Regex(Regex),
}

/// Characters of a regular expression that mean nothing in a pattern.
const ESCAPED: &str = ".+()|{}$^";

impl Pattern {
    /// Reads a cleaned pattern.
    ///
    /// # Errors
    /// For brackets without an end, or an escape without a character.
    pub(super) fn parse(text: &str) -> Result<Self, BadPattern> {
        let text = text.to_owned();
        if !is_well_formed(&text) {
            return Err(BadPattern);
        }
        let mut form = Form::Exact;
        let (mut regex, mut is_regex, mut is_first) = (String::from("(?s)^"), false, true);
        let mut is_in_class = false;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '*' if !is_in_class && chars.next_if_eq(&'*').is_some() => {
                    chars.next_if_eq(&'/');
                    if chars.peek().is_none() {
                        match &form {
                            Form::Exact if !is_regex => form = Form::Prefix(text.trim_end_matches("**").to_owned()),
                            _ => {
                                regex.push_str(".*");
                                is_regex = true;
                            }
                        }
                    } else {
                        regex.push_str("(.*/)?");
                        is_regex = true;
                    }
                    if is_first {
                        form = Form::Suffix(text.get(2..).unwrap_or_default().to_owned());
                        is_regex = false;
                    }
                }
                '*' if !is_in_class => {
                    regex.push_str("[^/]*");
                    is_regex = true;
                }
                '?' if !is_in_class => {
                    regex.push_str("[^/]");
                    is_regex = true;
                }
                '\\' => {
                    if let Some(next) = chars.next() {
                        regex.push_str(&regex::escape(&next.to_string()));
                        is_regex = true;
                    }
                }
                '[' | ']' => {
                    is_regex = true;
                    match (c, is_in_class) {
                        ('[', false) => regex.push('['),
                        ('[', true) => regex.push_str(r"\["),
                        (_, true) => regex.push(']'),
                        (_, false) => regex.push_str(r"\]"),
                    }
                    is_in_class = c == '[' || (is_in_class && c != ']');
                    if c == '[' && chars.next_if_eq(&'^').is_some() {
                        regex.push('^');
                    }
                }
                // Operators of classes in this library, which Go's has not.
                '&' | '~' if is_in_class => regex.extend(['\\', c]),
                c if ESCAPED.contains(c) => regex.extend(['\\', c]),
                c => regex.push(c),
            }
            is_first = false;
        }
        if is_regex {
            regex.push('$');
            form = Form::Regex(Regex::new(&regex).map_err(|_| BadPattern)?);
        }
        Ok(Self { text, form })
    }

    /// Whether it matches a path itself, whatever it matches above it.
    pub(super) fn is_match(&self, path: &str) -> bool {
        match &self.form {
            Form::Exact => path == self.text,
            Form::Prefix(start) => path.starts_with(start.as_str()),
            Form::Suffix(end) => path.ends_with(end.as_str()) || end.strip_prefix('/') == Some(path),
            Form::Regex(regex) => regex.is_match(path),
        }
    }

    /// Whether it may match something below a directory that it does not match.
    pub(super) fn may_match_below(&self, directory: &str) -> bool {
        let plain = self.text.strip_suffix("/**").unwrap_or(&self.text);
        let is_plain = !plain.contains(['*', '?', '[', '\\']);
        !is_plain || plain.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// What Go's `filepath.Match` takes.
fn is_well_formed(text: &str) -> bool {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.next().is_none() => return false,
            '[' => {
                let mut length = 0;
                loop {
                    match chars.next() {
                        None => return false,
                        Some('^') if length == 0 => {}
                        Some(']') if length > 0 => break,
                        Some(']' | '-') if length == 0 => return false,
                        Some('\\') if chars.next().is_none() => return false,
                        Some(_) => length += 1,
                    }
                }
            }
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cases of moby's own `patternmatcher_test.go`.
    #[test]
    fn a_pattern_matches_what_mobys_does() {
        for (pattern, path, expected) in [
            ("**", "file", true),
            ("**/**", "dir/file", true),
            ("dir/**", "dir/file", true),
            ("dir/**", "dir/dir2/file", true),
            ("**/dir", "dir", true),
            ("**/dir", "dir/file", false),
            ("**/dir2/*", "dir/dir2/file", true),
            ("**/dir2/**", "dir/dir2/dir2/file", true),
            ("**file", "file", true),
            ("**file", "dir/file", true),
            ("**/file", "dir/dir/file", true),
            ("**/file*", "dir/dir/file.txt", true),
            ("**/file*txt", "dir/dir/file.txt", true),
            ("**/file*.txt*", "dir/dir/file.txt", true),
            ("**/**/*.txt", "dir/dir/file.txt", true),
            ("**/**/*.txt2", "dir/dir/file.txt", false),
            ("**/*.txt", "file.txt", true),
            ("**/**/*.txt", "file.txt", true),
            ("a**/*.txt", "a/file.txt", true),
            ("a**/*.txt", "a/dir/file.txt", true),
            ("a/*.txt", "a/dir/file.txt", false),
            ("a/*.txt**", "a/file.txt", true),
            ("a[b-d]e", "ae", false),
            ("a[b-d]e", "ace", true),
            ("a[^b-d]e", "aze", true),
            (".*", ".foo", true),
            (".*", "foo", false),
            ("abc.def", "abcdef", false),
            ("abc.def", "abcZdef", false),
            ("abc?def", "abcZdef", true),
            ("abc?def", "abcdef", false),
            ("a\\*b", "a*b", true),
            ("a\\*b", "axb", false),
            ("**/foo/bar", "foo/bar", true),
            ("**/foo/bar", "dir/dir2/foo/bar", true),
            ("abc/**", "abc", false),
            ("abc/**", "abc/def/ghi", true),
            ("**/.foo", ".foo", true),
            ("**/.foo", "bar.foo", false),
            ("a(b)c/def", "a(b)c/def", true),
            ("a(b)c/def", "a(b)c/xyz", false),
            ("a.|)$(}+{bc", "a.|)$(}+{bc", true),
            ("*/*", "a/b", true),
            ("*/*", "a/b/c", false),
        ] {
            assert_eq!(Pattern::parse(pattern).unwrap().is_match(path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn brackets_without_an_end_are_no_pattern() {
        for bad in ["[", "a[b", "[]a]", "[-]", "a\\"] {
            assert_eq!(Pattern::parse(bad).unwrap_err(), BadPattern, "{bad}");
        }
    }
}
