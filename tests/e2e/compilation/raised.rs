//! Limits of components that the user raises.

use std::fs;

use crate::support::programs::components;
use crate::support::programs::crhost::Home;

#[test]
fn a_component_that_is_too_large_is_registered_where_the_limits_are_raised() {
    let mut home = Home::without_cache();
    // A flavor with a section that says nothing, of 33 MiB: its length as LEB128, and an empty name.
    let mut component = components::flavor("");
    component.extend([0, 0x80, 0x80, 0x80 | 0x40, 0x10, 0]);
    component.resize(component.len() + (0x10 << 21 | 0x40 << 14) - 1, 0);
    fs::write(home.path("it.wasm"), component).unwrap();
    let register = ["flavor", "register", "it.wasm"];
    home.fails(7, &register).says("`CRHOST_COMPONENT_LIMITS=4`");
    for wrong in ["0", "9", "64MiB"] {
        home.set("CRHOST_COMPONENT_LIMITS", wrong);
        home.fails(2, &register).says(&format!("is `{wrong}`, expected a whole number from 1 to 4"));
    }
    home.set("CRHOST_COMPONENT_LIMITS", "2");
    home.ok(&register);
    home.ok(&["registry", "register", "it", "--flavor=drawback", "--uri=localhost:5000/vault"]);
}
