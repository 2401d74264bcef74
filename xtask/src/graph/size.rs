//! Length of files, and width of comments.

use std::fs;
use std::path::{Path, PathBuf};

use super::rules::{GENERATED, MAX_COLUMNS, MAX_LINES, SOURCES};
use crate::failure::{Failure, Result};

/// A line for each file that is too long and for each comment that is too wide.
///
/// # Errors
/// When a file can't be read.
pub(crate) fn check(root: &Path) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for source in SOURCES {
        let mut open = vec![root.join(source)];
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(&directory).map_err(Failure::io("read", &directory))? {
                let path = entry.map_err(Failure::io("read", &directory))?.path();
                if path.is_dir() {
                    // What cargo builds, in any workspace.
                    if !path.ends_with("target") {
                        open.push(path);
                    }
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    findings.extend(judge(root, &path)?);
                }
            }
        }
    }
    findings.sort();
    Ok(findings)
}

fn judge(root: &Path, path: &PathBuf) -> Result<Vec<String>> {
    let shown = path.strip_prefix(root).unwrap_or(path).display().to_string();
    if GENERATED.contains(&shown.as_str()) {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(path).map_err(Failure::io("read", path))?;
    let lines = text.lines().count();
    let mut findings = Vec::new();
    if lines > MAX_LINES {
        findings.push(format!("{shown} has {lines} lines, at most {MAX_LINES}"));
    }
    for (number, line) in text.lines().enumerate() {
        let columns = line.chars().count();
        if columns > MAX_COLUMNS && line.trim_start().starts_with("//") {
            findings.push(format!("{shown}:{} has a comment of {columns} columns, at most {MAX_COLUMNS}", number + 1));
        }
    }
    Ok(findings)
}
