//! The functions that take untrusted bytes, for the fuzz targets.

#![allow(clippy::expect_used, clippy::panic, reason = "a promise that is not kept stops the fuzzer")]

use std::sync::OnceLock;

use super::abi;
use super::runtime::Runtime;

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new(None).expect("a runtime"))
}

/// Admits a component or refuses it; one that is admitted validates a URI.
pub(crate) fn admission(input: &[u8]) {
    let executor = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread");
    executor.block_on(async {
        if let Ok(flavor) = runtime().admit("it", input).await {
            // Any answer will do: the call must end.
            let _ = flavor.validate_uri("registry.example.com/acme").await;
        }
    });
    executor.shutdown_background();
}

/// Lifts answers that a guest could give.
pub(crate) fn conversions(input: &[u8]) {
    abi::fuzz_lifting(&mut runtime().closed_store("fuzz"), input);
}
