//! The entrances of this module that a stranger's bytes come through, for the fuzz targets.

#![allow(clippy::expect_used, clippy::panic, reason = "a promise that is not kept stops the fuzzer")]

use std::sync::OnceLock;

use super::{Runtime, abi};

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new(None).expect("a runtime"))
}

/// Admits a component or says why not; one that is admitted is asked for its description and a verdict.
pub(crate) fn admission(input: &[u8]) {
    let executor = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread");
    executor.block_on(async {
        if let Ok(flavor) = runtime().admit(input).await {
            // Whatever it says: it must come back.
            let _ = flavor.validate_uri("registry.example.com/acme").await;
        }
    });
    executor.shutdown_background();
}

/// Converts what a guest could answer.
pub(crate) fn conversions(input: &[u8]) {
    abi::fuzz_conversions(&mut runtime().store(), input);
}
