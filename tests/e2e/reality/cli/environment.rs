//! Variables that CI systems set: to nothing, and to something wrong.

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::{Home, repository};
use crate::support::programs::registry::Registry;

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "local", "--as", "train"];

/// All variables that crhost reads, from the reference.
fn variables() -> Vec<String> {
    let page = std::fs::read_to_string(repository().join("docs/reference/environment.md")).unwrap();
    let page = page.split("<!-- end -->").next().unwrap().to_owned();
    let names = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    names.map(str::to_owned).collect()
}

/// Variables that others read for crhost, or that mean something only in lower case.
const OTHERS: [&str; 6] =
    ["DOCKER_DEFAULT_PLATFORM", "https_proxy", "http_proxy", "all_proxy", "no_proxy", "CLICOLOR_FORCE"];

/// Without them there is no place for crhost's data, and no program.
const NEEDED: [&str; 3] = ["CRHOST_HOME", "HOME", "PATH"];

#[test]
fn an_empty_variable_is_as_one_that_is_not_set() {
    let registry = Registry::open();
    let variables = variables();
    assert!(variables.len() >= 35, "{variables:?}");
    let others = OTHERS.map(str::to_owned);
    let all = variables.iter().chain(&others).filter(|name| !NEEDED.contains(&name.as_str()));
    let home = || {
        let home = Home::new();
        image_files::layout(&home.path("layout"), &[("v1", &Image::small(here!(), architecture()))]);
        home.register("local", registry.host());
        home
    };
    let right = home().ok(&PUSH).stdout;
    // All at once: one that changes anything shows whichever it is.
    let mut home = home();
    all.for_each(|name| home.set(name, ""));
    let pushed = home.ok(&PUSH);
    assert_eq!(pushed.stdout, right);
    assert!(!pushed.stderr.contains("warning"), "{pushed}");
    home.ok(&["registry", "list"]);
    home.serve_with(&["serve", "--listen", "127.0.0.1:0"]);
    home.fails(2, &["serve", "--listen", "nonsense:port"]).says("`--listen`");
    home.set("CRHOST_HOME", "");
    home.fails(3, &PUSH).says("there is no registry named `local`");
}

#[test]
fn a_wrong_variable_is_named_with_its_value_and_what_was_expected() {
    for (name, value, expected) in [
        ("CRHOST_JOBS", "abc", "`abc`, expected a number from 1 to 64"),
        ("CRHOST_JOBS", "65", "`65`, expected a number from 1 to 64"),
        ("CRHOST_LIMIT_RATE", "20MB", "`20MB`, expected bytes per second, at least 1K"),
        ("CRHOST_TIMEOUT", "0", "`0`, expected a duration from 1s to 7days"),
        ("CRHOST_IDLE_TIMEOUT", "soon", "`soon`, expected a duration from 1s to 1h"),
        ("CRHOST_DAEMON_EXPORT", "banana", "`banana`, expected `true` or `false`"),
        ("CRHOST_PROGRESS", "bars", "`bars`, expected `auto` or"),
        ("CRHOST_OUTPUT", "xml", "`xml`, expected `table` or `json`"),
    ] {
        let mut home = Home::without_cache();
        home.set(name, value);
        let refused = home.fails(2, &["push", "x"]);
        assert!(
            refused.error().starts_with(&format!("the environment variable `{name}` is {expected}")),
            "{}",
            refused.error()
        );
    }
    let mut home = Home::without_cache();
    home.set("CRHOST_LISTEN", "nonsense:port");
    home.fails(2, &["serve"]).says("the environment variable `CRHOST_LISTEN` is `nonsense:port`, expected a port");
}

#[test]
fn a_wrong_word_is_not_blamed_on_a_variable_and_a_flag_wins_over_one() {
    let mut home = Home::new();
    home.set("CRHOST_JOBS", "4");
    assert!(!home.fails(2, &["push", "x", "--jobs", "abc"]).error().contains("variable"));
    home.set("CRHOST_JOBS", "abc");
    home.fails(3, &["push", "oci:nowhere", "--as", "x:1", "--jobs", "4", "--to", "nowhere"]);
}

#[test]
fn booleans_of_variables_have_the_usual_spellings() {
    let (registry, mut home) = (Registry::open(), Home::new());
    image_files::layout(&home.path("layout"), &[("v1", &Image::small(here!(), architecture()))]);
    home.register("local", registry.host());
    for value in ["true", "1", "yes", "false", "0", "no"] {
        home.set("CRHOST_DAEMON_EXPORT", value);
        home.ok(&PUSH);
    }
}

#[test]
fn durations_and_addresses_are_taken_as_people_write_them() {
    let (registry, home) = (Registry::open(), Home::new());
    image_files::layout(&home.path("layout"), &[("v1", &Image::small(here!(), architecture()))]);
    home.register("local", registry.host());
    for duration in ["90", "90s", "5m", "1h30m"] {
        home.ok(&[&PUSH[..], &["--timeout", duration]].concat());
    }
    home.ok(&[&PUSH[..], &["--idle-timeout", "5m"]].concat());
    for listen in ["0", ":0", "localhost:0", "127.0.0.1:0"] {
        let (server, host) = home.serve_with(&["serve", "--listen", listen]);
        assert!(host.starts_with("localhost:"), "{host}");
        drop(server);
    }
}
