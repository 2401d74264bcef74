//! What a CI system is told of a result: the outputs of the step, and its summary.
//!
//! The result is there in any case: that it can't be told is a warning.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use indicatif::HumanBytes;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::{ci, output};
use crate::environment::{EnvVars, Environment};
use crate::push::Report;
use crate::text::{Escaped, Foreign};

/// Names of outputs with their values.
type Values = Vec<(&'static str, String)>;

/// Tells of pushes that are done, in their order. Where there are several, each output has a line for each.
pub(super) fn tell_pushes(environment: &Environment, pushed: &[Report]) {
    let Some(first) = pushed.first() else { return };
    tell(environment, &outputs(pushed));
    let heading = if first.dry_run { "Dry run of crhost: nothing was uploaded" } else { "Pushed by crhost" };
    let rows: String = pushed.iter().map(row).collect();
    let head = "| image | tags | digest | layers | sent |\n|---|---|---|---|---|\n";
    summarize(environment, &format!("### {heading}\n\n{head}{rows}\n"));
}

/// Tells a result that has no summary.
pub(super) fn tell(environment: &Environment, values: &[(&'static str, String)]) {
    output::say_to_ci(ci::variables(values));
    if let Some(path) = file(environment, EnvVars::GITHUB_OUTPUT) {
        let written = delimiter().and_then(|delimiter| append(&path, &ci::outputs(values, &delimiter)));
        warn("outputs of this step are missing", &path, written);
    }
}

fn summarize(environment: &Environment, text: &str) {
    if let Some(path) = file(environment, EnvVars::GITHUB_STEP_SUMMARY) {
        let written = append(&path, text);
        warn("the summary of this step is missing", &path, written);
    }
}

/// The outputs of pushes. What is not known, as the digest of some dry runs, is left out.
fn outputs(pushed: &[Report]) -> Values {
    let lines = |value: &dyn Fn(&Report) -> Vec<String>| pushed.iter().flat_map(value).collect::<Vec<_>>().join("\n");
    let optional = |value: Option<String>| value.into_iter().collect::<Vec<_>>();
    let reference = |report: &Report| report.digest.as_ref().map(|digest| format!("{}@{digest}", report.name));
    let values = vec![
        ("name", lines(&|report| vec![report.name.clone()])),
        ("digest", lines(&|report| optional(report.digest.as_ref().map(ToString::to_string)))),
        ("reference", lines(&|report| optional(reference(report)))),
        ("tag", lines(&|report| optional(report.tag.as_ref().map(ToString::to_string)))),
        ("tags", lines(&|report| report.tags.iter().map(ToString::to_string).collect())),
        ("unchanged", lines(&|report| vec![report.unchanged.to_string()])),
    ];
    values.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// A push as a row of the summary's table.
fn row(report: &Report) -> String {
    let tags: Vec<String> = report.tags.iter().map(|tag| ci::code(tag.as_str())).collect();
    let digest = report.digest.as_ref().map_or_else(|| "-".to_owned(), |digest| ci::code(digest.as_str()));
    let sent = match (report.unchanged, report.dry_run) {
        (true, _) => "unchanged".to_owned(),
        (_, true) => "nothing".to_owned(),
        _ => format!("{} in {:.1} s", HumanBytes(report.bytes_sent), report.seconds),
    };
    let (all, skipped) = (report.layers.len(), report.layers_skipped);
    format!("| {} | {} | {digest} | {all}, {skipped} skipped | {sent} |\n", ci::code(&report.name), tags.join(" "))
}

/// A file that GitHub names for the step.
fn file(environment: &Environment, variable: &str) -> Option<PathBuf> {
    (ci::system() == ci::System::Github).then(|| environment.path(variable)).flatten()
}

fn append(path: &Path, text: &str) -> io::Result<()> {
    // In one write: other processes of the step may append, too.
    OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes())
}

/// A line that no value has: 128 random bits.
fn delimiter() -> io::Result<String> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| io::Error::other("there are no random numbers"))?;
    Ok(format!("crhost_{:032x}", u128::from_ne_bytes(bytes)))
}

fn warn(what: &str, path: &Path, written: io::Result<()>) {
    if let Err(reason) = written {
        let path = Escaped::from(path);
        output::say("warning", &format!("{what}: `{path}` can't be written: {}", Foreign(reason)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Digest, Tag};

    fn report(name: &str, tags: &[&str]) -> Report {
        let tags: Vec<Tag> = tags.iter().map(|tag| tag.parse().unwrap()).collect();
        Report {
            name: name.to_owned(),
            tag: tags.first().cloned(),
            tags,
            digest: Some(Digest::of(name.as_bytes())),
            registry: None,
            media_type: String::new(),
            referrers: Vec::new(),
            policy_warnings: Vec::new(),
            unchanged: false,
            dry_run: false,
            layers: Vec::new(),
            bytes_sent: 1 << 20,
            layers_skipped: 0,
            seconds: 1.25,
            size: None,
            config: None,
        }
    }

    #[test]
    fn several_images_are_lines_of_each_output() {
        let values = outputs(&[report("r/a", &["v1", "v2"]), report("r/b", &["v1"])]);
        let value = |name: &str| values.iter().find(|value| value.0 == name).unwrap().1.as_str();
        assert_eq!((value("name"), value("tag"), value("tags")), ("r/a\nr/b", "v1\nv1", "v1\nv2\nv1"));
        assert_eq!(value("reference").lines().next().unwrap(), format!("r/a@{}", Digest::of(b"r/a")));
    }

    #[test]
    fn what_is_not_known_is_no_output() {
        let unknown = Report { digest: None, tag: None, tags: Vec::new(), ..report("r/a", &[]) };
        let names: Vec<_> = outputs(&[unknown]).into_iter().map(|value| value.0).collect();
        assert_eq!(names, ["name", "unchanged"]);
    }

    #[test]
    fn a_row_of_the_summary_says_what_was_sent() {
        let digest = Digest::of(b"r/a");
        let sent = row(&report("r/a", &["v1", "v2"]));
        assert_eq!(sent, format!("| `r/a` | `v1` `v2` | `{digest}` | 0, 0 skipped | 1.00 MiB in 1.2 s |\n"));
        let unchanged = Report { unchanged: true, ..report("r/a", &["v1"]) };
        assert!(row(&unchanged).ends_with("| unchanged |\n"));
    }

    #[test]
    fn no_delimiter_comes_twice() {
        assert_ne!(delimiter().unwrap(), delimiter().unwrap());
    }
}
