//! The function `join` of interface `secrets`, which version 0.1.1 added beside those of the frozen version.

use wasmtime::component::{ComponentType, Lift, Linker, Resource};
use wasmtime::{Result, StoreContextMut};

use super::bindings::crhost::flavor::secrets::Part;
use crate::flavor::sandbox::SandboxState;
use crate::flavor::secrets::{Escaping, Secret};

/// The interface, as the linker knows it already.
const INTERFACE: &str = "crhost:flavor/secrets@0.1.0";

/// How a value is escaped as a whole.
#[expect(dead_code, reason = "what components pass is lifted into it")]
#[derive(Debug, Clone, Copy, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
pub(super) enum WireEscaping {
    /// Not at all.
    #[component(name = "none")]
    None,
    /// For a URL.
    #[component(name = "percent")]
    Percent,
}

/// The answer: a handle, or a line for a person.
type Joined = std::result::Result<Resource<Secret>, String>;

/// Offers the function.
///
/// # Errors
/// When the interface is not linked.
pub(super) fn add_to_linker(linker: &mut Linker<SandboxState>) -> Result<()> {
    linker.instance(INTERFACE)?.func_wrap(
        "join",
        |mut store: StoreContextMut<'_, SandboxState>, (parts, escaping): (Vec<Part>, WireEscaping)| {
            store.data_mut().join(parts, escaping).map(|joined| (joined,))
        },
    )
}

impl SandboxState {
    /// Text and secrets in one.
    pub(super) fn join(&mut self, parts: Vec<Part>, escaping: WireEscaping) -> Result<Joined> {
        let escaping = match escaping {
            WireEscaping::None => Escaping::None,
            WireEscaping::Percent => Escaping::Percent,
        };
        let joined = self.message(parts)?.and_then(|parts| Secret::join(&parts, escaping));
        self.derived(joined)
    }
}
