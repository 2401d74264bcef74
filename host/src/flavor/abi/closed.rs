//! Interfaces of WASI that are offered closed. Interpreters and their standard libraries import sockets and HTTP
//! whether the flavor uses them or not; so they can be linked, and nothing behind them is there.
//!
//! No code of WASI stands behind a name here. The functions are made from the types that the component itself declares:
//! one whose result can be an error answers `access-denied`, one that gives a resource gives an empty handle, and every
//! other answers with nothing, or traps where there is no such answer.

use wasmtime::component::types::{ComponentFunc, ComponentItem, Type};
use wasmtime::component::{Component, Linker, Resource, ResourceAny, ResourceType, Val};
use wasmtime::{AsContextMut, Engine};

use super::wasi;
use crate::flavor::sandbox::SandboxState;

/// The packages.
const PACKAGES: [&str; 2] = ["wasi:sockets/", "wasi:http/"];

/// The errors that say it best, by the names that the interfaces have for them; the first one that is there is taken.
const ERRORS: [&str; 3] = ["access-denied", "HTTP-request-denied", "not-supported"];

/// What every resource of a closed interface is.
struct Nothing;

/// Whether an interface is offered closed.
pub(super) fn is_offered(name: &str, version: &semver::Version) -> bool {
    PACKAGES.iter().any(|package| name.starts_with(package)) && wasi::speaks(version)
}

/// Adds the closed interfaces that a component imports.
///
/// # Errors
/// When the component declares one in a way that can't be linked.
pub(super) fn add_to_linker(
    linker: &mut Linker<SandboxState>,
    engine: &Engine,
    component: &Component,
) -> wasmtime::Result<()> {
    let types = component.component_type();
    // Resources that an earlier interface defines: a later one only repeats them.
    let mut known: Vec<ResourceType> = Vec::new();
    for (name, import) in types.imports(engine) {
        let ComponentItem::ComponentInstance(interface) = import.ty else { continue };
        let is_closed = PACKAGES.iter().any(|package| name.starts_with(package));
        let mut instance = if is_closed { Some(linker.instance(name)?) } else { None };
        for (export, item) in interface.exports(engine) {
            match (item.ty, &mut instance) {
                (ComponentItem::Resource(resource), instance) => {
                    let is_new = !known.contains(&resource);
                    known.push(resource);
                    if let Some(instance) = instance.as_mut().filter(|_| is_new) {
                        instance.resource(export, ResourceType::host::<Nothing>(), |_, _| Ok(()))?;
                    }
                }
                (ComponentItem::ComponentFunc(_), Some(instance)) => {
                    let full = format!("{name}#{export}");
                    instance.func_new(export, move |mut store, function, _, results| {
                        answer(&mut store, &full, &function, results)
                    })?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Answers a call of a closed function.
fn answer(
    store: &mut impl AsContextMut,
    name: &str,
    function: &ComponentFunc,
    results: &mut [Val],
) -> wasmtime::Result<()> {
    for (result, of_type) in results.iter_mut().zip(function.results()) {
        *result = nothing(store, &of_type)?.ok_or_else(|| {
            wasmtime::format_err!("`{name}` is closed: `crhost:flavor/http` is a flavor's only way to the network")
        })?;
    }
    Ok(())
}

/// The value that says no, or else the empty one; absent if a type has neither.
fn nothing(store: &mut impl AsContextMut, of_type: &Type) -> wasmtime::Result<Option<Val>> {
    Ok(Some(match of_type {
        Type::Result(result) => match result.err() {
            None => Val::Result(Err(None)),
            Some(error) => match denial(&error) {
                Some(denial) => Val::Result(Err(Some(Box::new(denial)))),
                None => return Ok(None),
            },
        },
        Type::Option(_) => Val::Option(None),
        Type::List(_) => Val::List(Vec::new()),
        Type::String => Val::String(String::new()),
        Type::Bool => Val::Bool(false),
        Type::U8 => Val::U8(0),
        Type::U16 => Val::U16(0),
        Type::U32 => Val::U32(0),
        Type::U64 => Val::U64(0),
        Type::Own(resource) if *resource == ResourceType::host::<Nothing>() => {
            Val::Resource(ResourceAny::try_from_resource(Resource::<Nothing>::new_own(0), store)?)
        }
        _ => return Ok(None),
    }))
}

/// The error of a type that says best that something is not allowed.
fn denial(error: &Type) -> Option<Val> {
    let best = |names: &[String]| ERRORS.iter().find(|error| names.iter().any(|name| name == *error));
    match error {
        Type::Enum(error) => {
            let names: Vec<String> = error.names().map(str::to_owned).collect();
            best(&names).map(|name| Val::Enum((*name).to_owned()))
        }
        Type::Variant(error) => {
            // Only cases without a value, which would have to be made up.
            let bare = error.cases().filter(|case| case.ty.is_none());
            let names: Vec<String> = bare.map(|case| case.name.to_owned()).collect();
            best(&names).map(|name| Val::Variant((*name).to_owned(), None))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::Store;
    use wasmtime::component::Instance;

    use super::*;
    use crate::flavor::abi;
    use crate::flavor::runtime::Runtime;

    /// Imports as Python's and JavaScript's interpreters have them, each function handed on as an export.
    const GUEST: &str = r#"(component
        (import "wasi:io/poll@0.2.6" (instance $poll (export "pollable" (type (sub resource)))))
        (alias export $poll "pollable" (type $pollable))
        (import "wasi:sockets/network@0.2.6" (instance $network
            (export "network" (type (sub resource)))
            (type $code (enum "unknown" "access-denied" "not-supported"))
            (export "error-code" (type (eq $code)))))
        (alias export $network "network" (type $net))
        (alias export $network "error-code" (type $code))
        (import "wasi:sockets/instance-network@0.2.6" (instance $instance
            (export "network" (type $n (eq $net)))
            (export "instance-network" (func (result (own $n))))))
        (import "wasi:sockets/tcp@0.2.6" (instance $tcp
            (export "pollable" (type $p (eq $pollable)))
            (export "tcp-socket" (type $socket (sub resource)))
            (export "[method]tcp-socket.subscribe" (func (param "self" (borrow $socket)) (result (own $p))))))
        (alias export $tcp "tcp-socket" (type $tcp-socket))
        (import "wasi:sockets/tcp-create-socket@0.2.6" (instance $create
            (export "tcp-socket" (type $s (eq $tcp-socket)))
            (export "error-code" (type $e (eq $code)))
            (export "create-tcp-socket" (func (result (result (own $s) (error $e)))))))
        (import "wasi:http/types@0.2.6" (instance $http
            (export "fields" (type $fields (sub resource)))
            (type $error (variant (case "DNS-error" string) (case "HTTP-request-denied")))
            (export "error-code" (type $http-error (eq $error)))
            (export "[constructor]fields" (func (result (own $fields))))
            (export "[method]fields.entries" (func (param "self" (borrow $fields)) (result (list string))))
            (export "send" (func (result (result (error $http-error)))))
            (export "odd" (func (result f32)))))
        (core module $memory (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
        (core instance $memory (instantiate $memory))
        (alias core export $memory "memory" (core memory $m))
        (alias core export $memory "realloc" (core func $realloc))
        (core func $network (canon lower (func $instance "instance-network")))
        (core func $create (canon lower (func $create "create-tcp-socket") (memory $m)))
        (core func $fields (canon lower (func $http "[constructor]fields")))
        (core func $send (canon lower (func $http "send") (memory $m) (realloc $realloc)))
        (core func $odd (canon lower (func $http "odd")))
        (core module $guest
            (import "closed" "memory" (memory 1))
            (import "closed" "network" (func $network (result i32)))
            (import "closed" "create" (func $create (param i32)))
            (import "closed" "fields" (func $fields (result i32)))
            (import "closed" "send" (func $send (param i32)))
            (import "closed" "odd" (func $odd (result f32)))
            ;; Of a result: 1 for an error, and the number of the error, each in a byte.
            (func (export "create") (result i32) (call $create (i32.const 0)) (call $error))
            (func (export "send") (result i32) (call $send (i32.const 0)) (call $error))
            (func $error (result i32) (i32.or (i32.load8_u (i32.const 0)) (i32.shl (i32.load8_u (i32.const 4)) (i32.const 8))))
            (func (export "handles") (result i32) (i32.add (call $network) (call $fields)))
            (func (export "odd") (result i32) (i32.trunc_f32_s (call $odd))))
        (core instance $guest (instantiate $guest (with "closed" (instance
            (export "memory" (memory $m)) (export "network" (func $network)) (export "create" (func $create))
            (export "fields" (func $fields)) (export "send" (func $send)) (export "odd" (func $odd))))))
        (func (export "create") (result u32) (canon lift (core func $guest "create")))
        (func (export "send") (result u32) (canon lift (core func $guest "send")))
        (func (export "handles") (result u32) (canon lift (core func $guest "handles")))
        (func (export "odd") (result u32) (canon lift (core func $guest "odd"))))"#;

    async fn call(store: &mut Store<SandboxState>, instance: &Instance, name: &str) -> wasmtime::Result<u32> {
        let function = instance.get_typed_func::<(), (u32,)>(&mut *store, name).unwrap();
        Ok(function.call_async(&mut *store, ()).await?.0)
    }

    #[tokio::test]
    async fn sockets_and_http_can_be_imported_and_lead_nowhere() {
        let runtime = Runtime::new(None).unwrap();
        let mut store = runtime.closed_store("test");
        store.set_epoch_deadline(1_000_000);
        let engine = store.engine().clone();
        let component = Component::new(&engine, wat::parse_str(GUEST).unwrap()).unwrap();
        let mut linker = abi::linker(&engine).unwrap();
        add_to_linker(&mut linker, &engine, &component).unwrap();
        let instance = async |store: &mut _| linker.instantiate_async(store, &component).await.unwrap();
        let one = instance(&mut store).await;
        // An error, of which the second case is the one.
        assert_eq!(call(&mut store, &one, "create").await.unwrap(), 0x101, "`access-denied`");
        assert_eq!(call(&mut store, &one, "send").await.unwrap(), 0x101, "`HTTP-request-denied`");
        assert!(call(&mut store, &one, "handles").await.unwrap() > 0);
        let trap = call(&mut store, &one, "odd").await.unwrap_err();
        assert!(format!("{trap:#}").contains("`wasi:http/types@0.2.6#odd` is closed"), "{trap:#}");
    }

    #[test]
    fn only_version_0_2_is_offered() {
        let offered = |name: &str, version: &str| is_offered(name, &version.parse().unwrap());
        assert!(offered("wasi:sockets/tcp", "0.2.0") && offered("wasi:http/outgoing-handler", "0.2.10"));
        assert!(!offered("wasi:http/types", "0.3.0") && !offered("wasi:httpx/types", "0.2.0"));
        assert!(!offered("wasi:keyvalue/store", "0.2.0"));
    }
}
