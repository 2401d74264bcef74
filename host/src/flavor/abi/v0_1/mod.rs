//! Version 0.1 of the contract: bindings made from `wit/`, and the calls. Conversions are in `convert`, what a guest may call
//! in `imports`.

mod convert;
#[cfg(any(test, fuzzing))]
mod fuzzing;
mod imports;
mod optional;

use wasmtime::component::types::{self as item, ComponentItem};
use wasmtime::component::{HasSelf, Linker};
use wasmtime::error::Context as _;
use wasmtime::{Engine, Store};

use super::Answer;
use crate::flavor::model::{self, Asked, FlavorCredential};
use crate::flavor::state::State;

pub(in crate::flavor) use optional::Abilities;
pub(super) use optional::{identify, list_resources};

wasmtime::component::bindgen!({
    path: "../wit",
    world: "crhost:flavor/guest",
    imports: { "crhost:flavor/http.send": async | trappable, default: trappable },
    exports: { default: async },
    with: { "crhost:flavor/secrets.secret": crate::flavor::secrets::Secret },
});

#[cfg(any(test, fuzzing))]
pub(in crate::flavor) use fuzzing::fuzz_conversions;

use self::crhost::flavor::types;
use exports::crhost::flavor::flavor as wit;

/// The contract's interfaces that a flavor may import.
pub(super) const IMPORTS: [&str; 5] = ["clock", "http", "log", "secrets", "types"];

/// Whether a version of the contract is this one; within `0.1` the host only ever adds to what it offers.
pub(super) fn speaks(version: &semver::Version) -> bool {
    (version.major, version.minor) == (0, 1) && version.pre.is_empty() && version.build.is_empty()
}

/// Offers the contract's imports.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    Guest::add_to_linker::<State, HasSelf<State>>(linker, |state| state)
}

/// Compares the types of what a component exports with the contract's. The bindings would do so only on an instance, when
/// code of the component has run already. Gives the optional interfaces that it has.
pub(super) fn check_exports(
    engine: &Engine,
    component: &item::Component,
    version: &semver::Version,
) -> wasmtime::Result<Abilities> {
    let types = component.instance_type();
    let flavor = interface(engine, component, &format!("{}{version}", super::FLAVOR));
    let function = |name: &str| match member(engine, flavor.as_ref(), name) {
        Some(function) => Ok(function),
        None => Err(wasmtime::format_err!("`{name}` is not exported")),
    };
    let describe = function("describe")?;
    describe.typecheck::<(), (wit::Description,)>(&types).context("`describe`")?;
    let validate = function("validate-uri")?;
    validate.typecheck::<(&str,), (Result<wit::AcceptedUri, types::Failure>,)>(&types).context("`validate-uri`")?;
    let prepare = function("prepare-image-push")?;
    prepare.typecheck::<Question, (Result<wit::Prepared, types::Failure>,)>(&types).context("`prepare-image-push`")?;
    let credentials = function("credentials")?;
    credentials.typecheck::<Question, (Result<wit::Credential, types::Failure>,)>(&types).context("`credentials`")?;
    Abilities::find(engine, component, version)
}

/// An exported interface.
fn interface(engine: &Engine, component: &item::Component, name: &str) -> Option<ComponentItem> {
    component.get_export(engine, name).map(|export| export.ty)
}

/// A function of an exported interface.
fn member(engine: &Engine, interface: Option<&ComponentItem>, name: &str) -> Option<item::ComponentFunc> {
    let Some(ComponentItem::ComponentInstance(interface)) = interface else { return None };
    match interface.get_export(engine, name)?.ty {
        ComponentItem::ComponentFunc(function) => Some(function),
        _ => None,
    }
}

/// What the two questions about a push are given.
type Question<'a> = (&'a types::Registry, Option<&'a types::Connector>, &'a types::Image);

pub(super) async fn describe(guest: &GuestPre<State>, store: &mut Store<State>) -> Answer<model::Description> {
    let guest = guest.instantiate_async(&mut *store).await?;
    let description = guest.crhost_flavor_flavor().call_describe(&mut *store).await?;
    Ok(convert::description(description).map(Ok))
}

pub(super) async fn validate_uri(
    guest: &GuestPre<State>,
    store: &mut Store<State>,
    uri: &str,
) -> Answer<model::AcceptedUri> {
    let guest = guest.instantiate_async(&mut *store).await?;
    let answer = guest.crhost_flavor_flavor().call_validate_uri(&mut *store, uri).await?;
    Ok(convert::answer(answer, convert::accepted_uri))
}

pub(super) async fn prepare_image_push(
    guest: &GuestPre<State>,
    store: &mut Store<State>,
    asked: Asked<'_>,
) -> Answer<model::Prepared> {
    let guest = guest.instantiate_async(&mut *store).await?;
    let (registry, connector, image) = convert::asked(store, asked)?;
    let answer = guest
        .crhost_flavor_flavor()
        .call_prepare_image_push(&mut *store, &registry, connector.as_ref(), &image)
        .await?;
    Ok(convert::answer(answer, convert::prepared))
}

pub(super) async fn credentials(
    guest: &GuestPre<State>,
    store: &mut Store<State>,
    asked: Asked<'_>,
) -> Answer<FlavorCredential> {
    let guest = guest.instantiate_async(&mut *store).await?;
    let (registry, connector, image) = convert::asked(store, asked)?;
    let answer =
        guest.crhost_flavor_flavor().call_credentials(&mut *store, &registry, connector.as_ref(), &image).await?;
    let credential = convert::answer(answer, |credential| convert::credential(store, credential));
    Ok(credential.map(Result::flatten))
}
