//! Files that are given to `flavor register` by mistake, or on purpose.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use super::ends::{self, FILE, REGISTER};
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::process;

/// Gives a file that is read and refused.
#[track_caller]
fn assert_is_no_flavor(home: &Home, file: &str, why: &str) {
    let error = format!("`{file}` is no flavor that crhost can use: {why}");
    ends::refused(home, 7, &["flavor", "register", file], &error);
    ends::assert_nothing_kept(home);
}

/// Gives a file that is not read to its end.
#[track_caller]
fn assert_is_not_read(home: &Home, code: i32, file: &str, why: &str) {
    let error = format!("`{file}` can't be read: {why}");
    ends::refused(home, code, &["flavor", "register", file], &error);
    ends::assert_nothing_kept(home);
}

const NO_WASM: &str = "it is no binary that begins with `\\0asm`, expected a WebAssembly component";

#[test]
fn what_is_no_component_is_refused_in_its_own_words() {
    let home = Home::new();
    let core = wat::parse_str("(module)").unwrap();
    for (bytes, why) in [
        (&b""[..], "it is empty, expected a WebAssembly component"),
        (b"\0as", NO_WASM),
        (b"\0asm\x0d\0\x01", NO_WASM),
        (b"(component)", "it is WebAssembly in its text form, expected a WebAssembly component"),
        (b"#!/bin/sh\n", "it is text, expected a WebAssembly component"),
        (b"PK\x03\x04\0", "it is an archive, expected a WebAssembly component"),
        // A program of this machine.
        (&fs::read("/bin/sh").unwrap(), "it is a native program, expected a WebAssembly component"),
        (&engine_s_own(), "it is compiled code, expected a WebAssembly component as its author built it"),
        (&core, "it is a WebAssembly core module, expected a component"),
        (b"\0asm\x0e\0\x01\0", "it is no valid component: its binary format is of an unknown version"),
        (b"\0asm\x0d\0\x01\0", "it is a component but no flavor: it does not export `crhost:flavor/flavor`"),
        (b"\0asm\x0d\0\x01\0\x77\0", "it is no valid component: malformed section id: 119 (at offset …)"),
        // Sections that say that they go on for longer than the file, or for ever.
        (b"\0asm\x0d\0\x01\0\0\xff\xff\xff\xff\x0f", "it is no valid component: unexpected end-of-file (at offset …)"),
        (
            b"\0asm\x0d\0\x01\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
            "it is no valid component: invalid var_u32: integer representation too long (at offset …)",
        ),
    ] {
        fs::write(home.path(FILE), bytes).unwrap();
        assert_is_no_flavor(&home, FILE, why);
    }
    ends::assert_serves_others(&home);
}

/// The beginning of what the engine itself writes when it compiles: an ELF header of its own operating system (200)
/// whose flags (2) say that it was a component.
fn engine_s_own() -> Vec<u8> {
    let mut header = [0; 64];
    header[..8].copy_from_slice(b"\x7fELF\x02\x01\x01\xc8");
    header[20] = 1;
    header[48] = 2;
    header[52] = 64;
    header.to_vec()
}

#[test]
fn a_part_of_a_flavor_is_none() {
    let home = Home::new();
    let whole = components::flavor("");
    for part in 0..64 {
        fs::write(home.path(FILE), &whole[..whole.len() * part / 64]).unwrap();
        let refused = home.fails(7, &REGISTER);
        refused.within(ends::PURE);
        refused.printable();
    }
    ends::assert_nothing_kept(&home);
    ends::assert_serves_others(&home);
}

#[test]
fn a_damaged_flavor_is_refused_or_works() {
    let home = Home::new();
    let whole = components::flavor("");
    for part in 0..64 {
        let mut damaged = whole.clone();
        damaged[whole.len() * part / 64] ^= 0xff;
        fs::write(home.path(FILE), damaged).unwrap();
        let finished = ends::run(&home, &[&REGISTER[..], &["--replace"]].concat());
        assert!(matches!(finished.code, Some(0 | 7)), "{finished}");
    }
    ends::assert_serves_others(&home);
}

#[test]
fn a_bad_flavor_does_not_take_the_place_of_a_good_one() {
    let home = Home::new();
    fs::write(home.path(FILE), components::flavor("")).unwrap();
    ends::assert_registers(&home);
    fs::write(home.path(FILE), components::flavor("(func $stop unreachable) (start $stop)")).unwrap();
    let error = format!(
        "`{FILE}` is no flavor that crhost can use: `describe` stopped: wasm trap: wasm `unreachable` instruction executed"
    );
    ends::refused(&home, 7, &[&REGISTER[..], &["--replace"]].concat(), &error);
    ends::assert_pushes(&home);
}

#[test]
fn what_is_no_file_is_refused_without_waiting() {
    let home = Home::new();
    fs::create_dir(home.path("directory.wasm")).unwrap();
    process::tool("mkfifo", [home.path("pipe.wasm").to_str().unwrap()]).ok();
    let _socket = UnixListener::bind(home.path("socket.wasm")).unwrap();
    for (target, link) in [("directory.wasm", "link.wasm"), ("nowhere", "dangling.wasm"), ("round.wasm", "round.wasm")]
    {
        symlink(target, home.path(link)).unwrap();
    }
    for file in ["pipe.wasm", "socket.wasm", "/dev/zero", "/dev/stdin"] {
        assert_is_not_read(&home, 7, file, "it is no regular file");
    }
    for file in ["directory.wasm", "link.wasm"] {
        assert_is_not_read(&home, 7, file, "it is a directory");
    }
    for file in ["missing.wasm", "dangling.wasm"] {
        assert_is_not_read(&home, 3, file, "No such file or directory");
    }
    assert_is_not_read(&home, 1, "round.wasm", "Too many levels of symbolic links");
    // A file that opens for everyone and reads for no one.
    assert_is_not_read(&home, 1, "/proc/self/mem", "Input/output error");
    ends::assert_serves_others(&home);
}

#[test]
fn a_link_to_a_flavor_is_one() {
    let home = Home::new();
    fs::write(home.path("elsewhere.wasm"), components::flavor("")).unwrap();
    symlink("elsewhere.wasm", home.path(FILE)).unwrap();
    ends::assert_registers(&home);
    ends::assert_pushes(&home);
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let home = Home::new();
    let file = File::create(home.path(FILE)).unwrap();
    // Without content on the disk: reading all of it would take a terabyte of memory.
    for size in [1 << 40, (32 << 20) + 1] {
        file.set_len(size).unwrap();
        assert_is_not_read(&home, 7, FILE, &format!("it has {size} bytes, expected at most 33554432"));
    }
    // As large as may be, and nothing in it.
    file.set_len(32 << 20).unwrap();
    assert_is_no_flavor(&home, FILE, NO_WASM);
    ends::assert_serves_others(&home);
}

#[test]
fn a_component_that_changed_since_it_was_registered_is_not_run() {
    let home = Home::new();
    fs::write(home.path(FILE), components::flavor("")).unwrap();
    home.ok(&REGISTER);
    let stored = fs::read_dir(home.path("crhost/components/sha256")).unwrap().next().unwrap().unwrap().path();
    fs::write(stored, components::whole("(component)")).unwrap();
    let register = ends::registry("localhost:5000");
    home.fails(1, &register).says("changed since it was registered");
}
