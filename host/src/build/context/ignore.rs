//! The patterns of a `.dockerignore`, in the order of their lines: the last that matches a path decides.

use super::pattern::Pattern;

/// What a context leaves out.
#[derive(Debug, Default)]
pub(super) struct Ignore {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    pattern: Pattern,
    /// Whether it takes back in (`!`).
    is_exception: bool,
}

/// What is known of a path: whether it is left out, and which patterns match it or a directory above it.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    pub(super) is_ignored: bool,
    matched: Vec<bool>,
}

impl Ignore {
    /// Reads a file of patterns as `ignorefile.go` of moby does: a line that begins with `#` is a comment, blanks
    /// around a pattern don't count, paths are those below the context with or without a `/` before them.
    ///
    /// # Errors
    /// The line that is no pattern.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut rules = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let line = line.trim();
            let (is_exception, pattern) = match line.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, line),
            };
            if line.is_empty() {
                continue;
            }
            let cleaned = cleaned(pattern);
            let cleaned = match cleaned.strip_prefix('/') {
                Some(rest) if !rest.is_empty() => rest,
                _ => cleaned.as_str(),
            };
            if pattern.is_empty() {
                return Err(line.to_owned());
            }
            let pattern = Pattern::parse(cleaned).map_err(|_| line.to_owned())?;
            rules.push(Rule { pattern, is_exception });
        }
        Ok(Self { rules })
    }

    /// The verdict on a path, given that on its directory (`MatchesUsingParentResults` of `patternmatcher.go`).
    pub(super) fn verdict(&self, path: &str, parent: Option<&Verdict>) -> Verdict {
        let mut verdict = Verdict { is_ignored: false, matched: vec![false; self.rules.len()] };
        for ((place, rule), matched) in self.rules.iter().enumerate().zip(&mut verdict.matched) {
            let is_of_parent = parent.and_then(|parent| parent.matched.get(place).copied()).unwrap_or_default();
            if !is_of_parent && rule.is_exception != verdict.is_ignored {
                continue;
            }
            *matched = is_of_parent || rule.pattern.is_match(path);
            if *matched {
                verdict.is_ignored = !rule.is_exception;
            }
        }
        verdict
    }

    /// Whether a path is left out.
    pub(super) fn is_ignored(&self, path: &str) -> bool {
        let mut parent: Option<Verdict> = None;
        for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
            parent = Some(self.verdict(path.get(..end).unwrap_or(path), parent.as_ref()));
        }
        parent.is_some_and(|verdict| verdict.is_ignored)
    }

    /// Whether something below a directory that is left out may be taken back in.
    pub(super) fn has_exception_below(&self, directory: &str) -> bool {
        self.rules.iter().any(|rule| rule.is_exception && rule.pattern.may_match_below(directory))
    }
}

/// What Go's `filepath.Clean` makes of a path.
fn cleaned(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => _ = parts.pop(),
            ".." if is_absolute => {}
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    match (is_absolute, path.is_empty()) {
        (true, _) => format!("/{path}"),
        (false, true) => ".".to_owned(),
        (false, false) => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignored(text: &str, path: &str) -> bool {
        Ignore::parse(text).unwrap().is_ignored(path)
    }

    #[test]
    fn comments_blanks_and_byte_order_marks_are_no_patterns() {
        let text = "\u{feff}# a\n\n  \n  b  \n #c\n/d/\n./e\nf/../g\n";
        for (path, expected) in
            [("b", true), ("#c", true), ("d", true), ("e", true), ("g", true), ("a", false), ("f", false)]
        {
            assert_eq!(ignored(text, path), expected, "{path}");
        }
    }

    #[test]
    fn the_last_pattern_that_matches_a_path_or_its_directory_decides() {
        for (text, path, expected) in [
            ("docs\n!docs/README.md", "docs/README.md", false),
            ("docs\n!docs/README.md", "docs/other.md", true),
            ("!docs/README.md\ndocs", "docs/README.md", true),
            ("*\n!src", "src/a/b.rs", false),
            ("*\n!src\nsrc/*.o", "src/a.o", true),
            ("*\n!src\nsrc/*.o", "src/x/a.o", false),
            ("**/*.pyc\n!keep.pyc", "a/b.pyc", true),
            ("**/*.pyc\n!keep.pyc", "keep.pyc", false),
            ("*.md", "a/b.md", false),
            ("node_modules", "node_modules/x/y", true),
            ("node_modules", "web/node_modules/x", false),
            ("! docs/a\n", "docs/a", false),
            ("docs\n! docs/a\n", "docs/a", false),
        ] {
            assert_eq!(ignored(text, path), expected, "{text:?} {path}");
        }
    }

    #[test]
    fn a_directory_is_looked_into_only_if_something_there_may_be_taken_back_in() {
        let ignore = Ignore::parse("*\n!src/lib\n").unwrap();
        assert!(ignore.has_exception_below("src"));
        assert!(!ignore.has_exception_below("source") && !ignore.has_exception_below("target"));
        assert!(Ignore::parse("*\n!**/*.rs\n").unwrap().has_exception_below("target"));
        assert!(!Ignore::parse("*\n").unwrap().has_exception_below("target"));
    }

    #[test]
    fn a_line_that_is_no_pattern_is_named() {
        assert_eq!(Ignore::parse("a\n[b\n").unwrap_err(), "[b");
        assert_eq!(Ignore::parse("!").unwrap_err(), "!");
    }
}
