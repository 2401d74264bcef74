//! Bindings of version 0.1 of the contract, made from its frozen copy `wit/since-v0.1`.

wasmtime::component::bindgen!({
    path: "../wit/since-v0.1",
    world: "crhost:flavor/guest",
    imports: { "crhost:flavor/http.send": async | trappable, default: trappable },
    exports: { default: async },
    with: { "crhost:flavor/secrets.secret": crate::flavor::secrets::Secret },
});
