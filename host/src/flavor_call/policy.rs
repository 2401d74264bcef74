//! A call of a policy.

use serde::de::DeserializeOwned;

use super::answer::Answer;
use super::error::FlavorCallError;
use super::export::Export;
use super::input::Input;
use super::stopped::Stopped;
use crate::flavor::{Action, Evidence, Maker, Policy, PolicySettings, Subject, options};
use crate::grant::{Grant, Guest};
use crate::image::Reference;

/// Has a policy describe itself.
pub(super) async fn describe(policy: &Policy, maker: Maker) -> Result<Answer, Stopped> {
    let guest = || Guest::policy(policy.description().name.as_str());
    let described = policy.describe(maker).await.map(|it| Answer::Policy(Box::new(it)));
    described.map_err(|failure| Stopped::Policy(guest(), Box::new(failure)))
}

/// Asks a policy for its decision.
///
/// # Errors
/// When an argument is missing or can't be read.
pub(super) async fn admit(
    policy: &Policy,
    input: Input,
    grants: &[Grant],
    maker: Maker,
) -> Result<Result<Answer, Stopped>, FlavorCallError> {
    let description = policy.description();
    let name = description.name.as_str();
    options::check_policy(name, description, &input.options)?;
    let options = options::with_defaults(&description.options, &input.options);
    let subject = subject(&input)?;
    let evidence: Evidence = match input.evidence {
        Some(evidence) => read(evidence)?,
        None => Evidence::default(),
    };
    let settings = PolicySettings { name, options: &options, grants, maker };
    let decision = policy.admit(settings, &subject, &evidence).await;
    Ok(decision.map(Answer::from).map_err(|failure| Stopped::Policy(Guest::policy(name), Box::new(failure))))
}

/// What the policy is asked about.
fn subject(input: &Input) -> Result<Subject, FlavorCallError> {
    if let Some(subject) = &input.subject {
        return read(subject.clone());
    }
    let Some(image) = &input.image else {
        let hint = "name it with `--image`, such as `--image ghcr.io/acme/train:v3`".into();
        return Err(FlavorCallError::Missing { export: Export::Admit, what: "an image", hint });
    };
    let image: Reference = image.parse().map_err(|reason| FlavorCallError::invalid("--image", reason))?;
    Ok(Subject::new(input.action.unwrap_or(Action::Push), &image))
}

fn read<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, FlavorCallError> {
    serde_json::from_value(value).map_err(|error| FlavorCallError::Json(error.into()))
}
