//! Tests a flavor that is a file against what the contract promises and what users expect: without network, and without
//! a registry, a connector or anything else that is stored.
//!
//! A [`Rule`] is one such promise. Rules about URIs are tried with texts that are made of the flavor's own examples;
//! rules about services with calls that are made of its description, and with recorded ones, each request of which is
//! then answered in every way in which services fail. Each call is one of `flavor_call`.

mod bases;
mod calls;
mod corpus;
mod descriptions;
mod error;
mod fault;
mod findings;
mod recorded;
mod recording;
mod rule;
mod service;
#[cfg(test)]
mod tests;
mod trial;
mod uris;

use std::collections::BTreeMap;

use secrecy::SecretString;

use crate::environment::Environment;
use crate::flavor::{Flavor, Maker};
use crate::flavor_call::Component;

pub(crate) use error::FlavorTestError;
pub(crate) use findings::{Finding, Outcome, Tried};
pub(crate) use recorded::recorded;
pub(crate) use recording::Recorded;
pub(crate) use rule::Rule;

use findings::Findings;
use trial::Subject;

/// Tests a flavor, also by recorded calls, each with the values of its fields. The result has an entry for every rule,
/// in order.
///
/// # Errors
/// When the component is a policy.
pub(crate) async fn test(
    component: &Component,
    recorded: Vec<(Recorded, BTreeMap<String, SecretString>)>,
    maker: Maker,
    environment: &Environment,
) -> Result<Vec<Tried>, FlavorTestError> {
    let flavor = flavor(component)?;
    let subject = Subject { component, flavor, maker, environment };
    let mut findings = Findings::default();
    descriptions::test(&subject, &mut findings).await;
    uris::test(&subject, &mut findings).await;
    for (call, fields) in recorded {
        let base = recorded::base(call, fields, component);
        recorded::test(&subject, &base, &mut findings).await;
        calls::test(&subject, &base, true, &mut findings).await;
    }
    for (base, with_faults) in bases::of_description(&subject).await {
        calls::test(&subject, &base, with_faults, &mut findings).await;
    }
    Ok(findings.by_rule())
}

/// The flavor of a component.
fn flavor(component: &Component) -> Result<&Flavor, FlavorTestError> {
    match component {
        Component::Flavor(flavor) => Ok(flavor),
        Component::Policy(policy) => Err(FlavorTestError::Policy(policy.description().name.to_string().into())),
    }
}
