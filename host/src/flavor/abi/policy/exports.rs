//! The functions of a policy: their types checked before any code runs, and their calls.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use wasmtime::component::{Component, Linker};
use wasmtime::error::Context as _;
use wasmtime::{Engine, Store};

use super::bindings::exports::crhost::flavor::admission as wit;
use super::bindings::{Policy, PolicyPre};
use super::contract::{ADMISSION_INTERFACE, PolicyContract};
use super::{lift, lower};
use crate::flavor::abi::answer::Answer;
use crate::flavor::abi::v0_1::{function_of, interface};
use crate::flavor::model::{Decision, Evidence, PolicyDescription, Subject};
use crate::flavor::sandbox::SandboxState;

/// A policy.
struct Exports {
    policy: PolicyPre<SandboxState>,
}

/// Compares the types of a component's exports with the contract's, before any of its code runs.
///
/// # Errors
/// When an import or export has another type than the contract's.
pub(in crate::flavor::abi) fn bind(
    engine: &Engine,
    linker: &Linker<SandboxState>,
    component: &Component,
    version: &semver::Version,
) -> wasmtime::Result<Box<dyn PolicyContract>> {
    let instance = linker.instantiate_pre(component)?;
    let component = linker.substituted_component_type(component)?;
    let types = component.instance_type();
    let admission = interface(engine, &component, &format!("{ADMISSION_INTERFACE}{version}"));
    let function = |name: &str| {
        function_of(engine, admission.as_ref(), name).ok_or_else(|| wasmtime::format_err!("`{name}` is not exported"))
    };
    function("describe")?.typecheck::<(), (wit::PolicyDescription,)>(&types).context("`describe`")?;
    function("admit")?.typecheck::<(&wit::Subject, &wit::Evidence), (wit::Decision,)>(&types).context("`admit`")?;
    Ok(Box::new(Exports { policy: PolicyPre::new(instance)? }))
}

impl Exports {
    async fn instance(&self, store: &mut Store<SandboxState>) -> wasmtime::Result<Policy> {
        self.policy.instantiate_async(store).await
    }
}

impl PolicyContract for Exports {
    fn describe<'a>(&'a self, store: &'a mut Store<SandboxState>) -> BoxFuture<'a, Answer<PolicyDescription>> {
        async move {
            let instance = self.instance(store).await?;
            let described = instance.crhost_flavor_admission().call_describe(store).await?;
            Ok(lift::description(described).into())
        }
        .boxed()
    }

    fn admit<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        subject: &'a Subject,
        options: &'a [(String, String)],
        evidence: &'a Evidence,
    ) -> BoxFuture<'a, Answer<Decision>> {
        async move {
            let instance = self.instance(store).await?;
            let (subject, evidence) = (lower::subject(subject, options), lower::evidence(evidence));
            let decided = instance.crhost_flavor_admission().call_admit(store, &subject, &evidence).await?;
            Ok(lift::decision(decided).into())
        }
        .boxed()
    }
}
