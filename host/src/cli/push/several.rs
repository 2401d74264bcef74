//! What a push to several registries came to.

use serde::Serialize;

use crate::cli::failure::{ErrorBody, Failure};
use crate::cli::output;
use crate::error::Kind;
use crate::image::Tag;
use crate::push::{Ended, PushError, Report};
use crate::text::Escaped;

/// A push to several registries. Serialised, it is the document of `--output json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Pushes<'a> {
    /// The registries, in the order of `--to`. Those that have the image have the same digest.
    registries: Vec<PushedTo<'a>>,
}

/// One registry of such a push.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct PushedTo<'a> {
    /// The registry's name; its URI if it is not registered.
    to: &'a Escaped,
    /// The image's whole name there.
    image: &'a Escaped,
    /// The tags that this push has moved there, also where it failed afterwards.
    tags_moved: &'a [Tag],
    /// Why it failed; absent where it did not.
    error: Option<ErrorBody<'a>>,
    /// What was pushed; without these members where it failed.
    #[serde(flatten)]
    result: Option<&'a Report>,
}

/// The end of such a push, with its failures in words.
pub(super) struct Told {
    all: Vec<(Ended, Option<Failure>)>,
}

impl Told {
    /// Puts the failures into words.
    pub(super) fn new(all: Vec<Ended>) -> Self {
        let told = |ended: Ended| {
            let failure = ended.result.as_ref().err().map(Failure::of);
            (ended, failure)
        };
        Self { all: all.into_iter().map(told).collect() }
    }

    /// What was pushed.
    pub(super) fn reports(&self) -> impl Iterator<Item = &Report> {
        self.all.iter().filter_map(|(ended, _)| ended.result.as_ref().ok())
    }

    /// The document of `--output json`.
    pub(super) fn document(&self) -> Pushes<'_> {
        Pushes { registries: self.registries() }
    }

    /// The registries, for JSON.
    pub(super) fn registries(&self) -> Vec<PushedTo<'_>> {
        let registries = self.all.iter().map(|(ended, failure)| PushedTo {
            to: &ended.registry,
            image: &ended.image,
            tags_moved: &ended.moved,
            error: failure.as_ref().map(Failure::body),
            result: ended.result.as_ref().ok(),
        });
        registries.collect()
    }

    /// Tells of each registry that failed, and which tags have moved where one failed while tags moved. `image` is the
    /// image where several are pushed.
    pub(super) fn say_failures(&self, image: Option<&Escaped>) {
        for (ended, failure) in &self.all {
            let Some(failure) = failure else { continue };
            let (message, hint) = failure.words();
            let registry = format!("registry `{}`", ended.registry);
            let subject = match image {
                Some(image) if self.all.len() == 1 => format!("`{image}`"),
                Some(image) => format!("`{image}` to {registry}"),
                None => registry,
            };
            // In JSON, `error` is the end of the command alone.
            let word = if output::is_json() { "warning" } else { "error" };
            output::say(word, &format!("{subject}: {message}"));
            if let Some(hint) = hint {
                output::say("hint", hint);
            }
        }
        let names = |ended: &Ended, moved: bool| -> Vec<String> {
            let tags = ended.wanted.iter().filter(|tag| ended.moved.contains(tag) == moved);
            tags.map(|tag| format!("`{}:{tag}`", ended.name)).collect()
        };
        let failed = || self.all.iter().filter(|(_, failure)| failure.is_some()).map(|(ended, _)| ended);
        let moved: Vec<String> = self.all.iter().flat_map(|(ended, _)| names(ended, true)).collect();
        let not_moved: Vec<String> = failed().flat_map(|ended| names(ended, false)).collect();
        if !moved.is_empty() && !not_moved.is_empty() {
            output::say("note", &format!("moved: {}; not moved: {}", moved.join(", "), not_moved.join(", ")));
        }
    }

    /// The registries that could not be reached, so that they can't be for another image.
    pub(super) fn unreachable(&self) -> Vec<Escaped> {
        let is = |(ended, failure): &&(Ended, Option<Failure>)| {
            !ended.opened && failure.as_ref().is_some_and(|failure| failure.kind() == Kind::Network)
        };
        self.all.iter().filter(is).map(|(ended, _)| ended.registry.clone()).collect()
    }

    /// Whether no registry could be reached.
    pub(super) fn is_unreachable(&self) -> bool {
        !self.all.is_empty() && self.unreachable().len() == self.all.len()
    }

    /// The kind of the failure of the whole push, if one registry failed. Those that were held back by another are no
    /// reason.
    pub(super) fn kind(&self) -> Option<Kind> {
        let failed = self.all.iter().filter_map(|(ended, failure)| Some((ended, failure.as_ref()?.kind())));
        let failed: Vec<(&Ended, Kind)> = failed.collect();
        let causes = failed.iter().filter(|(ended, _)| !matches!(ended.result, Err(PushError::HeldBack)));
        (!failed.is_empty()).then(|| common_kind(causes.map(|(_, kind)| *kind)))
    }

    /// The failure of the whole push, if one registry failed.
    pub(super) fn failure(&self) -> Option<Failure> {
        let kind = self.kind()?;
        let failed = self.all.iter().filter(|(_, failure)| failure.is_some());
        let names: Vec<String> = failed.map(|(ended, _)| format!("`{}`", ended.registry)).collect();
        let message =
            format!("{} of {} registries did not get the image: {}", names.len(), self.all.len(), names.join(", "));
        Some(Failure::new(kind, message, "the same command goes on with what each registry has by now"))
    }
}

/// The kind that several failures have together.
pub(super) fn common_kind(kinds: impl Iterator<Item = Kind>) -> Kind {
    let mut kinds: Vec<Kind> = kinds.collect();
    kinds.dedup();
    match kinds.as_slice() {
        [one] => *one,
        several if several.contains(&Kind::Interrupted) => Kind::Interrupted,
        _ => Kind::General,
    }
}
