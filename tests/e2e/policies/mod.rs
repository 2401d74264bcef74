//! Policies: components that say whether an image may be pushed.

mod changes;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::fakes::listener::Listener;
use crate::support::http1::answer;
use crate::support::images::image::Image;
use crate::support::judges::screen::assert_harmless;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;
use crate::support::programs::registry::Registry;

/// The exit code of something that a policy is against.
const AGAINST: i32 = 9;

/// A home with an image at `oci:layout:v1`, and a registry for it.
fn home() -> (Home, Image, Registry) {
    let (home, image) = Home::with_image();
    (home, image, Registry::open())
}

/// The arguments of a push of `oci:layout:v1` as `name`.
fn push<'a>(registry: &'a str, name: &'a str) -> [&'a str; 6] {
    ["push", "oci:layout:v1", "--to", registry, "--as", name]
}

/// A guest that does what its option `way` says.
fn judge() -> PathBuf {
    guest::build_with_cargo("judge")
}

fn register(home: &Home, component: &Path, more: &[&str]) {
    home.ok(&[&["policy", "register", component.to_str().unwrap()], more].concat());
}

#[test]
fn a_push_that_a_policy_is_against_sends_nothing_and_says_why() {
    let (mut home, image, registry) = home();
    let to = format!("{}/acme", registry.host());
    home.set("CRHOST_LOG", "info");
    home.ok(&["policy", "register", "no-latest"]);
    let refused = home.fails(AGAINST, &push(&to, "train:latest"));
    assert_eq!(
        refused.error(),
        format!(
            "`{to}/train:latest` is not pushed: policy `no-latest`: the tag `latest` is not allowed, expected one that \
             says which version it is"
        )
    );
    assert_eq!(refused.hint(), "`crhost policy describe no-latest` shows what it demands");
    // Before its flavor prepares, and may create, a repository.
    assert!(!refused.stderr.contains("prepared the push"), "{}", *refused);
    registry.assert_untouched();
    let further = [&push(&to, "train:v1")[..], &["--tag", "latest"]].concat();
    home.fails(AGAINST, &further).says("tag `latest`");
    registry.assert_untouched();
    let refused = home.run(&[&push(&to, "train:latest")[..], &["-o", "json"]].concat());
    let error: Value = serde_json::from_str(refused.stderr.lines().last().unwrap()).unwrap();
    assert_eq!((&error["error"]["code"], &error["error"]["exitCode"]), (&json!("policy"), &json!(AGAINST)));
    home.ok(&push(&to, "train:v1"));
    skopeo::assert_same(registry.access(), &format!("{to}/train:v1"), &image);
}

#[test]
fn an_image_is_on_an_approved_base_by_its_lowest_layers_or_not_at_all() {
    let (home, image, registry) = home();
    let to = format!("{}/acme", registry.host());
    home.ok(&["policy", "register", "approved-bases", "--option", "bases=python:3.*", "--on", "push"]);
    home.fails(AGAINST, &push(&to, "train:v1")).says("expected one of `python:3.*`");
    registry.assert_untouched();
    let lowest = format!("layers={}", image.diff_ids()[0]);
    home.ok(&["policy", "update", "approved-bases", "--option", &lowest]);
    let pushed = home.ok(&[&push(&to, "train:v1")[..], &["-o", "json"]].concat()).json();
    assert_eq!(pushed["policyWarnings"], json!([]));
    let all = format!("layers={}+sha256:{}", image.diff_ids().join("+"), "0".repeat(64));
    home.ok(&["policy", "update", "approved-bases", "--option", &all, "--option", "warn=true"]);
    let warned = home.ok(&[&push(&to, "train:v2")[..], &["-o", "json"]].concat());
    let warnings = warned.json()["policyWarnings"].clone();
    assert_eq!(warnings[0]["policy"], "approved-bases");
    assert!(warnings[0]["message"].as_str().unwrap().contains("python:3.*"), "{warnings}");
    assert!(warned.stderr.contains("policy `approved-bases`"), "{warned}");
}

#[test]
fn a_policy_sees_the_image_its_names_and_its_configuration_before_anything_is_sent() {
    let (home, _, registry) = home();
    home.register("local", &format!("{}/acme", registry.host()));
    register(&home, &judge(), &["--option", "way=tell"]);
    let told = home.ok(&[&push("local", "train:v1")[..], &["--tag", "v2", "--dry-run"]].concat());
    let seen = format!(
        "Action::Push {}/acme/train:v1 tags=[\"v1\", \"v2\"] registry=Some(\"local\") images=1 layers=1 base=None \
         user=None config=true removals=0 source=None",
        registry.host()
    );
    assert!(told.stderr.contains(&seen), "{told}");
    home.ok(&push("local", "train:v1"));
    let message = |arguments: &[&str]| {
        let checked = home.ok(&[&["policy", "check", "local/train:v1", "-o", "json"], arguments].concat()).json();
        assert_eq!((&checked["allowed"], &checked["policies"][0]["outcome"]), (&json!(true), &json!("warn")));
        checked["policies"][0]["messages"][0].as_str().unwrap().to_owned()
    };
    let deletion = message(&["--action", "delete"]);
    assert!(deletion.starts_with("Action::Delete") && deletion.contains("config=true removals=1"), "{deletion}");
    let copy = message(&["--action", "copy", "--as", "local/other:v2"]);
    let source = format!("source=Some(\"{}/acme/train:v1\")", registry.host());
    assert!(copy.contains("acme/other:v2 tags=[\"v2\"]") && copy.ends_with(&source), "{copy}");
}

#[test]
fn a_policy_that_misbehaves_is_against_everything_and_crhost_says_how() {
    let (home, _, registry) = home();
    let to = format!("{}/acme", registry.host());
    register(&home, &judge(), &[]);
    for (way, says) in [
        ("deny", "this is \\u{1b}[31mold"),
        ("deny-silently", "it does not say why"),
        ("loop", "failed: `admit` took longer than 5 s"),
        ("fill", "failed: `admit` needed more than 128 MiB of memory"),
        ("shout", "and more, which `crhost policy check` shows"),
        ("shout-louder", "failed: `admit` exchanged more than 8 MiB with crhost in one call"),
        ("trap", "failed: `admit` stopped: "),
        ("ask", "is not granted to this policy"),
    ] {
        home.ok(&["policy", "update", "judge", "--option", &format!("way={way}")]);
        let refused = home.fails(AGAINST, &push(&to, "train:v1"));
        assert!(refused.error().contains(says), "{way}: {}", *refused);
        assert!(refused.error().contains("policy `judge`"), "{way}: {}", *refused);
        assert!(refused.stderr.len() < 64 << 10, "{way} is cut");
        assert_harmless(&refused.stderr);
        registry.assert_untouched();
    }
    for (way, says) in [("read", "Err("), ("warn", "old")] {
        home.ok(&["policy", "update", "judge", "--option", &format!("way={way}")]);
        let warned = home.ok(&[&push(&to, "train:v1")[..], &["--dry-run"]].concat());
        assert!(warned.stderr.contains(says), "{way}: {warned}");
        assert_harmless(&warned.stderr);
    }
}

#[test]
fn a_policy_asks_a_service_that_it_was_granted_and_no_other() {
    let (home, _, registry) = home();
    let to = format!("{}/acme", registry.host());
    let service = Listener::answering(answer("200 OK", "", ""));
    let url = format!("http://127.0.0.1:{}", service.port());
    let option = format!("service={url}");
    register(&home, &judge(), &["--option", "way=ask", "--option", &option]);
    let refused = home.fails(AGAINST, &push(&to, "train:v1"));
    assert!(refused.error().contains("the service can't be asked"), "{}", *refused);
    assert_eq!(service.requests(), Vec::<String>::new());
    home.ok(&["policy", "update", "judge", "--allow-host", &url]);
    home.ok(&push(&to, "train:v1"));
    assert_eq!(service.requests().len(), 1);
    home.ok(&["policy", "update", "judge", "--revoke", &url]);
    home.fails(AGAINST, &push(&to, "train:v2"));
}

#[test]
fn which_registries_and_whether_at_all_is_the_user_s_choice_and_a_variable_demands_it() {
    let (mut home, _, registry) = home();
    let (one, two) = (format!("{}/one", registry.host()), format!("{}/two", registry.host()));
    home.register("first", &one);
    home.ok(&["policy", "register", "no-latest", "--for", "first"]);
    home.ok(&[&push(&two, "train:latest")[..], &["--dry-run"]].concat());
    home.fails(AGAINST, &push(&one, "train:latest"));
    home.ok(&["registry", "remove", "first"]);
    home.fails(AGAINST, &push(&one, "train:latest"));
    home.ok(&["policy", "update", "no-latest", "--for-all", "--on", "delete"]);
    home.ok(&[&push(&one, "train:latest")[..], &["--dry-run"]].concat());
    home.ok(&["policy", "update", "no-latest", "--on", "push,copy"]);
    home.ok(&["policy", "disable", "no-latest"]);
    home.ok(&[&push(&one, "train:latest")[..], &["--dry-run"]].concat());
    home.set("CRHOST_REQUIRE_POLICIES", "no-latest,approved-bases");
    let refused = home.fails(AGAINST, &push(&one, "train:v1"));
    assert_eq!(refused.error(), "`CRHOST_REQUIRE_POLICIES` demands policy `no-latest`, which is disabled");
    home.ok(&["policy", "enable", "no-latest"]);
    home.fails(AGAINST, &push(&one, "train:v1")).says("`approved-bases`, which is not registered");
    registry.assert_untouched();
    home.set("CRHOST_REQUIRE_POLICIES", "no-latest");
    home.ok(&[&push(&one, "train:v1")[..], &["--dry-run"]].concat());
}

#[test]
fn an_image_gets_no_tag_that_a_policy_is_against_whichever_command_gives_it() {
    let (mut home, _, registry) = home();
    let to = format!("{}/acme", registry.host());
    home.ok(&push(&to, "train:v1"));
    let (first, tags) = (format!("{to}/train:v1"), format!("{to}/train"));
    home.ok(&["policy", "register", "no-latest", "--on", "push"]);
    let latest = format!("{to}/train:latest");
    let refused = home.fails(AGAINST, &["tag", &first, "stable", "latest"]);
    assert!(refused.error().starts_with(&format!("`{to}/train:stable` is not pushed: policy `no-latest`: ")));
    home.fails(AGAINST, &["index", "create", &latest, &first]).says("`no-latest`");
    home.fails(AGAINST, &["annotate", &first, "a=b", "--new-tag", "latest"]).says("`no-latest`");
    assert_eq!(home.ok(&["tags", &tags]).stdout, "v1\n");
    // What they name is shown to policies as a push of it would be.
    home.ok(&["policy", "register", "approved-bases", "--option", "bases=python:3.*", "--on", "push"]);
    home.fails(AGAINST, &["tag", &first, "stable"]).says("expected one of `python:3.*`");
    home.fails(AGAINST, &["index", "create", &format!("{to}/train:all"), &first]).says("expected one of `python:3.*`");
    home.ok(&["policy", "update", "approved-bases", "--option", "warn=true"]);
    let warned = home.ok(&["tag", &first, "stable"]);
    assert!(warned.stderr.contains("policy `approved-bases`: "), "{warned}");
    home.set("CRHOST_REQUIRE_POLICIES", "absent");
    home.fails(AGAINST, &["tag", &first, "other"]).says("`absent`, which is not registered");
}

#[test]
fn policies_are_registered_shown_replaced_and_forgotten() {
    let home = Home::new();
    let judge = judge();
    let file = judge.to_str().unwrap();
    home.fails(2, &["policy", "register", "no-latest", "--option", "tag=x"]).says("its options are `tags`, `warn`");
    home.fails(3, &["policy", "register", "nothing.wasm"]).says("a built-in policy: `approved-bases`, `no-latest`");
    home.fails(3, &["policy", "register", "no-latest", "--for", "nowhere"]).says("neither a registered registry");
    fs::write(home.path("text.wasm"), "hello").unwrap();
    home.fails(7, &["policy", "register", "text.wasm"]).says("expected a WebAssembly component");
    home.fails(7, &["flavor", "register", file]).says("`crhost policy register FILE` takes it");
    home.ok(&["policy", "register", file, "--on", "push", "--for", "ghcr.io/acme"]);
    home.fails(5, &["policy", "register", file]).says("the name `judge` is taken by another policy");
    home.ok(&["policy", "register", file, "--if-missing"]);
    let stays = home.ok(&["policy", "register", "no-latest", "--name", "judge", "--if-missing"]);
    assert!(stays.stderr.contains("is another component"), "{stays}");
    home.ok(&["policy", "register", file, "--name", "other", "--option", "way=warn"]);
    home.ok(&["policy", "register", "no-latest", "--name", "judge", "--replace"]);
    let all = home.ok(&["policy", "list", "-o", "json"]).json();
    let names: Vec<_> = all["policies"].as_array().unwrap().iter().map(|one| (&one["name"], &one["policy"])).collect();
    assert_eq!(names, [(&json!("judge"), &json!("no-latest")), (&json!("other"), &json!("judge"))]);
    assert_eq!(home.ok(&["policy", "list", "-o", "name"]).stdout, "judge\nother\n");
    let shown = home.ok(&["policy", "describe", "other", "-o", "json"]).json();
    assert_eq!((&shown["options"], &shown["enabled"]), (&json!({"way": "warn"}), &json!(true)));
    assert_eq!(shown["actions"], json!(["push", "copy", "delete"]));
    assert!(home.ok(&["policy", "describe", "judge"]).stdout.contains("built-in"));
    home.ok(&["policy", "delete", "judge"]);
    home.fails(3, &["policy", "describe", "judge"]).says("there is no policy named `judge`");
}

#[test]
fn a_policy_whose_component_was_changed_is_against_everything() {
    let (home, _, registry) = home();
    register(&home, &judge(), &[]);
    let components = home.path("crhost/components/sha256");
    let files = fs::read_dir(&components).unwrap().map(|entry| entry.unwrap().path());
    let changed = files.filter(|path| path.is_file()).map(|path| fs::write(path, "changed").unwrap()).count();
    assert!(changed > 0);
    let refused = home.fails(AGAINST, &push(&format!("{}/acme", registry.host()), "train:v1"));
    for says in ["policy `judge` failed: ", "the component of policy `judge` has changed since it was registered"] {
        assert!(refused.error().contains(says), "{}", *refused);
    }
    registry.assert_untouched();
}
