//! `crhost flavor call`: one call of one export of a component that is a file.

mod arguments;
mod fields;
mod replayed;
mod request;
mod shown;

use std::path::Path;
use std::sync::Arc;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::{consent, source};
use crate::error::Kind;
use crate::flavor::{Observer, Runtime, Surroundings};
use crate::flavor_call::{self, Component, Fixed, Given, RecordedCall};
use crate::grant::Grant;
use arguments::GrantArguments;
use replayed::Replayed;

pub(in crate::cli) use arguments::Arguments;
pub(super) use arguments::{HELP, USAGE};
pub(super) use fields::values;
pub(in crate::cli) use shown::Called;
use shown::show_observed;

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { file, export, uri, input_file, fields, record, replay: directory, input, grants } = arguments;
    if let Some(directory) = &record {
        flavor_call::ensure_recordable(directory)?;
    }
    let mut replay = directory.as_deref().map(Replayed::load).transpose()?;
    let recorded = replay.as_ref().and_then(|replay| replay.call.as_ref());
    let Some(export) = export.or_else(|| recorded.map(|recorded| recorded.export)) else {
        let hint = "name an export, such as `credentials`, or record the call anew with `--record`";
        return Err(Failure::new(Kind::Usage, "the recording has no `call.json` that names an export", hint));
    };
    let of_file = input_file.as_deref().map(fields::input).transpose()?.unwrap_or_default();
    let of_recording = recorded.map(|recorded| recorded.input.clone()).unwrap_or_default();
    let input = input.read(uri).or(of_file).or(of_recording);
    let runtime = context.runtime()?;
    let (bytes, maker) = source::read(context, &file)?;
    let component = load(&runtime, &file, &bytes).await?;
    if let (Some(recorded), Some(directory)) = (recorded, &directory) {
        recorded.ensure_of(&component, directory)?;
    }
    let has_own_fields = !fields.is_empty();
    let (fields, made) = values(context, &component, fields, &input).await?;
    let (allow_implicit, allow_commands) = (grants.allow_implicit, grants.allow_command.clone());
    let (grants, accepted_operations) = match (recorded, &replay) {
        // As it was recorded, and what the user grants besides.
        (Some(recorded), _) => with_recorded(recorded.granted(&component), granted(&component, grants)?),
        // Nothing leaves: what it asks for is what it gets.
        (None, Some(_)) => (component.requested(), component.odd_operations()),
        (None, None) => granted(&component, grants)?,
    };
    let environment = &context.environment;
    let given = Given { fields, made, allow_commands, allow_implicit, grants, accepted_operations, maker, environment };
    let fixed = recorded.map_or_else(Fixed::now, RecordedCall::fixed);
    let surroundings = match (&record, &replay) {
        (None, None) => Surroundings::default(),
        (_, replay) => fixed.surroundings(replay.as_ref().map(Replayed::answers)),
    };
    let outcome = flavor_call::call(&component, export, input.clone(), given.clone(), surroundings).await?;
    if let Some(directory) = &record {
        flavor_call::record(directory, &component, (export, &input, &given, fixed), &outcome)?;
    }
    // Fields that are given now are other arguments, too.
    if let Some(replay) = replay.as_mut().filter(|_| !has_own_fields) {
        replay.compare(export, &input, &outcome);
    }
    let called = Called::new(&component, export, &outcome, replay.as_ref());
    if context.is_json() {
        output::print_json(&called);
    } else {
        called.show();
    }
    if let Some(failure) = replay.as_ref().and_then(Replayed::failure) {
        return Err(failure);
    }
    match outcome.answer {
        Ok(_) => Ok(()),
        Err(stopped) if replay.as_ref().is_some_and(Replayed::is_recorded_failure) => {
            output::say_line(&format!("failed as recorded: {stopped}"));
            Ok(())
        }
        Err(stopped) => Err(stopped.into()),
    }
}

/// The component of a file; what one writes that can't describe itself is shown.
pub(super) async fn load(runtime: &Runtime, file: &Path, bytes: &[u8]) -> Result<Component, Failure> {
    let observer = Arc::new(Observer::default());
    Component::load(runtime, file, bytes, &observer).await.map_err(|error| {
        show_observed(&observer.take());
        error.into()
    })
}

/// What the user grants to this call: hosts, and operations by their names.
fn granted(component: &Component, arguments: GrantArguments) -> Result<(Vec<Grant>, Vec<String>), Failure> {
    let GrantArguments { yes, hosts, allow_operation, .. } = arguments;
    let asked = if yes { component.requested() } else { Vec::new() };
    let (written, accepted) = match component {
        Component::Flavor(flavor) => {
            let description = flavor.description();
            (hosts.grants(description)?, consent::accepted(description, allow_operation)?)
        }
        Component::Policy(policy) => (hosts.beside(policy.description().requested_hosts()), Vec::new()),
    };
    Ok((asked.into_iter().chain(written).collect(), accepted))
}

/// The grants and operations of a recorded call, and those that are given now.
fn with_recorded(recorded: (Vec<Grant>, Vec<String>), given: (Vec<Grant>, Vec<String>)) -> (Vec<Grant>, Vec<String>) {
    let (grants, accepted) = recorded;
    (grants.into_iter().chain(given.0).collect(), accepted.into_iter().chain(given.1).collect())
}
