//! Bindings of the contract, made from `wit/`.

wasmtime::component::bindgen!({
    path: "../wit",
    world: "crhost:flavor/guest",
    imports: { "crhost:flavor/http.send": async | trappable, default: trappable },
    exports: { default: async },
    with: { "crhost:flavor/secrets.secret": crate::flavor::secrets::Secret },
});
