//! Where a flavor is from, and where its updates come from: told where it changes.

use super::{FLAVOR, described, flavor, publish, version, write};
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

#[test]
fn the_end_and_the_beginning_of_updates_from_a_registry_are_told() {
    let (home, registry) = (Home::new(), Registry::open());
    let repository = format!("{}/acme/myreg", registry.host());
    publish(&home, &flavor("1.0.0", ""), &repository, &[]);
    home.ok(&["flavor", "register", &format!("oci://{repository}:1.0.0")]);
    // A later version from a file ends them.
    write(&home, "mine.wasm", &flavor("1.1.0", ""));
    let replaced = home.ok(&["flavor", "register", "mine.wasm"]);
    assert!(replaced.stderr.contains(&format!("no longer looks in `oci://{repository}`")), "{replaced}");
    assert!(replaced.stderr.contains(&format!("`crhost flavor rollback {FLAVOR}`")), "{replaced}");
    let back = home.ok(&["flavor", "rollback", FLAVOR]);
    assert!(back.stderr.contains(&format!("looks in `oci://{repository}` for flavor `{FLAVOR}`")), "{back}");
    // The same bytes from elsewhere: registered already, and from there now.
    write(&home, "same.wasm", &flavor("1.0.0", ""));
    let same = home.ok(&["flavor", "register", "same.wasm"]);
    assert!(same.stderr.contains("already registered") && same.stderr.contains("no longer looks in"), "{same}");
    assert!(described(&home)["origin"].as_str().unwrap().ends_with("/same.wasm"));
    let again = home.ok(&["flavor", "register", &format!("oci://{repository}:1.0.0")]);
    assert!(again.stderr.contains("already registered") && again.stderr.contains("from now on"), "{again}");
    let quiet = home.ok(&["flavor", "register", &format!("oci://{repository}:1.0.0")]);
    assert!(!quiet.stderr.contains("from now on"), "{quiet}");
    // Short for people, whole for programs.
    let listed = home.ok(&["flavor", "list"]).stdout;
    let row = listed.lines().find(|line| line.starts_with(FLAVOR)).unwrap();
    assert!(row.contains(&format!("oci://{repository}:1.0.0 ")) && !row.contains("sha256:"), "{row}");
    assert!(described(&home)["origin"].as_str().unwrap().contains("@sha256:"));
}

#[test]
fn what_an_index_lists_is_taken_by_its_digest_and_a_tag_that_moved_is_told() {
    let (mut home, registry) = (Home::new(), Registry::open());
    let (repository, index) = (format!("{}/acme/myreg", registry.host()), format!("{}/acme/index", registry.host()));
    publish(&home, &flavor("1.0.0", ""), &repository, &["--index", &index]);
    // Other bytes under the version's tag, of which the index has not heard.
    publish(&home, &flavor("1.0.1", ""), &repository, &["--tag", "1.0.0", "--force"]);
    home.set("CRHOST_FLAVOR_INDEX", &index);
    let found = home.ok(&["flavor", "search", FLAVOR, "-o", "json"]).json();
    let reference = found["flavors"][0]["reference"].as_str().unwrap();
    let registered = home.ok(&["flavor", "register", reference]);
    assert_eq!(version(&home), "1.0.0");
    assert!(registered.stderr.contains(&format!("warning: `{repository}:1.0.0` names sha256:")), "{registered}");
    // Nothing found is a line of its own.
    let nothing = home.ok(&["flavor", "search", "nothing-like-it"]);
    assert_eq!(nothing.stdout, "");
    assert!(nothing.stderr.contains("nothing that is listed matches `nothing-like-it` (1 entry)"), "{nothing}");
}

#[test]
fn the_name_of_a_built_in_flavor_is_refused_before_users_have_it() {
    let (home, registry) = (Home::new(), Registry::open());
    let quay = flavor("1.0.0", r#"(data (i32.const 16) "quay") (data (i32.const 1004) (i32 4))"#);
    write(&home, "q.wasm", &quay);
    let taken = "`quay` is the name of a built-in flavor";
    let inspected = home.ok(&["flavor", "inspect", "q.wasm"]);
    assert!(inspected.stderr.contains(&format!("warning: {taken}")), "{inspected}");
    let tested = home.run(&["flavor", "test", "q.wasm"]);
    assert!(tested.stderr.contains(&format!("warning: {taken}")), "{tested}");
    home.fails(5, &["flavor", "publish", "q.wasm", &format!("{}/acme/quay", registry.host())]).says(taken);
    assert_eq!(registry.tags(), 0);
    home.fails(5, &["flavor", "register", "q.wasm"]).says(taken);
    home.fails(5, &["flavor", "new", "quay"]).says("`quay` is the name of a built-in flavor");
}

#[test]
fn what_is_given_in_the_place_of_a_file_leads_on() {
    let home = Home::new();
    write(&home, "it.wasm", &flavor("1.0.0", ""));
    home.ok(&["flavor", "register", "it.wasm"]);
    // A name in a registry without its scheme, a directory, and the name of a flavor that there is.
    for name in ["localhost:5000/acme/myreg:1", "ghcr.io/acme/myreg"] {
        let refused = home.fails(3, &["flavor", "register", name]).says("can't be read");
        assert!(refused.hint().contains(&format!("`oci://{name}`")), "{}", *refused);
    }
    for command in [&["flavor", "register", "."][..], &["flavor", "inspect", "."], &["flavor", "test", "."]] {
        assert!(home.run(command).stderr.contains("give the component in it: `./it.wasm`"), "{command:?}");
    }
    let refused = home.fails(2, &["flavor", "register", FLAVOR]).says("a flavor that there is already");
    assert!(refused.hint().contains("/it.wasm`"), "{}", *refused);
    home.fails(2, &["flavor", "register", "quay"]).says("a flavor that there is already, from `built-in`");
    // Where nothing is registered, the name stands for the component.
    let called = home.ok(&["flavor", "call", FLAVOR, "validate-uri", "localhost:5000/team"]);
    assert_eq!(called.stdout, "uri: localhost:5000/team\nwarnings: none\n");
    home.ok(&["flavor", "call", "quay", "validate-uri", "quay.io/acme"]);
    assert_eq!(home.run(&["flavor", "test", FLAVOR, "-o", "json"]).json()["name"], FLAVOR);
    home.fails(3, &["flavor", "call", "nowhere", "describe"]).says("`nowhere` can't be read");
}
