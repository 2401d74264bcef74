//! Versions of one flavor: what may take whose place, and back.

use super::{FLAVOR, described, flavor, version, with_option, write};
use crate::support::programs::crhost::Home;

const REGISTER: [&str; 3] = ["flavor", "register", "it.wasm"];

/// A home with version 1.1.0 of the flavor, and a registry that sets its option.
fn home() -> Home {
    let home = Home::new();
    write(&home, "it.wasm", &with_option("1.1.0"));
    home.ok(&REGISTER);
    let registry = ["registry", "register", "prod", "--flavor", FLAVOR, "--uri=localhost:5000/prod"];
    home.ok(&[&registry[..], &["--option", "team=red"]].concat());
    home
}

#[test]
fn a_later_version_says_what_it_changes_and_can_be_taken_back() {
    let home = home();
    let before = described(&home);
    home.ok(&["registry", "update", "prod", "--remove-option", "team"]);
    write(&home, "it.wasm", &flavor("1.2.0", ""));
    let replaced = home.ok(&REGISTER);
    for words in ["In place of     version 1.1.0 (sha256:", "Options gone    `team`", "1.2.0"] {
        assert!(replaced.stderr.contains(words), "{words}{replaced}");
    }
    assert_eq!(described(&home)["previous"]["version"], "1.1.0");
    let text = home.ok(&["flavor", "describe", FLAVOR]);
    assert!(text.stdout.contains("version 1.1.0 (sha256:"), "{text}");
    let rolled = home.ok(&["flavor", "rollback", FLAVOR]);
    assert!(rolled.stderr.contains("New options     `team`"), "{rolled}");
    let after = described(&home);
    assert_eq!((&after["digest"], &after["grants"]), (&before["digest"], &before["grants"]));
    home.ok(&["registry", "update", "prod", "--option", "team=blue"]);
    // There and back, and there is no third.
    home.fails(5, &["flavor", "rollback", FLAVOR]).says("`prod`").says("--force");
    home.ok(&["flavor", "rollback", FLAVOR, "--force"]);
    assert_eq!(version(&home), "1.2.0");
}

#[test]
fn an_older_version_and_other_bytes_of_the_same_version_have_to_be_forced() {
    let home = home();
    for (given, said) in
        [("1.0.0", "in version 1.1.0, and this is 1.0.0, which is older"), ("1.1.0", "1.1.0 is registered")]
    {
        write(&home, "it.wasm", &[&with_option(given)[..], b"\0\x05\x04note"].concat());
        home.fails(5, &REGISTER).says(said).says("--force");
        home.fails(5, &[&REGISTER[..], &["--yes"]].concat());
        assert_eq!(version(&home), "1.1.0");
    }
    write(&home, "it.wasm", &with_option("1.0.0"));
    home.ok(&[&REGISTER[..], &["--force"]].concat());
    assert_eq!(version(&home), "1.0.0");
    // What it took the place of comes back.
    home.ok(&["flavor", "rollback", FLAVOR]);
    assert_eq!(version(&home), "1.1.0");
}

#[test]
fn a_version_without_an_option_that_a_registry_uses_is_stopped() {
    let home = home();
    home.ok(&["registry", "register", "other", "--flavor", FLAVOR, "--uri=localhost:5000/other"]);
    write(&home, "it.wasm", &flavor("2.0.0", ""));
    let refused =
        home.fails(5, &REGISTER).says("flavor `drawback` 2.0.0 would not work any more with registry `prod`: ");
    assert!(refused.error().contains("`team`") && !refused.error().contains("`other`"), "{}", *refused);
    assert!(refused.hint().contains("crhost registry update prod") && refused.hint().contains("--force"));
    assert_eq!(version(&home), "1.1.0");
    home.ok(&["registry", "describe", "prod"]);
    // It goes on all the same, and says again what breaks.
    let forced = home.ok(&[&REGISTER[..], &["--force"]].concat());
    assert!(forced.stderr.contains("warning: registry `prod` does not work with this `drawback`"), "{forced}");
    assert_eq!(version(&home), "2.0.0");
}

#[test]
fn what_was_never_replaced_and_what_is_built_in_has_nothing_to_roll_back_to() {
    let home = home();
    home.fails(3, &["flavor", "rollback", FLAVOR]).says("has taken the place of no other");
    home.fails(5, &["flavor", "rollback", "aws"]).says("built-in");
    home.fails(3, &["flavor", "rollback", "missing"]).says("no flavor named `missing`");
}
