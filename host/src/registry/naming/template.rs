//! Tags that are made of the time and of the commit (`--tag-template`).

use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::name::{NamingError, sanitized};
use crate::error::Explain;
use crate::image::Tag;
use crate::text::{Escaped, Moment, Printable};

/// A tag with fields in braces, such as `{date}-{git_sha}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TagTemplate(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(Field),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Date,
    Time,
    Timestamp,
    GitSha,
    GitBranch,
}

/// The fields; those of ZenML's names have its forms.
const FIELDS: [(&str, Field); 5] = [
    ("date", Field::Date),
    ("time", Field::Time),
    ("timestamp", Field::Timestamp),
    ("git_sha", Field::GitSha),
    ("git_branch", Field::GitBranch),
];

/// A template that can't be filled.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum TemplateError {
    /// The commit or branch is not known.
    #[error("the field `{{{field}}}` has no value: `{directory}` is in no git repository with a commit")]
    #[explain(kind = NotFound, hint = "give the tag itself, or a template of `{{date}}`, `{{time}}` and `{{timestamp}}`")]
    NoGit {
        /// The field.
        field: &'static str,
        /// The directory.
        directory: Escaped,
    },
    /// The result is no tag.
    #[error(transparent)]
    #[explain(transparent)]
    Tag(#[from] NamingError),
}

/// A text that is no template.
#[derive(Debug, thiserror::Error, Printable)]
#[error(
    "expected a tag with the fields `{{date}}`, `{{time}}`, `{{timestamp}}`, `{{git_sha}}` and `{{git_branch}}`{0}"
)]
pub(crate) struct NoTemplate(Escaped);

/// What fields are made of.
pub(crate) struct Facts<'a> {
    /// The time; that of `SOURCE_DATE_EPOCH` where a build is to be the same again.
    pub(crate) now: SystemTime,
    /// The directory whose repository is meant.
    pub(crate) directory: &'a Path,
}

impl FromStr for TagTemplate {
    type Err = NoTemplate;

    fn from_str(text: &str) -> Result<Self, NoTemplate> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').ok_or_else(|| NoTemplate("; a `{` has no `}`".into()))?;
            let field = FIELDS.iter().find(|(known, _)| *known == name);
            let (_, field) = field.ok_or_else(|| NoTemplate(format!("; `{name}` is none of them").into()))?;
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Field(*field));
            rest = behind;
        }
        if text.is_empty() {
            return Err(NoTemplate("".into()));
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }
}

impl TagTemplate {
    /// The tag.
    ///
    /// # Errors
    /// When a field has no value, or nothing is left of the tag.
    pub(crate) fn fill(&self, facts: &Facts<'_>) -> Result<Tag, TemplateError> {
        let mut tag = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => tag.push_str(text),
                Part::Field(field) => tag.push_str(&field.value(facts)?),
            }
        }
        Ok(sanitized(&tag)?)
    }
}

impl Field {
    fn value(self, facts: &Facts<'_>) -> Result<String, TemplateError> {
        // `2026-11-29T12:00:00.123456Z`; no time that this machine can have is out of its range.
        let last = UNIX_EPOCH + Duration::from_secs(Moment::LAST.0);
        let now = humantime::format_rfc3339_micros(facts.now.min(last)).to_string();
        let (date, time) = now.trim_end_matches('Z').split_once('T').unwrap_or_default();
        match self {
            Self::Date => Ok(date.replace('-', "_")),
            Self::Time => Ok(time.replace([':', '.'], "_")),
            Self::Timestamp => Ok(facts.now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()).to_string()),
            Self::GitSha => git(facts, "git_sha", &["rev-parse", "--short=12", "HEAD"]),
            // A tag that keeps the words of a branch apart.
            Self::GitBranch => Ok(git(facts, "git_branch", &["rev-parse", "--abbrev-ref", "HEAD"])?.replace('/', "-")),
        }
    }
}

/// What the program `git` says of a directory.
fn git(facts: &Facts<'_>, field: &'static str, arguments: &[&str]) -> Result<String, TemplateError> {
    let mut command = Command::new("git");
    command.arg("-C").arg(facts.directory).args(arguments).stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().ok().filter(|output| output.status.success());
    let words = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let no_git = || TemplateError::NoGit { field, directory: facts.directory.into() };
    words.filter(|words| !words.is_empty()).ok_or_else(no_git)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_with_the_time_in_utc() {
        let directory = tempfile::tempdir().unwrap();
        let now = UNIX_EPOCH + Duration::from_micros(1_795_953_600_123_456);
        let facts = Facts { now, directory: directory.path() };
        let fill = |text: &str| text.parse::<TagTemplate>().unwrap().fill(&facts);
        assert_eq!(fill("v1-{date}-{time}").unwrap().as_str(), "v1-2026_11_29-12_00_00_123456");
        assert_eq!(fill("{timestamp}").unwrap().as_str(), "1795953600");
        assert_eq!(fill("a b").unwrap().as_str(), "ab");
        assert!(matches!(fill("{git_sha}"), Err(TemplateError::NoGit { field: "git_sha", .. })));
        for bad in ["", "{", "{what}", "a{date"] {
            assert!(bad.parse::<TagTemplate>().is_err(), "{bad}");
        }
    }
}
