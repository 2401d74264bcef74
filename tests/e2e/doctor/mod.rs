//! `crhost doctor`: each seeded fault is found, with the line and the next step that say so, and a healthy machine has
//! none.

mod helpers;
mod machine;
mod registries;

use std::fs;

use serde_json::Value;

use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::ensure_daemon;
use crate::support::programs::process::{self, Finished};
use crate::support::programs::registry::Registry;

/// An examination, as JSON.
struct Examination {
    finished: Finished,
    findings: Vec<Value>,
    /// The home's directory, which is shown as `~`.
    home: String,
}

/// Examines a home.
#[track_caller]
fn examine(home: &Home, arguments: &[&str]) -> Examination {
    examined(home, home.run(&[&["doctor", "-o", "json"], arguments].concat()))
}

#[track_caller]
fn examined(home: &Home, finished: Finished) -> Examination {
    let findings = finished.json()["findings"].as_array().unwrap().clone();
    Examination { finished, findings, home: home.path("").to_str().unwrap().trim_end_matches('/').to_owned() }
}

impl Examination {
    /// The findings of a check, each as `state: found -> next`.
    fn of(&self, check: &str) -> Vec<String> {
        let own = self.findings.iter().filter(|finding| finding["check"] == check);
        let shown = |finding: &Value| {
            let text = |member: &str| finding[member].as_str().map(|text| text.replace(&self.home, "~"));
            let next = text("next").map_or_else(String::new, |next| format!(" -> {next}"));
            format!("{}: {}{next}", text("state").unwrap(), text("found").unwrap())
        };
        own.map(shown).collect()
    }

    /// Expects a problem of a check, the first one, with its line and its next step.
    #[track_caller]
    fn finds(&self, code: i32, check: &str, found: &str, next: &str) {
        self.has(check, &format!("problem: {found} -> {next}"));
        assert_eq!(self.finished.code, Some(code), "{}", self.finished);
    }

    /// Expects a warning of a check; warnings alone are no failure.
    #[track_caller]
    fn warns(&self, check: &str, found: &str, next: &str) {
        self.has(check, &format!("warning: {found} -> {next}"));
    }

    /// Expects a finding of a check, as [`Examination::of`] gives it.
    #[track_caller]
    fn has(&self, check: &str, expected: &str) {
        let found = self.of(check);
        assert!(found.iter().any(|one| one == expected), "expected {expected}\nfound {found:#?}{}", self.finished);
    }
}

#[test]
fn a_healthy_machine_has_no_finding_and_nothing_is_changed() {
    ensure_daemon();
    let (registry, home) = (Registry::open(), Home::new());
    home.register("local", registry.host());
    let files = |home: &Home| {
        let mut all = crate::support::programs::tree::files(&home.path(""));
        // The runtime counts there how often it has used compiled code.
        all.retain(|path| !path.starts_with(home.path("crhost/cache")));
        all.sort();
        all.iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect::<Vec<_>>()
    };
    let before = files(&home);
    let examination = examine(&home, &["--push"]);
    assert_eq!(examination.finished.code, Some(0), "{}", examination.finished);
    let bad: Vec<_> = examination
        .findings
        .iter()
        // The disk of the machine that tests is not the test's.
        .filter(|one| one["check"] != "disk" && one["state"] != "ok" && one["state"] != "skipped")
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert!(examination.finished.stderr.is_empty(), "{}", examination.finished);
    assert_eq!(examination.of("push"), ["ok: an upload was opened and given up"]);
    assert_eq!(examination.of("database"), ["ok: whole: 1 registry, 0 connectors, 0 flavors beside the built-in ones"]);
    assert!(files(&home) == before && registry.open_uploads() == 0);
    // The same for people, with the next step below what was found.
    let table = home.ok(&["doctor"]).stdout;
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[0].starts_with("CHECK        REGISTRY  STATE    FOUND"), "{table}");
    assert!(
        lines.iter().any(|line| line.starts_with("flavor       local     ok       `default` 0.1.0, built in")),
        "{table}"
    );
    let at = lines.iter().position(|line| line.starts_with("push         local     skipped  not asked for")).unwrap();
    assert!(lines[at + 1].trim_start().starts_with("-> `crhost doctor local --push` opens an upload"), "{table}");
}

#[test]
fn without_a_home_or_a_registry_it_says_what_to_do_first_and_makes_nothing() {
    let home = Home::without_cache();
    let examination = examine(&home, &[]);
    let next =
        "`crhost registry register NAME --flavor FLAVOR --uri URI`; an image with its whole name is pushed without";
    assert_eq!(examination.of("registry"), [format!("skipped: no registry is registered -> {next}")]);
    assert_eq!(examination.of("home"), ["ok: nothing is stored yet in `~/crhost`"]);
    assert!(!home.path("crhost").exists());
    home.fails(3, &["doctor", "nosuch"]).says("there is no registry named `nosuch`");
    home.fails(2, &["doctor", "https://ghcr.io"]).says("scheme `https://`");
}

#[test]
fn a_registry_that_is_not_registered_is_examined_by_its_uri() {
    let registry = Registry::with_password();
    let home = Home::new();
    let examination = examine(&home, &[registry.host()]);
    let host = registry.host();
    let [found] = examination.of("credentials").try_into().unwrap();
    let words = format!(
        "problem: registry `{host}` requires a login, and no credentials were found -> give the registry a connector \
         (`crhost registry connect`), or log in with `docker login {host}`; looked at, in this order: "
    );
    assert!(found.starts_with(&words) && found.contains("`~/docker/config.json`"), "{found}");
    assert_eq!(examination.finished.code, Some(4), "{}", examination.finished);
    home.docker_login(host, "alice", "s3cret");
    let examination = examine(&home, &[host, "--push"]);
    assert_eq!(examination.finished.code, Some(0), "{}", examination.finished);
    assert_eq!(
        examination.of("credentials"),
        [format!("ok: `{host}` accepts those of `alice` from `~/docker/config.json`")]
    );
    assert!(!examination.finished.stdout.contains("s3cret") && !examination.finished.stdout.contains("YWxpY2U6"));
    // Of one registry, of which another is broken.
    home.register("down", "localhost:1");
    assert_eq!(examine(&home, &[host]).finished.code, Some(0));
    assert_eq!(examine(&home, &[]).finished.code, Some(6));
}

/// Runs crhost as a user who is not above permissions: root without the capability for that, or the user of the tests.
#[track_caller]
fn examine_as_an_ordinary_user(home: &Home) -> Examination {
    if !rustix_is_root() {
        return examine(home, &[]);
    }
    let program = home.command::<&str>(&[]).get_program().to_owned();
    let mut command = home.other("setpriv");
    let without = "-dac_override,-dac_read_search";
    command.args(["--bounding-set", without, "--inh-caps", without]).arg(program);
    examined(home, process::run(command.args(["doctor", "-o", "json"])))
}

fn rustix_is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").unwrap().uid() == 0
}
