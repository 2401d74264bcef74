//! The stages at which hostile flavors are stopped, and the invariants that hold at each of them.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::{Home, Refused, built_in};
use crate::support::programs::process::Finished;
use crate::support::programs::tree::files;

/// The time of a call that has nothing to wait for (`PURE_CALL_TIME` in the host); everything else here takes less.
pub(super) const PURE: Duration = Duration::from_secs(5);
/// The most that crhost may write about a flavor, in bytes: some 64 lists and texts, each of them bounded.
const WORDS: usize = 64 << 10;

/// The component, as its author hands it over.
pub(super) const FILE: &str = "it.wasm";
pub(super) const REGISTER: [&str; 3] = ["flavor", "register", FILE];
pub(super) const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "x", "--as", "train"];

/// The stage at which a flavor is stopped.
pub(super) enum End {
    /// `flavor register` fails, with an exit code and an error.
    Unregistered(i32, String),
    /// It is registered, and `registry register` fails.
    Unaccepted(i32, String),
    /// Its registry is registered, and `push` fails before anything is sent.
    Unpushed(i32, String),
    /// It pushes an image, whatever else it tries.
    Pushed,
    /// It has a test of its own.
    Own(fn(&Home)),
}

/// The end of a component that is found to be no flavor.
pub(super) fn no_flavor(why: &str) -> End {
    End::Unregistered(7, format!("`{FILE}` is no flavor that crhost can use: {why}"))
}

/// The end of a flavor that fails when it is asked whether a URI is one.
pub(super) fn fails_to_validate(how: &str) -> End {
    End::Unaccepted(7, format!("flavor `drawback` failed: `validate-uri` {how}"))
}

/// The end of a flavor that fails when it is asked about its own example.
pub(super) fn fails_its_example(how: &str) -> End {
    breaks_its_promise(&format!(
        "the example `localhost:5000` of `describe` is not accepted: flavor `drawback` failed: `validate-uri` {how}"
    ))
}

/// The end of a flavor that breaks what the contract promises.
pub(super) fn breaks_its_promise(how: &str) -> End {
    End::Unregistered(7, format!("`{FILE}` breaks what the contract promises: {how}"))
}

/// The end of a flavor that fails when it is asked to prepare a push.
pub(super) fn fails_to_prepare(how: &str) -> End {
    End::Unpushed(7, format!("flavor `drawback` failed: `prepare-image-push` {how}"))
}

/// The end of a flavor that fails when it is asked for credentials.
pub(super) fn fails_to_open(how: &str) -> End {
    End::Unpushed(7, format!("flavor `drawback` failed: `credentials` {how}"))
}

impl End {
    /// Takes a component all its way, in a home of its own.
    #[track_caller]
    pub(super) fn meet(self, component: Vec<u8>) {
        let home = Home::new();
        fs::write(home.path(FILE), component).unwrap();
        match self {
            Self::Unregistered(code, error) => {
                refused(&home, code, &REGISTER, &error);
                assert_nothing_kept(&home);
            }
            Self::Unaccepted(code, error) => {
                assert_registers(&home);
                refused(&home, code, &registry("127.0.0.1:50000"), &error);
                let registries = home.ok(&["registry", "list", "-o", "json"]).json();
                assert_eq!(registries["registries"], serde_json::json!([]));
            }
            Self::Unpushed(code, error) => {
                assert_registers(&home);
                assert_not_pushed(&home, |push| refused(&home, code, push, &error));
            }
            Self::Pushed => {
                assert_registers(&home);
                assert_pushes(&home);
            }
            Self::Own(test) => test(&home),
        }
        assert_serves_others(&home);
    }
}

/// The arguments that register a registry of the flavor.
pub(super) fn registry(host: &str) -> [&str; 7] {
    ["registry", "register", "x", "--flavor", "drawback", "--uri", host]
}

/// Runs crhost and expects that it stays in all of its bounds, whatever comes of it.
#[track_caller]
pub(super) fn run(home: &Home, arguments: &[&str]) -> Finished {
    let finished = home.run(arguments);
    finished.within(PURE);
    finished.printable();
    assert!(finished.stdout.len() + finished.stderr.len() < WORDS, "it says too much{finished}");
    finished
}

/// Runs crhost and expects exactly this failure.
#[track_caller]
pub(super) fn refused(home: &Home, code: i32, arguments: &[&str], error: &str) -> Refused {
    let refused = home.fails(code, arguments);
    refused.within(PURE);
    refused.printable();
    assert_eq!(without_offsets(refused.error()), error);
    refused
}

/// Where in a component something is wrong depends on the tools that made it.
fn without_offsets(error: &str) -> String {
    let mut parts = error.split("offset ");
    let first = parts.next().unwrap_or_default().to_owned();
    let is_number = |c: char| c.is_ascii_hexdigit() || c == 'x';
    parts.fold(first, |text, part| format!("{text}offset …{}", part.trim_start_matches(is_number)))
}

/// Registers the flavor, and looks at it in every way that there is.
#[track_caller]
pub(super) fn assert_registers(home: &Home) {
    run(home, &REGISTER).ok();
    for command in [&["flavor", "list"][..], &["flavor", "describe", "drawback"]] {
        run(home, command).ok();
        run(home, &[command, &["-o", "json"]].concat()).ok().json();
    }
}

/// Registers a registry and pushes an image to it.
#[track_caller]
pub(super) fn assert_pushes(home: &Home) -> [Finished; 2] {
    let (_server, host) = home.serve();
    let registered = run(home, &registry(&host)).ok();
    image_files::layout(&home.path("layout"), &[("v1", &Image::small(here!(), architecture()))]);
    let pushed = run(home, &PUSH).ok();
    assert!(pushed.stdout.starts_with(&format!("{host}/train@sha256:")), "{pushed}");
    [registered, pushed]
}

/// Registers a registry and has `push` fail, before any connection to the registry.
#[track_caller]
pub(super) fn assert_not_pushed<T>(home: &Home, push: impl FnOnce(&[&str]) -> T) -> T {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    run(home, &registry(&format!("127.0.0.1:{}", listener.local_addr().unwrap().port()))).ok();
    image_files::layout(&home.path("layout"), &[("v1", &Image::small(here!(), architecture()))]);
    let outcome = push(&PUSH);
    assert!(listener.accept().is_err(), "the registry was asked");
    outcome
}

/// Expects that there is nothing of a flavor in a home.
#[track_caller]
pub(super) fn assert_nothing_kept(home: &Home) {
    let flavors = home.ok(&["flavor", "list", "-o", "json"]).json();
    let names: Vec<_> = flavors["flavors"].as_array().unwrap().iter().map(|flavor| &flavor["name"]).collect();
    assert_eq!(names, built_in().iter().collect::<Vec<_>>());
    let is_component = |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "wasm");
    assert_eq!(files(&home.path("crhost")).iter().find(is_component), None, "a component is left behind");
}

/// Expects that a flavor in good faith still works there.
#[track_caller]
pub(super) fn assert_serves_others(home: &Home) {
    home.register("honest", "localhost:5000");
}
