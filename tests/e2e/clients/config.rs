//! `crhost docker install` and `uninstall`: one key of Docker's configuration, and nothing else.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::support::programs::crhost::Home;

/// As Docker writes it, with members that crhost does not know.
const CONFIG: &str = "{\n\t\"auths\": {\n\t\t\"ghcr.io\": {\n\t\t\t\"auth\": \"YTpi\"\n\t\t}\n\t},\n\t\"credHelpers\": \
                      {\n\t\t\"quay.io\": \"ecr-login\"\n\t},\n\t\"currentContext\": \"far\",\n\t\"plugins\": {\"x\": 1e0}\n}";

fn home() -> Home {
    let home = Home::new();
    home.register("gh", "ghcr.io/acme");
    home.register("quay", "quay.io/acme");
    home.register("hub", "docker.io/acme");
    home
}

fn config(home: &Home) -> String {
    fs::read_to_string(home.path("docker/config.json")).unwrap()
}

fn install(home: &Home, registries: &[&str]) -> crate::support::programs::process::Finished {
    let directory = home.path("bin");
    home.ok(&[&["docker", "install"], registries, &["--directory", directory.to_str().unwrap()]].concat())
}

#[test]
fn only_the_named_hosts_ask_crhost_and_undoing_restores_every_byte() {
    let home = home();
    fs::write(home.path("docker/config.json"), CONFIG).unwrap();
    install(&home, &["gh"]);
    let expected = CONFIG.replace("\"ecr-login\"", "\"ecr-login\",\n\t\t\"ghcr.io\": \"crhost\"");
    assert_eq!(config(&home), expected);
    install(&home, &[]);
    for host in ["ghcr.io", "quay.io", "docker.io", "https://index.docker.io/v1/"] {
        assert!(config(&home).contains(&format!("\"{host}\": \"crhost\"")), "{}", config(&home));
    }
    home.ok(&["docker", "uninstall", "hub"]);
    assert_eq!(config(&home).matches("crhost").count(), 2, "{}", config(&home));
    home.ok(&["docker", "uninstall"]);
    assert_eq!(config(&home), CONFIG);
    home.ok(&["docker", "uninstall"]);
}

#[test]
fn the_helper_is_a_link_and_its_absence_on_the_path_is_told() {
    let mut home = home();
    let told = install(&home, &["gh"]);
    assert!(told.stderr.contains("not on the PATH"), "{told}");
    assert!(home.path("bin/docker-credential-crhost").is_symlink());
    let bin = home.path("bin");
    home.prepend_path(&bin);
    let told = install(&home, &["gh"]);
    assert!(told.stderr.contains("already ask") && !told.stderr.contains("PATH"), "{told}");
    let json = home.ok(&["docker", "install", "gh", "-o", "json"]).json();
    assert_eq!((&json["program"]["onPath"], &json["hosts"][0]["changed"]), (&true.into(), &false.into()));
    // Another program of this name is not replaced, and nothing is configured for it.
    fs::remove_file(home.path("bin/docker-credential-crhost")).unwrap();
    fs::write(home.path("bin/docker-credential-crhost"), "#!/bin/sh\n").unwrap();
    home.fails(5, &["docker", "install", "quay"]).says("another program");
    assert!(!config(&home).contains("quay.io"));
}

#[test]
fn a_broken_configuration_is_told_and_never_written() {
    let home = home();
    for broken in ["{\"auths\": {", "[]", "{\"credHelpers\": []}", "\u{1}"] {
        fs::write(home.path("docker/config.json"), broken).unwrap();
        let directory = home.path("bin");
        home.fails(1, &["docker", "install", "--directory", directory.to_str().unwrap()]).says("nothing was changed");
        home.fails(1, &["docker", "uninstall"]).says("nothing was changed");
        assert_eq!(config(&home), broken);
    }
}

#[test]
fn links_and_modes_stay_and_a_missing_file_is_made_for_its_owner() {
    let home = home();
    install(&home, &["gh"]);
    let mode = |name: &str| fs::metadata(home.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("docker/config.json"), 0o600);
    fs::remove_file(home.path("docker/config.json")).unwrap();
    fs::write(home.path("dotfiles.json"), CONFIG).unwrap();
    fs::set_permissions(home.path("dotfiles.json"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("../dotfiles.json", home.path("docker/config.json")).unwrap();
    install(&home, &["gh"]);
    assert!(home.path("docker/config.json").is_symlink());
    assert_eq!(mode("dotfiles.json"), 0o640);
    home.ok(&["docker", "uninstall"]);
    assert_eq!(fs::read_to_string(home.path("dotfiles.json")).unwrap(), CONFIG);
}

#[test]
fn without_a_registry_there_is_nothing_to_install() {
    let home = Home::new();
    home.fails(2, &["docker", "install"]).says("crhost registry register");
    home.fails(3, &["docker", "install", "nowhere"]).says("nowhere");
}
