//! Docker with its daemon pushes, pulls, builds and logs in through the helper.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::{HELPER, home_of};
use crate::support::fakes::token_server::TokenServer;
use crate::support::images::image::Image;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::{Loaded, ensure_daemon};
use crate::support::programs::moto::Moto;
use crate::support::programs::process;
use crate::support::programs::registration::{self, Connector, RegistrySpec};
use crate::support::programs::registry::{PASSWORD, Registry, USER};
use crate::support::skip::{Capability, skip};

/// Every Docker on the `PATH`: an old one and a new one may be there.
#[track_caller]
fn dockers() -> Vec<PathBuf> {
    ensure_daemon();
    let path = std::env::var_os("PATH").unwrap();
    let found = std::env::split_paths(&path).map(|directory| directory.join("docker")).filter(|file| file.is_file());
    let mut found: Vec<PathBuf> = found.filter_map(|file| file.canonicalize().ok()).collect();
    found.sort();
    found.dedup();
    assert!(!found.is_empty());
    found
}

/// Docker in a home, with the classic builder: BuildKit's needs a plugin.
fn docker(home: &Home, docker: &Path, arguments: &[&str]) -> Command {
    let mut command = home.other(docker.to_str().unwrap());
    command.env("DOCKER_BUILDKIT", "0").args(arguments);
    command
}

#[test]
fn docker_pushes_pulls_and_builds_with_the_credentials_of_the_registry() {
    let tokens = TokenServer::start();
    for registry in [Registry::with_password(), Registry::with_tokens(&tokens)] {
        let (home, _) = home_of(&registry);
        fs::create_dir(home.path("context")).unwrap();
        for (number, program) in dockers().iter().enumerate() {
            let (name, image) = (format!("{}/team/train:v{number}", registry.host()), Image::small(here!(), "amd64"));
            let _loaded = Loaded::new(&name, &image);
            let docker = |arguments: &[&str]| process::run(&mut docker(&home, program, arguments));
            docker(&["push", &name]).ok();
            skopeo::assert_same(registry.access(), &name, &image);
            docker(&["rmi", "--no-prune", &name]).ok();
            docker(&["pull", "--quiet", &name]).ok();
            // The builder is given the credentials of every host that a helper is named for, and pulls with them.
            docker(&["rmi", "--no-prune", &name]).ok();
            fs::write(home.path("context/Dockerfile"), format!("FROM {name}\nLABEL a=b\n")).unwrap();
            let built = docker(&["build", "--no-cache", "--quiet", "context"]).ok();
            docker(&["rmi", built.stdout.trim()]).ok();
        }
    }
}

/// A client before Docker 23 speaks to the daemon's BuildKit itself, later ones by a plugin that may be missing.
fn speaks_to_buildkit(home: &Home, program: &Path) -> bool {
    let mut buildx = docker(home, program, &["buildx", "version"]);
    let mut version = docker(home, program, &["version", "--format", "{{.Client.Version}}"]);
    let version = process::run(&mut version).stdout;
    let major = version.split('.').next().and_then(|major| major.parse().ok());
    major.is_some_and(|major: u32| major < 23) || process::run(&mut buildx).code == Some(0)
}

#[test]
fn buildkit_builds_on_a_private_image_with_the_credentials_of_the_registry() {
    let registry = Registry::with_password();
    let (home, _) = home_of(&registry);
    let programs: Vec<PathBuf> = dockers().into_iter().filter(|program| speaks_to_buildkit(&home, program)).collect();
    if programs.is_empty() {
        return skip(Capability::Buildkit, "no `docker` here speaks to BuildKit");
    }
    fs::create_dir(home.path("context")).unwrap();
    for (number, program) in programs.iter().enumerate() {
        let (name, image) = (format!("{}/team/base:v{number}", registry.host()), Image::small(here!(), "amd64"));
        let _loaded = Loaded::new(&name, &image);
        process::run(&mut docker(&home, program, &["push", &name])).ok();
        fs::write(home.path("context/Dockerfile"), format!("FROM {name}\nLABEL a=b\n")).unwrap();
        // It asks the registry itself, whatever the daemon has.
        let build = || {
            let mut build = docker(&home, program, &["build", "--no-cache", "--pull", "--quiet", "context"]);
            process::run(build.env("DOCKER_BUILDKIT", "1"))
        };
        let built = build().ok();
        process::run(&mut docker(&home, program, &["rmi", built.stdout.trim()])).ok();
        home.ok(&["docker", "uninstall"]);
        assert_ne!(build().code, Some(0));
        home.ok(&["docker", "install", "prod"]);
    }
}

#[test]
fn docker_pushes_with_the_token_that_the_flavor_asks_ecr_for() {
    let (moto, registry) = (Moto::start("ecr:GetAuthorizationToken", &[]), Registry::with_ecr_token());
    let (mut home, _) = Home::with_image();
    home.set("SECRET_OF_THE_TEST", moto.secret());
    home.install(HELPER);
    let keys = Connector::new("my-aws", "aws", "secret-key").field("aws_access_key_id", moto.id());
    keys.field("aws_secret_access_key", "@env:SECRET_OF_THE_TEST").register(&home);
    let endpoint = moto.endpoint();
    let ecr = RegistrySpec::new("ecr", "aws", registry.host()).connector("my-aws").option("region", "eu-west-1");
    ecr.option("ecr-endpoint", endpoint).allow_secret_host(endpoint).register(&home);
    home.ok(&["docker", "install"]);
    for (number, program) in dockers().iter().enumerate() {
        let (name, image) = (format!("{}/team/train:v{number}", registry.host()), Image::small(here!(), "amd64"));
        let _loaded = Loaded::new(&name, &image);
        process::run(&mut docker(&home, program, &["push", &name])).ok();
        skopeo::assert_same(registry.access(), &name, &image);
    }
}

#[test]
fn docker_login_and_logout_go_to_a_connector_in_every_form_of_the_host() {
    let registry = Registry::with_password();
    let (home, _) = home_of(&registry);
    home.ok(&["registry", "disconnect", "prod"]);
    let connector = || home.ok(&["registry", "describe", "prod", "-o", "json"]).json()["connector"].clone();
    let push = ["push", "oci:layout:v1", "--to", "prod", "--as", "team/train"];
    for program in dockers() {
        // Docker looks for a helper of the very text that was typed, and asks the one for all hosts about any text.
        for (server, config) in [
            (registry.host().to_owned(), json!({"credHelpers": {registry.host(): "crhost"}})),
            (format!("http://{}/v2/", registry.host()), json!({"credsStore": "crhost"})),
        ] {
            home.docker_config(&config);
            let mut login = docker(&home, &program, &["login", "--username", USER, "--password-stdin", &server]);
            let (code, _, stderr) = process::with_input(&mut login, PASSWORD);
            assert_eq!(code, 0, "{server}: {stderr}");
            assert_eq!(connector(), "docker-login-prod", "{server}");
            let written = fs::read_to_string(home.path("docker/config.json")).unwrap();
            assert!(written.contains("crhost") && !written.contains("\"auth\":"), "{written}");
            home.ok(&push);
            process::run(&mut docker(&home, &program, &["logout", &server])).ok();
            assert!(connector().is_null(), "{server}");
            home.fails(4, &push);
        }
        // A wrong password is stored nowhere.
        let mut login = docker(&home, &program, &["login", "--username", USER, "--password-stdin", registry.host()]);
        assert_ne!(process::with_input(&mut login, "wrong").0, 0);
        assert!(connector().is_null());
    }
}

#[test]
fn docker_goes_on_without_credentials_where_none_are_known() {
    let (registry, open) = (Registry::with_password(), Registry::open());
    let (mut home, _) = home_of(&registry);
    registration::with_password(&mut home, "other", "registry.example.com", (USER, PASSWORD));
    // For all hosts, of which crhost knows two.
    home.docker_config(&json!({"credsStore": "crhost"}));
    for (number, program) in dockers().iter().enumerate() {
        for registry in [&open, &registry] {
            let (name, image) = (format!("{}/team/train:v{number}", registry.host()), Image::small(here!(), "amd64"));
            let _loaded = Loaded::new(&name, &image);
            process::run(&mut docker(&home, program, &["push", &name])).ok();
            skopeo::assert_same(registry.access(), &name, &image);
        }
    }
}
