//! One test for each language: the lines of the project's README.

use std::fs;
use std::os::unix::fs::symlink;

use super::{NAME, assert_pushes, assert_uris, project};
use crate::support::programs::crhost::{Home, repository};
use crate::support::programs::{guest, toolchains};
use crate::support::skip::{Capability, skip};

#[test]
fn a_project_in_rust_is_tested_built_by_both_commands_and_pushes() {
    let home = Home::new();
    let project = project(&home, "rust");
    // The versions that are on this machine already.
    fs::copy(repository().join("flavors/Cargo.lock"), project.join("Cargo.lock")).unwrap();
    guest::test_project(&project);
    assert_pushes(&home, &guest::build_project(&project, "acme_two"));
    match guest::build_project_with_cargo_component(&project, "acme_two") {
        Some(component) => {
            home.ok(&["flavor", "register", component.to_str().unwrap(), "--replace", "--yes"]);
            assert_uris(&home);
        }
        None => skip(Capability::CargoComponent, "cargo-component is not installed"),
    }
}

#[test]
fn a_project_in_python_is_tested_built_and_pushes() {
    let Some(programs) = toolchains::python(Capability::ComponentizePy) else { return };
    let home = Home::new();
    let project = project(&home, "python");
    toolchains::shell(
        &project,
        &programs,
        "componentize-py -d wit -w guest bindings bindings
         python -m unittest
         componentize-py -d wit -w guest componentize flavor -o acme-two.wasm",
    );
    assert_pushes(&home, &project.join("acme-two.wasm"));
}

#[test]
fn a_project_in_javascript_is_tested_built_and_pushes() {
    let Some(modules) = toolchains::node_modules() else { return };
    let home = Home::new();
    let project = project(&home, "javascript");
    symlink(&modules, project.join("node_modules")).unwrap();
    toolchains::shell(&project, &modules.join(".bin"), "npm test --silent && npm run build --silent");
    assert_pushes(&home, &project.join("acme-two.wasm"));
}

#[test]
fn a_project_in_c_is_tested_built_and_pushes() {
    let Some(programs) = toolchains::python(Capability::Zig) else { return };
    let home = Home::new();
    let project = project(&home, "c");
    toolchains::shell(&project, &programs, "make test && make");
    assert_pushes(&home, &project.join(format!("{NAME}.wasm")));
}

#[test]
fn a_project_in_go_is_tested_built_and_pushes() {
    let Some(programs) = toolchains::python(Capability::Go) else { return };
    let home = Home::new();
    let project = project(&home, "go");
    // Nothing is downloaded: all that it needs is in the project.
    toolchains::shell(&project, &programs, "export GOPROXY=off GOTOOLCHAIN=local; make test && make");
    assert_pushes(&home, &project.join(format!("{NAME}.wasm")));
}
