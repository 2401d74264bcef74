//! `crhost apply`: a plan, consent, and all of it or nothing.

use std::process::Stdio;
use std::time::Instant;

use super::{planned, with_login, write};
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD};
use crate::support::programs::terminal;

#[test]
fn a_file_is_applied_once_and_then_everything_is_as_it_says() {
    let registry = Registry::with_unusual_password();
    let (mut home, image) = Home::with_image();
    write(&home, &format!("default-registry = 'prod'\n{}", with_login("prod", &format!("{}/acme", registry.host()))));
    let shown = home.ok(&["apply", "--dry-run"]);
    assert_eq!(
        shown.stdout,
        format!(
            "+ connector `prod-login`: type `docker`, auth method `password`\n    field `password` is read from \
             $TEAM_PASSWORD\n+ registry `prod`: flavor `default`, URI `{}/acme`, connector `prod-login`\n\
             ~ default registry: name from none to `prod`\n",
            registry.host()
        )
    );
    assert_eq!(home.run(&["apply", "--dry-run", "--exit-code"]).code, Some(1));
    assert!(home.ok(&["registry", "list", "-o", "json"]).json()["registries"].as_array().unwrap().is_empty());
    let done = home.ok(&["apply", "--yes"]);
    assert!(done.stderr.contains("applied `crhost.toml`: 2 created, 1 changed, 0 removed"), "{done}");
    assert_eq!(planned(&home, &[]), [""; 0]);
    home.ok(&["apply", "--dry-run", "--exit-code"]);
    // The value is read for each use, and is in no file.
    home.fails(4, &push_layout("prod", "train:v1")).says("$TEAM_PASSWORD");
    home.set("TEAM_PASSWORD", UNUSUAL_PASSWORD);
    home.ok(&["push", "oci:layout:v1", "--as", "train:v1"]);
    skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
    Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
}

#[test]
fn what_was_changed_by_hand_is_told_and_taken_back() {
    let home = Home::new();
    write(&home, "[registries.prod]\nflavor = 'default'\nuri = 'registry.example.com/acme'\n");
    home.ok(&["apply", "--yes"]);
    home.ok(&["registry", "update", "prod", "--uri", "registry.example.com/other"]);
    home.register("mine", "localhost:5000");
    let drift = home.ok(&["apply", "--dry-run"]);
    assert_eq!(
        drift.stdout,
        "~ registry `prod`: URI from `registry.example.com/other` to `registry.example.com/acme`\n"
    );
    assert_eq!(planned(&home, &["--prune"]), ["change registry prod", "remove registry mine"]);
    let pruned = home.ok(&["apply", "--yes", "--prune"]);
    assert!(pruned.stderr.contains("0 created, 1 changed, 1 removed"), "{pruned}");
    assert_eq!(planned(&home, &["--prune"]), [""; 0]);
    home.ok(&["registry", "use", "prod"]);
    assert_eq!(planned(&home, &["--prune"]), ["remove default-registry prod"]);
    home.ok(&["apply", "--yes", "--prune"]);
    assert_eq!(planned(&home, &["--prune"]), [""; 0]);
}

#[test]
fn what_others_use_is_replaced_and_removed_in_an_order_that_works() {
    let home = Home::new();
    write(&home, &with_login("prod", "registry.example.com/acme"));
    home.ok(&["apply", "--yes"]);
    let other = with_login("prod", "registry.example.com/acme").replace("prod-login", "new-login");
    write(&home, &other);
    assert_eq!(
        planned(&home, &["--prune"]),
        ["create connector new-login", "change registry prod", "remove connector prod-login"]
    );
    home.ok(&["apply", "--yes", "--prune"]);
    write(&home, "");
    assert_eq!(planned(&home, &["--prune"]), ["remove registry prod", "remove connector new-login"]);
    home.ok(&["apply", "--yes", "--prune"]);
    assert_eq!(home.ok(&["export"]).stdout.trim(), "version = 1");
}

#[test]
fn a_registry_that_is_not_in_the_file_goes_on_to_work_or_the_file_is_refused() {
    let home = Home::new();
    write(&home, &with_login("prod", "registry.example.com/acme"));
    home.ok(&["apply", "--yes"]);
    let text = "[connectors.prod-login]\ntype = 'github'\nauth-method = 'token'\n\
                fields = { username = 'alice', token = '@env:GH_TOKEN' }\n";
    write(&home, text);
    let refused = home.fails(5, &["apply", "--yes"]);
    assert!(
        refused.error().contains("registry `prod`: it is not in the file, and its flavor `default`"),
        "{}",
        *refused
    );
    write(&home, &format!("{text}[registries.prod]\nflavor = 'default'\nuri = 'registry.example.com/acme'\n"));
    home.ok(&["apply", "--yes"]);
}

#[test]
fn without_a_terminal_nothing_changes_unless_that_is_said() {
    let home = Home::new();
    write(&home, "[registries.prod]\nflavor = 'default'\nuri = 'registry.example.com/acme'\n");
    home.fails(2, &["apply"]).says("`--dry-run` shows them, `--yes` makes the changes");
    assert_eq!(planned(&home, &[]), ["create registry prod"]);
    let asked = |answer: &str| terminal::converse(home.command(&["apply"]), &[("Make these changes?", answer)]);
    assert!(asked("n").screen.contains("nothing was changed"));
    assert_eq!(planned(&home, &[]), ["create registry prod"]);
    asked("y");
    assert_eq!(planned(&home, &[]), [""; 0]);
}

#[test]
fn a_kill_at_any_instant_leaves_the_old_or_the_new_state() {
    let home = Home::new();
    let registries = |count: usize, path: &str| {
        let one =
            |number| format!("[registries.r{number}]\nflavor = 'default'\nuri = 'r{number}.example.com/{path}'\n");
        (0..count).map(one).collect::<String>()
    };
    const COUNT: usize = 12;
    write(&home, &registries(COUNT, "old"));
    home.ok(&["apply", "--yes"]);
    write(&home, &registries(COUNT, "new"));
    let uris = || {
        let list = home.ok(&["registry", "list", "-o", "json"]).json();
        let uris = list["registries"].as_array().unwrap().iter();
        uris.map(|one| one["uri"].as_str().unwrap().split_once('/').unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    // Most of a run is the reading of the file; the change is at its end.
    let begun = Instant::now();
    home.ok(&["apply", "--dry-run"]);
    let step = begun.elapsed() / 20;
    let mut delay = step * 12;
    loop {
        let mut command = home.command(&["apply", "--yes"]);
        let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(delay);
        let _ = running.kill();
        let ended = running.wait().unwrap();
        let uris = uris();
        assert_eq!(uris.len(), COUNT);
        assert!(uris.iter().all(|path| path == &uris[0]), "a part was changed: {uris:?}");
        if ended.success() {
            assert_eq!(uris[0], "new");
            break;
        }
        delay += step;
    }
}
