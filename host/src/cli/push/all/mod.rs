//! `--all` and `--all-tags`: the push of several images of a source.

mod shown;

use std::pin::pin;
use std::time::{Duration, Instant};

use clap::Args;

use super::one::show_each;
use super::several::Told;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::result_event::ResultEvent;
use crate::cli::shard::GivenShard;
use crate::cli::signals::shutdown_signal;
use crate::cli::{event_stream, log_group, output, screen};
use crate::environment::Environment;
use crate::error::Kind;
use crate::patterns::Pattern;
use crate::push::{AllImages, Ended, Part, Parts, PushError, Pusher, Report, Request};
use crate::source::Which;
use crate::text::{Escaped, seconds};
#[cfg(test)]
pub(in crate::cli) use shown::PushedImages;
use shown::{Image, Shown, say_untagged};

#[derive(Debug, Args)]
pub(super) struct AllArguments {
    /// Push all tags that the name has in the source, as `docker push --all-tags` does: in the Docker daemon, in
    /// Podman's storage, behind the path of an archive or layout; the name is given without a tag
    #[arg(short, long, group = "several", conflicts_with_all = OF_ONE)]
    all_tags: bool,

    /// Push all images of an archive or layout that have a name with a tag there, each by its own name: a registry that
    /// owns it keeps it, others get its repository below their URI. Of a name, all tags
    #[arg(long, group = "several", conflicts_with_all = OF_ONE)]
    all: bool,

    /// Of several images, push those that match: `v1.*` tags, `acme/train:v1.*` names, `acme/*` repositories; may be
    /// given several times
    #[arg(long, value_name = "PATTERN", requires = "several")]
    include: Vec<Pattern>,

    /// Of several images, leave those out that match; may be given several times
    #[arg(long, value_name = "PATTERN", requires = "several")]
    exclude: Vec<Pattern>,

    /// Of several images, push one part: with `--all` each repository is in exactly one, and of one name each tag,
    /// which depends on its name alone. `job/N` is the part of an indexed Job's pod
    #[arg(long, value_name = "I/N", requires = "several")]
    shard: Option<GivenShard>,
}

/// Options that are for one image.
const OF_ONE: [&str; 5] = ["tags", "digest_file", "metadata_file", "dotenv_file", "sbom"];

impl AllArguments {
    /// Which images are meant, if several are.
    ///
    /// # Errors
    /// When they are to move their tags together, or the part is that of a job and there is none.
    pub(super) fn read(self, all_or_none: bool, environment: &Environment) -> Result<Option<AllImages>, Failure> {
        let (which, option) = match (self.all, self.all_tags) {
            (true, _) => (Which::All, "--all"),
            (false, true) => (Which::OneRepository, "--all-tags"),
            (false, false) => return Ok(None),
        };
        if all_or_none {
            let message = format!("`--all-or-none` holds back the tags of one image, and `{option}` may push several");
            return Err(Failure::new(Kind::Usage, message, "name one image; `--tag` gives it further tags"));
        }
        let shard = self.shard.map(|shard| shard.read(environment)).transpose()?;
        Ok(Some(AllImages { which, include: self.include, exclude: self.exclude, shard }))
    }
}

/// Pushes several images one after the other, and shows each. One that fails costs the others nothing; where no
/// registry can be reached, the others are not tried.
///
/// # Errors
/// When one was not pushed. What was is shown and done all the same.
pub(super) async fn push<'a>(
    context: &Context,
    pusher: &impl Fn() -> Pusher<'a>,
    request: Request,
    wanted: &AllImages,
    is_described: bool,
    done: &mut Vec<Report>,
) -> Result<(), Failure> {
    let (start, timeout, dry_run) = (Instant::now(), request.timeout, request.dry_run);
    let Parts { parts, untagged, elsewhere } = pusher().all_images(request, wanted).await?;
    say_untagged(&untagged);
    let mut ended: Vec<Image> = Vec::new();
    let mut interrupt = pin!(shutdown_signal());
    let mut parts = parts.into_iter();
    let mut left_out: Vec<Escaped> = Vec::new();
    for Part { image, tags, request, .. } in parts.by_ref() {
        let left = timeout.map(|timeout| timeout.saturating_sub(start.elapsed()));
        let request = Request { timeout: left, left_out: left_out.clone(), ..request };
        let mut signal = None;
        screen::open();
        let group = is_described.then(|| log_group::begin(&format!("push {image}")));
        let pushed = pusher().push(request, async { signal = Some((&mut interrupt).await) }).await;
        screen::close();
        drop(group);
        if let Some(signal) = signal {
            return Err(Failure::interrupted(signal));
        }
        let is_over = is_too_late(&pushed);
        let pushed = of_all(pushed, timeout);
        let told = pushed.map(Told::new).map_err(|error| Failure::of(&error));
        let one = Image { image, tags, told };
        let reports: Vec<Report> = one.reports().cloned().collect();
        show_each(context, &reports, is_described && !event_stream::is_on() && !output::is_json());
        one.say_failures();
        done.extend(reports);
        let is_last = is_over || one.is_unreachable();
        left_out.extend(one.unreachable());
        ended.push(one);
        if is_last {
            break;
        }
    }
    let not_tried: Vec<Escaped> = parts.map(|part| part.image).collect();
    let shown = Shown { images: ended, not_tried, untagged, elsewhere, dry_run, seconds: seconds(start.elapsed()) };
    if is_described && !event_stream::is_on() && !output::is_json() {
        shown.describe();
    }
    let document = shown.document();
    if context.is_json() {
        output::print_json(&document);
    }
    output::say_event(ResultEvent::Result { result: &document });
    shown.failure().map_or(Ok(()), Err)
}

/// The same, with the time for all images where that was up.
fn of_all(pushed: Result<Vec<Ended>, PushError>, timeout: Option<Duration>) -> Result<Vec<Ended>, PushError> {
    let whole = |error: PushError| match error {
        PushError::TooLate(left) => PushError::TooLate(timeout.unwrap_or(left)),
        error => error,
    };
    let each = |ended: Ended| Ended { result: ended.result.map_err(whole), ..ended };
    pushed.map(|all| all.into_iter().map(each).collect()).map_err(whole)
}

/// Whether the time was up: that is the end of the other images, too.
fn is_too_late(pushed: &Result<Vec<Ended>, PushError>) -> bool {
    let is = |error: &PushError| matches!(error, PushError::TooLate(_));
    match pushed {
        Ok(ended) => ended.iter().any(|ended| ended.result.as_ref().is_err_and(is)),
        Err(error) => is(error),
    }
}
