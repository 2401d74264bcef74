//! Other clients ask crhost for credentials: the protocol of credential helpers, and the clients themselves.

mod config;
mod engines;
mod files;
mod login;
mod logout;
mod protocol;
mod tools;

use std::os::unix::fs::symlink;

use crate::support::images::image::Image;
use crate::support::programs::crhost::Home;
use crate::support::programs::process;
use crate::support::programs::registration;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

/// The program's name as clients call it.
const HELPER: &str = "docker-credential-crhost";

/// The answer for a server of which nothing is known, to the byte.
const NOT_FOUND: &str = "credentials not found in native keychain\n";

/// A home with the helper on its `PATH`.
fn home_with_helper() -> Home {
    let mut home = Home::new();
    home.install(HELPER);
    home
}

/// Registers a registry with a connector for the user that all registries know.
#[track_caller]
fn register_alice(home: &mut Home, uri: &str) {
    registration::with_password(home, "prod", uri, (USER, PASSWORD));
}

/// A home with a small image, whose clients ask crhost for the credentials of a registry.
#[track_caller]
fn home_of(registry: &Registry) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    // Where all clients look for it, also those that know no `DOCKER_CONFIG`.
    symlink(home.path("docker"), home.path("home/.docker")).unwrap();
    home.install(HELPER);
    register_alice(&mut home, registry.host());
    home.ok(&["docker", "install", "prod"]);
    (home, image)
}

/// Runs the helper as clients do: exit code and standard output.
#[track_caller]
fn ask(home: &Home, arguments: &[&str], input: &str) -> (i32, String) {
    let mut helper = home.other(home.path("bin").join(HELPER).to_str().unwrap());
    let (code, stdout, _) = process::with_input(helper.args(arguments), input);
    (code, stdout)
}
