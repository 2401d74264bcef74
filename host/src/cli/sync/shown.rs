//! What a sync came to, as it is shown.

use indicatif::HumanBytes;

use crate::cli::output;
use crate::copy::CopyOutcome;
use crate::image::Tag;
use crate::sync::{Report, Synced};
use crate::text::counted;

/// Says on standard error what was done, and what was not.
pub(super) fn describe(report: &Report) {
    for repository in &report.repositories {
        for failure in &repository.failures {
            let tags: Vec<&str> = failure.tags.iter().map(Tag::as_str).collect();
            let name = match tags.is_empty() {
                true => repository.source.clone(),
                false => format!("{}:{}", repository.source, tags.join(", ")),
            };
            output::say("warning", &format!("{name}: {}", failure.message));
        }
        if report.dry_run {
            tell_plan(repository);
        }
    }
    if report.dry_run {
        output::say_line("dry run: nothing was written or deleted");
    }
    output::say_line(&summary(report));
}

/// Says what would be done.
fn tell_plan(repository: &Synced) {
    for image in repository.images.iter().filter(|image| image.outcome == CopyOutcome::Missing) {
        let tags: Vec<&str> = image.tags.iter().map(Tag::as_str).collect();
        output::say_line(&format!("{}:{}: would be copied", repository.name, tags.join(", ")));
    }
    for tag in &repository.deleted {
        output::say_line(&format!("{}:{tag}: would be deleted", repository.name));
    }
}

/// Shows the repositories on standard output.
pub(super) fn show(report: &Report) {
    let rows = report.repositories.iter().map(|one| {
        let copied = one.count(CopyOutcome::Copied) + one.count(CopyOutcome::Missing);
        let state = if one.succeeded { "ok" } else { "failed" };
        vec![
            one.source.clone(),
            one.name.clone(),
            copied.to_string(),
            one.count(CopyOutcome::Unchanged).to_string(),
            one.deleted.len().to_string(),
            state.to_owned(),
        ]
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        let [copied, deleted] = if report.dry_run { ["TO COPY", "TO DELETE"] } else { ["COPIED", "DELETED"] };
        output::print_table(&["SOURCE", "TARGET", copied, "UNCHANGED", deleted, "STATE"], rows);
    }
}

/// The sync in one line.
fn summary(report: &Report) -> String {
    let Report { copied, unchanged, deleted, failed, .. } = report;
    let repositories = counted(report.repositories.len(), "repository", "repositories");
    let (images, tags) = (counted(*copied, "image", "images"), counted(*deleted, "tag", "tags"));
    let failed = if *failed == 0 { String::new() } else { format!(" {failed} failed,") };
    let [copied, deleted] = if report.dry_run { ["to copy", "to delete"] } else { ["copied", "deleted"] };
    format!(
        "{repositories}: {images} {copied}, {unchanged} unchanged, {tags} {deleted},{failed} {} sent, {:.1} s",
        HumanBytes(report.bytes_sent),
        report.seconds
    )
}
