//! The push of one image, and how its result is shown.

use super::result_files::ResultFiles;
use super::several::Told;
use super::shown::{ResultsEvent, describe, show};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::result_event::ResultEvent;
use crate::cli::signals::shutdown_signal;
use crate::cli::{event_stream, log_group, output, screen};
use crate::push::{Ended, Pusher, Report, Request};

/// Pushes one image and shows the result: what was pushed is added to what is `done`, and written to the files.
///
/// # Errors
/// When one registry did not get the image. What others got is shown and done all the same.
pub(super) async fn one(
    context: &Context,
    pusher: Pusher<'_>,
    request: Request,
    is_described: bool,
    files: ResultFiles,
    done: &mut Vec<Report>,
) -> Result<(), Failure> {
    let mut signal = None;
    let interrupt = async { signal = Some(shutdown_signal().await) };
    let group = is_described.then(|| log_group::begin(&format!("push {}", request.location)));
    let ended = pusher.push(request, interrupt).await;
    screen::close();
    drop(group);
    let is_described = is_described && !event_stream::is_on() && !output::is_json();
    let mut ended = ended.map_err(|error| Failure::of_work(error, signal))?;
    match (ended.pop(), ended.is_empty()) {
        (Some(Ended { result, .. }), true) => {
            let pushed = result.map_err(|error| Failure::of_work(error, signal))?;
            show_each(context, std::slice::from_ref(&pushed), is_described);
            if context.is_json() {
                output::print_json(&pushed);
            }
            done.push(pushed.clone());
            files.write(std::slice::from_ref(&pushed))?;
            output::say_event(ResultEvent::Result { result: &pushed });
            Ok(())
        }
        (last, _) => {
            ended.extend(last);
            let told = Told::new(ended);
            let pushed: Vec<Report> = told.reports().cloned().collect();
            show_each(context, &pushed, is_described);
            if context.is_json() {
                output::print_json(&told.document());
            }
            told.say_failures(None);
            done.extend(pushed.iter().cloned());
            output::say_event(ResultsEvent::Results { results: told.document() });
            match told.failure() {
                Some(failure) => Err(Failure::of_work(failure, signal)),
                None => files.write(&pushed),
            }
        }
    }
}

/// Shows what was pushed, as lines.
pub(super) fn show_each(context: &Context, pushed: &[Report], is_described: bool) {
    for pushed in pushed {
        if is_described {
            describe(pushed);
        }
        if !context.is_json() {
            show(pushed);
        }
    }
}
