//! The macro that turns a type into a component's exports.

/// Exports a type that implements [`Flavor`](crate::Flavor) as this component's flavor; once per crate.
///
/// A panic of the flavor is written to the log, at level warn, before the component traps.
///
/// ```ignore
/// struct MyFlavor;
/// impl crhost_flavor::Flavor for MyFlavor { /* … */ }
/// crhost_flavor::export!(MyFlavor);
/// ```
#[macro_export]
macro_rules! export {
    ($flavor:ty) => {
        const _: () = {
            // A native linker takes no symbols with the names of a component's exports, so that unit tests, which are
            // native, only check the type.
            #[cfg(target_arch = "wasm32")]
            type Exported = $crate::panic::Reporting<$flavor>;
            #[cfg(target_arch = "wasm32")]
    $crate::bindings::export_guest!(Exported with_types_in $crate::bindings);
            #[cfg(not(target_arch = "wasm32"))]
            const _: fn() -> $crate::Description = <$flavor as $crate::Flavor>::describe;
        };
    };
}
