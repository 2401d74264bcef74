//! Bindings of the world `policy`. What a policy imports are the interfaces of version 0.1, which are linked already.

wasmtime::component::bindgen!({
    path: "../wit",
    world: "crhost:flavor/policy",
    imports: { default: trappable },
    exports: { default: async },
    with: {
        "crhost:flavor/secrets": crate::flavor::abi::v0_1::bindings::crhost::flavor::secrets,
        "crhost:flavor/http": crate::flavor::abi::v0_1::bindings::crhost::flavor::http,
        "crhost:flavor/clock": crate::flavor::abi::v0_1::bindings::crhost::flavor::clock,
        "crhost:flavor/log": crate::flavor::abi::v0_1::bindings::crhost::flavor::log,
    },
});
