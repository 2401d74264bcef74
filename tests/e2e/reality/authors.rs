//! Authors of flavors, and the first command on a fresh machine.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;
use crate::support::programs::process;
use crate::support::programs::tree::files;
use crate::support::skip::{Capability, skip};

/// The cache of compiled code below a home.
const CACHE: &str = "crhost/cache/compiled";

/// The files of compiled code: one for each component that was compiled.
fn compiled(home: &Home) -> Vec<PathBuf> {
    let modules = home.path(CACHE).join("code/modules");
    let files = if modules.is_dir() { files(&modules) } else { Vec::new() };
    files.into_iter().filter(|path| path.extension().is_none()).collect()
}

/// Registers a registry of a flavor, for which the flavor runs.
#[track_caller]
fn runs(home: &Home, flavor: &str) -> process::Finished {
    let registered = home.ok(&["registry", "register", "it", "--flavor", flavor, "--uri", "localhost:5000/vault"]);
    home.ok(&["registry", "remove", "it"]);
    registered
}

/// An honest flavor with a component of more than a megabyte.
fn large() -> Vec<u8> {
    let ballast = "a".repeat(1_200_000);
    components::flavor(&format!(r#"(memory (export "memory") 64) (data (i32.const 100000) "{ballast}")"#))
}

#[test]
fn a_command_that_runs_no_flavor_compiles_none() {
    let home = Home::without_cache();
    for command in [
        &["flavor", "list"][..],
        &["flavor", "describe", "aws"],
        &["flavor", "grant", "github", "--allow-host", "https://github.acme.example"],
        &["connector", "list-types"],
        &["connector", "describe-type", "docker"],
        &["connector", "register", "ci", "--type=docker", "--username=alice", "--password=x"],
        &["registry", "list"],
    ] {
        home.ok(command);
        assert!(compiled(&home).is_empty(), "{command:?}");
    }
    // Of all of them, the one that runs.
    runs(&home, "default");
    assert_eq!(compiled(&home).len(), 1);
}

#[test]
fn a_rust_flavor_with_a_hash_map_is_registered_and_runs() {
    let home = Home::new();
    // Its `validate-uri` has one, with keys of `wasi:random/insecure-seed`.
    home.ok(&["flavor", "register", guest::build_with_cargo("vault").to_str().unwrap(), "--yes"]);
    runs(&home, "vault");
}

#[test]
fn an_import_that_is_not_offered_is_refused_before_anything_is_compiled() {
    let mut home = Home::without_cache();
    home.set("CRHOST_LOG", "crhost=debug");
    let mut component = large();
    // Behind all else, so that nothing but its name tells.
    let import = &components::whole(r#"(component (import "wasi:keyvalue/store@0.2.0" (instance)))"#)[8..];
    component.extend(import);
    fs::write(home.path("it.wasm"), component).unwrap();
    let refused = home.fails(7, &["flavor", "register", "it.wasm"]);
    assert!(
        refused.error().ends_with("it imports `wasi:keyvalue/store@0.2.0`, which crhost does not offer"),
        "{}",
        *refused
    );
    assert!(!refused.stderr.contains("in a process of its own") && !refused.stderr.contains("compiling flavor"));
}

#[test]
fn a_lost_cache_is_made_anew_with_a_line_that_says_so() {
    let home = Home::without_cache();
    fs::write(home.path("it.wasm"), large()).unwrap();
    let compiling = |name: &str| format!("compiling flavor `{name}` (2 MB), once");
    let registered = home.ok(&["flavor", "register", "it.wasm"]);
    assert!(registered.stderr.contains(&compiling("it.wasm")), "{registered}");
    assert!(!runs(&home, "drawback").stderr.contains("compiling"));
    fs::remove_dir_all(home.path("crhost/cache")).unwrap();
    let again = runs(&home, "drawback");
    assert!(again.stderr.contains(&compiling("drawback")), "{again}");
    assert!(!runs(&home, "drawback").stderr.contains("compiling"));
}

#[test]
fn a_cache_with_files_in_place_of_directories_is_left_aside() {
    for below in ["code", "tried", "code/modules"] {
        let home = Home::without_cache();
        runs(&home, "default");
        let place = home.path(CACHE).join(below);
        let _ = fs::remove_dir_all(&place);
        fs::write(&place, "junk").unwrap();
        runs(&home, "default");
        runs(&home, "default");
    }
}

#[test]
fn a_full_disk_below_the_cache_stops_nothing() {
    let home = Home::without_cache();
    fs::write(home.path("it.wasm"), large()).unwrap();
    let cache = home.path("crhost/cache");
    fs::create_dir_all(&cache).unwrap();
    let mount = ["-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", cache.to_str().unwrap()];
    if process::run(Command::new("mount").args(mount)).code != Some(0) {
        return skip(Capability::Root, "only root can mount a file system");
    }
    let registered = home.run(&["flavor", "register", "it.wasm"]);
    let used = home.run(&["registry", "register", "it", "--flavor=drawback", "--uri=localhost:5000/vault"]);
    process::run(Command::new("umount").arg(&cache)).ok();
    registered.ok();
    used.ok();
}

#[test]
fn a_cache_that_can_t_be_written_stops_nothing() {
    let home = Home::without_cache();
    fs::write(home.path("it.wasm"), components::flavor("")).unwrap();
    home.ok(&["flavor", "list"]);
    let cache = home.path(CACHE);
    for directory in ["code", "tried"] {
        let directory = cache.join(directory);
        let _ = fs::create_dir(&directory);
        fs::set_permissions(directory, Permissions::from_mode(0o500)).unwrap();
    }
    // Root writes nevertheless; for others this is a read-only cache.
    home.ok(&["flavor", "register", "it.wasm"]);
    runs(&home, "drawback");
}

#[test]
fn a_build_that_takes_another_s_place_tells_which_registries_it_breaks() {
    let home = Home::new();
    let file = home.path("it.wasm");
    fs::write(&file, components::flavor("")).unwrap();
    home.ok(&["flavor", "register", "it.wasm", "--yes"]);
    for name in ["one", "two"] {
        home.ok(&["registry", "register", name, "--flavor=drawback", &format!("--uri=localhost:5000/{name}")]);
    }
    home.ok(&["registry", "register", "other", "--flavor=default", "--uri=localhost:5000/other"]);
    fs::write(&file, components::flavor(VALIDATE_TRAPS)).unwrap();
    let replaced = home.ok(&["flavor", "register", "it.wasm", "--replace", "--yes"]);
    for name in ["one", "two"] {
        let warning = format!("warning: registry `{name}` does not work with this `drawback`: ");
        assert!(replaced.stderr.contains(&warning), "{replaced}");
    }
    assert!(!replaced.stderr.contains("`other`"), "{replaced}");
    // The same bytes again are no other build, and a good build has nothing to tell.
    for text in [VALIDATE_TRAPS, ""] {
        fs::write(&file, components::flavor(text)).unwrap();
        let replaced = home.ok(&["flavor", "register", "it.wasm", "--replace", "--yes"]);
        assert!(!replaced.stderr.contains("does not work"), "{replaced}");
    }
}

/// It stops at every URI but its own example, without which it would not be registered.
const VALIDATE_TRAPS: &str = r#"
    (func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param $uri i32) (param $length i32) (result i32)
      (if (i32.ne (local.get $length) (i32.const 14)) (then unreachable))
      (i32.store (i32.const 2004) (local.get $uri))
      (i32.store (i32.const 2008) (local.get $length))
      (i32.const 2000))"#;

#[test]
fn the_author_is_sent_to_the_author_only_for_the_flavors_of_others() {
    let home = Home::new();
    for (directory, is_own) in [("target/wasm32-wasip2/release", true), ("Downloads", false)] {
        fs::create_dir_all(home.path(directory)).unwrap();
        let file = format!("{directory}/it.wasm");
        fs::write(home.path(&file), components::flavor(DESCRIBE_TRAPS)).unwrap();
        let refused = home.fails(7, &["flavor", "register", &file]);
        assert!(refused.hint().contains("`-vv`"), "{}", *refused);
        assert_eq!(!refused.hint().contains("report it to the flavor's author"), is_own, "{}", *refused);
    }
}

const DESCRIBE_TRAPS: &str = r#"(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32) unreachable)"#;
