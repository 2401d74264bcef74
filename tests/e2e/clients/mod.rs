//! Other clients ask crhost for credentials: the protocol of credential helpers, and the clients themselves.

mod config;
mod engines;
mod files;
mod login;
mod logout;
mod protocol;
mod tools;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use crate::support::images::image::Image;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{PASSWORD, Registry, USER};

/// The program's name as clients call it.
const HELPER: &str = "docker-credential-crhost";

/// The answer for a server of which nothing is known, to the byte.
const NOT_FOUND: &str = "credentials not found in native keychain\n";

/// A home with the helper on its `PATH`.
fn home_with_helper() -> Home {
    let mut home = Home::new();
    install(&mut home);
    home
}

/// Puts the helper on the `PATH` of a home.
fn install(home: &mut Home) {
    let directory = home.path("bin");
    fs::create_dir_all(&directory).unwrap();
    symlink(home.command::<&str>(&[]).get_program(), directory.join(HELPER)).unwrap();
    home.prepend_path(&directory);
}

/// Registers a registry with a connector of a user name and a password.
#[track_caller]
fn register(home: &mut Home, name: &str, uri: &str, (user, password): (&str, &str)) {
    home.set("PASSWORD_OF_THE_TEST", password);
    let connector = format!("{name}-login");
    let fields = Connector::new(&connector, "docker", "password").field("username", user);
    fields.field("password", "@env:PASSWORD_OF_THE_TEST").register(home);
    RegistrySpec::new(name, "default", uri).connector(&connector).register(home);
}

/// The same for the user that all registries know.
#[track_caller]
fn register_alice(home: &mut Home, uri: &str) {
    register(home, "prod", uri, (USER, PASSWORD));
}

/// A home with a small image, whose clients ask crhost for the credentials of a registry.
#[track_caller]
fn home_of(registry: &Registry) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    // Where all clients look for it, also those that know no `DOCKER_CONFIG`.
    symlink(home.path("docker"), home.path("home/.docker")).unwrap();
    install(&mut home);
    register_alice(&mut home, registry.host());
    home.ok(&["docker", "install", "prod"]);
    (home, image)
}

/// Runs the helper as clients do: exit code and standard output.
#[track_caller]
fn ask(home: &Home, arguments: &[&str], input: &str) -> (i32, String) {
    let mut helper = home.other(home.path("bin").join(HELPER).to_str().unwrap());
    let (code, stdout, _) = run(helper.args(arguments), input);
    (code, stdout)
}

/// Runs a program with this input: exit code, standard output, standard error.
#[track_caller]
fn run(command: &mut Command, input: &str) -> (i32, String, String) {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that does not read ends before.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}
