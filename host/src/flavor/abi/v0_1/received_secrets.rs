//! The interface `received-secrets`, which 0.1.1 added: the host offers it beside those of the first release.

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Linker, Lower, Resource};

use super::bindings::crhost::flavor::{http, secrets};
use super::imports;
use crate::egress::WantedSecret;
use crate::flavor::limits;
use crate::flavor::sandbox::SandboxState;
use crate::flavor::secrets::Secret;

/// The interface.
const INTERFACE: &str = "crhost:flavor/received-secrets@0.1.1";

/// `received`
#[derive(ComponentType, Lower)]
#[component(record)]
struct Received {
    /// The answer.
    response: http::Response,
    /// The secret.
    secret: Option<Resource<Secret>>,
}

/// The parameters of `receive`.
type Parameters = (http::Request, Vec<String>, secrets::Encoding);

/// The result of `receive`.
type Answer = Result<Received, http::Error>;

/// Offers the interface.
///
/// # Errors
/// When the runtime refuses the definition, which no input can bring about.
pub(super) fn add_to_linker(linker: &mut Linker<SandboxState>) -> wasmtime::Result<()> {
    let mut instance = linker.instance(INTERFACE)?;
    instance.func_wrap_async("receive", |mut store: StoreContextMut<'_, SandboxState>, parameters: Parameters| {
        Box::new(async move { Ok((receive(store.data_mut(), parameters).await?,)) })
    })
}

async fn receive(state: &mut SandboxState, (request, path, encoding): Parameters) -> wasmtime::Result<Answer> {
    if path.len() > limits::MEMBER_DEPTH {
        return Ok(Err(http::Error::TooLarge));
    }
    let request = match state.request(request)? {
        Ok(request) => request,
        Err(refused) => return Ok(Err(imports::error(refused))),
    };
    let wanted = WantedSecret { path, encoding: imports::encoding(encoding) };
    match state.egress.receive(request, &wanted).await {
        Ok(received) => {
            let secret = received.secret.map(|value| state.table.push(Secret::received(value))).transpose()?;
            Ok(Ok(Received { response: imports::response(received.response), secret }))
        }
        Err(error) => Ok(Err(imports::error(error))),
    }
}
