//! What a copy came to, as it is shown.

use indicatif::HumanBytes;

use crate::cli::output;
use crate::copy::{CopyOutcome, Report};
use crate::image::Tag;

/// Says on standard error what was done.
pub(super) fn describe(report: &Report) {
    for failure in &report.failures {
        output::say("warning", &format!("{}: {}", names(&report.source, &failure.tags), failure.message));
    }
    if report.dry_run {
        for image in report.images.iter().filter(|image| image.outcome == CopyOutcome::Missing) {
            output::say_line(&format!("{}: would be copied", names(&report.name, &image.tags)));
        }
        output::say_line("dry run: nothing was written");
    }
    output::say_line(&summary(report));
}

/// Shows the images' names and digests on standard output.
pub(super) fn show(report: &Report) {
    for image in &report.images {
        output::print(&format!("{}@{}", report.name, image.digest));
    }
}

/// The copy in one line.
fn summary(report: &Report) -> String {
    let (unchanged, all) = (report.count(CopyOutcome::Unchanged), report.images.len());
    let referrers: usize = report.images.iter().map(|image| image.referrers).sum();
    let done = if report.dry_run { "to copy" } else { "copied" };
    let what = match report.images.as_slice() {
        [image] if report.failures.is_empty() => names(&report.name, &image.tags),
        _ => format!("{} images to {}", all - unchanged, report.name),
    };
    let with = match referrers {
        0 => String::new(),
        count => format!(" with {count} of what belongs to {}", if all == 1 { "it" } else { "them" }),
    };
    let unchanged = if unchanged == 0 { String::new() } else { format!(" {unchanged} unchanged,") };
    format!("{done} {what}{with}: {} sent,{unchanged} {:.1} s", HumanBytes(report.bytes_sent), report.seconds)
}

/// A repository's name with tags.
fn names(name: &str, tags: &[Tag]) -> String {
    let tags: Vec<&str> = tags.iter().map(Tag::as_str).collect();
    if tags.is_empty() { name.to_owned() } else { format!("{name}:{}", tags.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::{Copied, Problem};
    use crate::image::Digest;

    fn report(outcomes: &[CopyOutcome]) -> Report {
        let image = |(number, outcome): (usize, &CopyOutcome)| Copied {
            tags: vec![format!("v{number}").parse().unwrap()],
            digest: Digest::of(b""),
            outcome: *outcome,
            layers_sent: 1,
            layers_skipped: 0,
            bytes_sent: 10,
            referrers: number,
        };
        Report {
            name: "prod.example/a".to_owned(),
            registry: None,
            source: "ghcr.io/a".to_owned(),
            dry_run: false,
            images: outcomes.iter().enumerate().map(image).collect(),
            failures: Vec::<Problem>::new(),
            bytes_sent: 20,
            seconds: 1.25,
            listed: None,
        }
    }

    #[test]
    fn a_copy_is_one_line() {
        let one = summary(&report(&[CopyOutcome::Copied]));
        assert_eq!(one, "copied prod.example/a:v0: 20 B sent, 1.2 s");
        let two = summary(&report(&[CopyOutcome::Copied, CopyOutcome::Unchanged]));
        assert_eq!(
            two,
            "copied 1 images to prod.example/a with 1 of what belongs to them: 20 B sent, 1 unchanged, 1.2 s"
        );
    }
}
