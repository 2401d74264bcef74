//! Files that people give to `flavor register` by mistake, or on purpose.

use std::fs::{self, File};
use std::os::unix::fs::symlink;

use crate::support::components::{self, COMPONENTS, FLAVORS};
use crate::support::crhost::Home;
use crate::support::process;

/// Gives a file and expects a refusal after which nothing is registered.
#[track_caller]
fn assert_refused(home: &Home, code: i32, file: &str, words: &str) {
    home.fails(code, &["flavor", "register", file]).says(words);
    let flavors = home.ok(&["flavor", "list", "-o", "json"]).json();
    assert_eq!(flavors["flavors"].as_array().unwrap().len(), 2, "{flavors}");
}

#[test]
fn what_is_no_component_is_refused_in_its_own_words() {
    let home = Home::new();
    let good = components::component(FLAVORS, "describes_itself_well");
    let core = wat::parse_str("(module)").unwrap();
    for (bytes, words) in [
        (&b""[..], "no WebAssembly component"),
        (b"\0as", "no WebAssembly component"),
        (b"(component)", "no WebAssembly component"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0", "`\\0asm`"),
        (&core, "core module"),
        (&good[..good.len() / 2], "no valid component"),
        (&[&good[..], b"and more"].concat(), "no valid component"),
    ] {
        fs::write(home.path("it.wasm"), bytes).unwrap();
        assert_refused(&home, 7, "it.wasm", words);
    }
}

#[test]
fn what_is_no_file_is_refused_without_waiting() {
    let home = Home::new();
    fs::create_dir(home.path("folder.wasm")).unwrap();
    process::tool("mkfifo", [home.path("pipe.wasm").to_str().unwrap()]).ok();
    symlink("folder.wasm", home.path("link.wasm")).unwrap();
    symlink("nowhere", home.path("dangling.wasm")).unwrap();
    for file in ["folder.wasm", "pipe.wasm", "link.wasm"] {
        assert_refused(&home, 7, file, "no regular file");
    }
    for file in ["missing.wasm", "dangling.wasm"] {
        assert_refused(&home, 3, file, file);
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let home = Home::new();
    // Without content on the disk: reading all of it would take a terabyte of memory.
    File::create(home.path("huge.wasm")).unwrap().set_len(1 << 40).unwrap();
    assert_refused(&home, 7, "huge.wasm", "at most");
}

#[test]
fn a_component_that_changed_since_it_was_registered_is_not_run() {
    let home = Home::new();
    fs::write(home.path("it.wasm"), components::component(FLAVORS, "describes_itself_well")).unwrap();
    home.ok(&["flavor", "register", "it.wasm"]);
    let stored = fs::read_dir(home.path("crhost/components/sha256")).unwrap().next().unwrap().unwrap().path();
    fs::write(stored, components::component(COMPONENTS, "exports_nothing")).unwrap();
    home.fails(1, &["flavor", "describe", "drawback"]).says("changed since it was registered");
}
