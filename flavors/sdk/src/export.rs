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

/// Inside of `impl Flavor`: the functions of the interface `cleanup`, as a type that implements
/// [`Cleanup`](crate::cleanup::Cleanup) has them.
///
/// ```ignore
/// impl crhost_flavor::Flavor for MyFlavor {
///     /* … */
///     crhost_flavor::cleanup!(MyCleanup);
/// }
/// ```
#[macro_export]
macro_rules! cleanup {
    ($cleanup:ty) => {
        fn describe_cleanup() -> Vec<$crate::cleanup::CleanupOperations> {
            <$cleanup as $crate::cleanup::Cleanup>::operations()
        }

        fn list_repositories(
            registry: $crate::Registry,
            connector: Option<$crate::Connector>,
            page: Option<String>,
        ) -> Result<$crate::cleanup::RepositoryPage, $crate::Failure> {
            <$cleanup as $crate::cleanup::Cleanup>::list_repositories(&registry, connector.as_ref(), page.as_deref())
        }

        fn list_tags(
            registry: $crate::Registry,
            connector: Option<$crate::Connector>,
            repository: String,
            page: Option<String>,
        ) -> Result<$crate::cleanup::TagPage, $crate::Failure> {
            let (connector, page) = (connector.as_ref(), page.as_deref());
            <$cleanup as $crate::cleanup::Cleanup>::list_tags(&registry, connector, &repository, page)
        }

        fn delete_manifest(
            registry: $crate::Registry,
            connector: Option<$crate::Connector>,
            repository: String,
            digest: String,
        ) -> Result<(), $crate::Failure> {
            let connector = connector.as_ref();
            <$cleanup as $crate::cleanup::Cleanup>::delete_manifest(&registry, connector, &repository, &digest)
        }

        fn delete_tag(
            registry: $crate::Registry,
            connector: Option<$crate::Connector>,
            repository: String,
            tag: String,
        ) -> Result<(), $crate::Failure> {
            <$cleanup as $crate::cleanup::Cleanup>::delete_tag(&registry, connector.as_ref(), &repository, &tag)
        }
    };
}
