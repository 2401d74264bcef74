//! What a push of several images came to, as it is shown.

use indicatif::HumanBytes;
use serde::Serialize;

use super::super::several::{PushedTo, Told, common_kind};
use crate::cli::failure::{ErrorBody, Failure};
use crate::cli::output;
use crate::error::Kind;
use crate::image::Tag;
use crate::push::Report;
use crate::text::{Escaped, quoted};

/// Most images without a name that are listed in a warning.
const MAX_SHOWN: usize = 10;

/// A push of several images that came to its end. Serialised, it is the document of `--output json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct PushedImages<'a> {
    /// The images, in the order of the source.
    images: Vec<PushedImage<'a>>,
    /// Images that were not tried, because no registry could be reached.
    not_tried: &'a [Escaped],
    /// Images of the source that have no name with a tag there, by what chooses them; they were not pushed.
    untagged: &'a [Escaped],
    /// The number of images that are in other parts (`--shard`).
    in_other_shards: usize,
    /// Whether nothing was uploaded because of `--dry-run`.
    dry_run: bool,
    /// The bytes of the layers that were sent.
    bytes_sent: u64,
    /// How long it took, in seconds, to the millisecond.
    seconds: f64,
}

/// One of several images.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct PushedImage<'a> {
    /// Its name in the source, by the first of its tags.
    source: &'a Escaped,
    /// Its tags that are pushed.
    tags: &'a [Tag],
    /// Why it was sent to no registry; absent where the registries tell.
    error: Option<ErrorBody<'a>>,
    /// The registries, in the order of `--to`.
    registries: Vec<PushedTo<'a>>,
}

/// The end of one of several images.
pub(super) struct Image {
    /// Its name in the source, by the first of its tags.
    pub(super) image: Escaped,
    /// Its tags that are pushed.
    pub(super) tags: Vec<Tag>,
    /// The end at each registry, or why no registry was asked.
    pub(super) told: Result<Told, Failure>,
}

/// The end of all of them.
pub(super) struct Shown {
    /// Those that were tried.
    pub(super) images: Vec<Image>,
    /// Those that were not.
    pub(super) not_tried: Vec<Escaped>,
    /// Those that have no name with a tag.
    pub(super) untagged: Vec<Escaped>,
    /// The number of those in other parts.
    pub(super) elsewhere: usize,
    /// Whether nothing was uploaded because of `--dry-run`.
    pub(super) dry_run: bool,
    /// How long it took, in seconds.
    pub(super) seconds: f64,
}

impl Image {
    /// What was pushed.
    pub(super) fn reports(&self) -> impl Iterator<Item = &Report> {
        self.told.iter().flat_map(Told::reports)
    }

    /// Tells why it was not pushed.
    pub(super) fn say_failures(&self) {
        match &self.told {
            Ok(told) => told.say_failures(Some(&self.image)),
            Err(failure) => {
                let (message, hint) = failure.words();
                // In JSON, `error` is the end of the command alone.
                let word = if output::is_json() { "warning" } else { "error" };
                output::say(word, &format!("`{}`: {message}", self.image));
                if let Some(hint) = hint {
                    output::say("hint", hint);
                }
            }
        }
    }

    /// The registries that could not be reached.
    pub(super) fn unreachable(&self) -> Vec<Escaped> {
        self.told.as_ref().map(Told::unreachable).unwrap_or_default()
    }

    /// Whether no registry could be reached.
    pub(super) fn is_unreachable(&self) -> bool {
        self.told.as_ref().is_ok_and(Told::is_unreachable)
    }

    fn kind(&self) -> Option<Kind> {
        match &self.told {
            Ok(told) => told.kind(),
            Err(failure) => Some(failure.kind()),
        }
    }
}

impl Shown {
    /// The document of `--output json`.
    pub(super) fn document(&self) -> PushedImages<'_> {
        let images = self.images.iter().map(|image| PushedImage {
            source: &image.image,
            tags: &image.tags,
            error: image.told.as_ref().err().map(Failure::body),
            registries: image.told.as_ref().map(Told::registries).unwrap_or_default(),
        });
        PushedImages {
            images: images.collect(),
            not_tried: &self.not_tried,
            untagged: &self.untagged,
            in_other_shards: self.elsewhere,
            dry_run: self.dry_run,
            bytes_sent: self.bytes_sent(),
            seconds: self.seconds,
        }
    }

    /// Says on standard error what was done, in one line.
    pub(super) fn describe(&self) {
        output::say_line(&self.summary());
    }

    fn summary(&self) -> String {
        let whole: Vec<&Image> = self.images.iter().filter(|image| image.kind().is_none()).collect();
        let unchanged = whole.iter().filter(|image| image.reports().all(|report| report.unchanged)).count();
        let count = whole.len() - unchanged;
        let images = if count == 1 { "image" } else { "images" };
        let done = if self.dry_run { "to push" } else { "pushed" };
        let mut line = format!("{done} {count} {images}: {} sent,", HumanBytes(self.bytes_sent()));
        let failed = self.failed();
        for (number, what) in [(unchanged, "unchanged"), (failed, "not pushed"), (self.elsewhere, "in other parts")] {
            if number > 0 {
                line.push_str(&format!(" {number} {what},"));
            }
        }
        format!("{line} {:.1} s", self.seconds)
    }

    /// The failure of the whole push, if one image was not pushed everywhere.
    pub(super) fn failure(&self) -> Option<Failure> {
        let failed: Vec<(&Image, Kind)> = self.images.iter().filter_map(|image| Some((image, image.kind()?))).collect();
        let names = failed.iter().map(|(image, _)| &image.image).chain(&self.not_tried);
        let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        if names.is_empty() {
            return None;
        }
        let all = self.images.len() + self.not_tried.len();
        let message = format!("{} of {all} images were not pushed: {}", names.len(), names.join(", "));
        let kind = common_kind(failed.iter().map(|(_, kind)| *kind));
        Some(Failure::new(kind, message, "the same command goes on with what is missing"))
    }

    fn failed(&self) -> usize {
        self.images.iter().filter(|image| image.kind().is_some()).count() + self.not_tried.len()
    }

    fn bytes_sent(&self) -> u64 {
        self.images.iter().flat_map(Image::reports).map(|report| report.bytes_sent).sum()
    }
}

/// Tells of images that are not pushed, because they have no name with a tag.
pub(super) fn say_untagged(untagged: &[Escaped]) {
    let more = untagged.len().saturating_sub(MAX_SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let shown = quoted(untagged.iter().take(MAX_SHOWN));
    match untagged {
        [] => {}
        [one] => output::say("warning", &format!("`{one}` is not pushed: it has no name with a tag in the source")),
        _ => {
            output::say("warning", &format!("{shown}{more} are not pushed: they have no name with a tag in the source"))
        }
    }
}
