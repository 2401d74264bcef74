//! Components that are refused before anything of them runs, or as soon as they are instantiated.

use super::ends::{End, no_flavor};
use crate::support::programs::components;

const NO_FLAVOR: &str = "it is a component but no flavor: it does not export `crhost:flavor/flavor`";
const NO_DESCRIBE: &str = "it does not fit the contract: `describe` is not exported";

/// The end of one that speaks another version of the contract.
fn speaks(version: &str) -> End {
    no_flavor(&format!("it speaks version {version} of `crhost:flavor`, this crhost speaks 0.1"))
}

/// The end of one that wants what is not on offer.
fn imports(name: &str) -> End {
    no_flavor(&format!("it imports `{name}`, which crhost does not offer"))
}

/// The end of one that wants what an interface on offer does not have.
fn lacks(interface: &str, function: &str) -> End {
    no_flavor(&format!(
        "it does not fit the contract: it imports `{function}` of `{interface}`, which crhost does not have"
    ))
}

/// The end of one that is no component for this crhost's engine.
fn invalid(why: &str) -> End {
    no_flavor(&format!("it is no valid component: {why}"))
}

cases! { "components", components::whole,
    exports_a_build_of_the_contract => speaks("0.1.0+call-this-number");
    exports_a_contract_twice => no_flavor(
        "it exports `crhost:flavor/flavor` as 0.1.0 and as 0.1.1, expected one version that this crhost speaks",
    );
    exports_a_flavor_without_functions => no_flavor(NO_DESCRIBE);
    exports_a_function_of_the_name => no_flavor(NO_DESCRIBE);
    exports_a_long_version => speaks(&format!("0.2.0-{}…", "a".repeat(94)));
    exports_a_newer_contract => speaks("0.2.0");
    exports_a_prerelease_of_the_contract => speaks("0.1.0-rc.1");
    exports_an_older_contract => speaks("0.0.9");
    exports_another_interface => no_flavor(
        "it is a component of another world: it exports `wasi:http/incoming-handler@0.2.0`, and not \
         `crhost:flavor/flavor`",
    );
    exports_functions_of_other_types =>
        no_flavor("it does not fit the contract: `describe`: expected `record` found `u32`");
    exports_nothing => no_flavor(NO_FLAVOR);
    exports_two_contracts => no_flavor(NO_DESCRIBE);
    imports_a_contract_without_version => imports("crhost:flavor/http");
    imports_a_core_module => imports("more");
    imports_a_door_of_another_type => lacks("crhost:flavor/clock@0.1.0", "wind-back");
    imports_a_function => imports("run");
    imports_a_newer_contract => imports("crhost:flavor/http@0.2.0");
    imports_a_newer_wasi => imports("wasi:clocks/monotonic-clock@0.3.0");
    imports_a_way_to_read_secrets => lacks("crhost:flavor/secrets@0.1.0", "[method]secret.reveal");
    // Sockets and HTTP are closed, and no reason.
    imports_sockets => no_flavor(NO_DESCRIBE);
    imports_the_unknown => imports("evil:host/x");
    imports_wasi_http => no_flavor(NO_DESCRIBE);
    lifts_asynchronously =>
        invalid("canonical option `async` requires the component model async feature (at offset …)");
    passes_a_future => invalid("`future` requires the component model async feature (at offset …)");
    passes_a_stream => invalid("`stream` requires the component model async feature (at offset …)");
}

/// Core modules with features, most of which the engine leaves off.
mod features {
    use super::{End, components, invalid};

    cases! { "modules", components::beside_module,
        calls_in_tail_position =>
            invalid("Invalid input WebAssembly code at offset …: tail calls support is not enabled");
        collects_garbage => invalid("struct indexed types not supported without the gc feature (at offset …)");
        has_64_bit_memory => invalid("memory64 must be enabled for 64-bit memories (at offset …)");
        // As composed components have them; their memory is summed up.
        has_two_memories => End::Pushed;
        refers_to_functions_by_type =>
            invalid("function references required for index reference types (at offset …)");
        relaxes_its_vectors =>
            invalid("Invalid input WebAssembly code at offset …: relaxed SIMD support is not enabled");
        shares_its_memory => invalid("threads must be enabled for shared memories (at offset …)");
        switches_stacks =>
            invalid("cannot define continuation types when stack switching is disabled (at offset …)");
        throws_exceptions => invalid("exceptions proposal not enabled (at offset …)");
    }
}

#[test]
fn nobody_brings_a_crowd() {
    for (module, modules, instances, end) in [
        // More than the format allows, each of them small.
        ("(module)", 1_001, 0, invalid("modules count exceeds limit of 1000 (at offset …)")),
        ("(module)", 1, 1_001, invalid("instances count exceeds limit of 1000 (at offset …)")),
        // Many that wait, and never run.
        ("(module)", 900, 0, End::Pushed),
        // More than the host allows.
        ("(module)", 900, 1, no_flavor("`describe` stopped: resource limit exceeded: instance count too high at 51")),
        (
            "(module (memory 1))",
            900,
            1,
            no_flavor("`describe` stopped: resource limit exceeded: memory count too high at 9"),
        ),
        (
            "(module (table 1 funcref))",
            1,
            20,
            no_flavor("`describe` stopped: resource limit exceeded: table count too high at 17"),
        ),
        // Few, and more than the host allows when they are summed up: 7 times 20 MiB, and 4 times 30,000 elements.
        ("(module (memory 320))", 1, 7, no_flavor("`describe` needed more than 128 MiB of memory")),
        ("(module (table 30000 funcref))", 1, 4, no_flavor("`describe` needed more than 100000 table elements")),
    ] {
        end.meet(components::crowded(components::flavor(""), module, modules, instances));
    }
}

#[test]
fn nearly_the_right_types_are_not_the_right_types() {
    let lists = r#"(func (export "crhost:flavor/resources@0.1.0#list-resources") (param i32 i32 i32 i32 i32 i32) (result i32)
        unreachable)"#;
    let lists_names = "result<list<string>, failure>";
    for (world, original, edit, text, why) in [
        (
            "guest",
            "warnings: list<string>,",
            "warnings: list<u32>,",
            "",
            "`validate-uri`: type mismatch for field warnings: expected `string` found `u32`",
        ),
        (
            "guest",
            "tag: option<string>,",
            "tag: option<string>, more: bool,",
            "",
            "`prepare-image-push`: expected record of 4 fields, found 5 fields",
        ),
        (
            "guest",
            "        /// None of the above.\n",
            "        worse,\n",
            "",
            "`validate-uri`: type mismatch for field kind: expected enum of 9 names, found 10 names",
        ),
        (
            "guest-with-resources",
            lists_names,
            "result<list<u32>, failure>",
            lists,
            "`list-resources`: expected `string` found `u32`",
        ),
    ] {
        let end = no_flavor(&format!("it does not fit the contract: {why}"));
        end.meet(components::flavor_for_another_contract(world, original, edit, text));
    }
    // It is what it lists that is refused, not that it lists.
    let world = "guest-with-resources";
    End::Pushed.meet(components::flavor_for_another_contract(world, lists_names, lists_names, lists));
}
