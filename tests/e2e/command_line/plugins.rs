//! Programs `crhost-NAME` on the PATH.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;

use crate::support::programs::crhost::{Home, program};
use crate::support::programs::process;

/// Writes a program.
pub(super) fn script(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A user with a plugin `scan`.
fn home(text: &str) -> Home {
    let mut home = Home::new();
    script(&home.path("plugins/crhost-scan"), text);
    home.prepend_path(&home.path("plugins"));
    home
}

#[test]
fn a_plugin_gets_all_words_and_streams_and_ends_as_it_likes() {
    let home = home("#!/bin/sh\necho \"$@\"; cat; echo \"$CRHOST\" >&2; exit 42\n");
    let mut shell = home.other("sh");
    shell.args(["-c", "echo input | \"$0\" scan --deep -o json -- a:b"]).arg(program());
    let ran = process::run(&mut shell);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(42), "--deep -o json -- a:b\ninput\n"), "{ran}");
    let told = fs::canonicalize(ran.stderr.trim()).unwrap();
    assert_eq!(told, fs::canonicalize(program()).unwrap());
}

#[test]
fn signals_end_the_plugin_itself() {
    let home = home("#!/bin/sh\nkill -TERM $$\n");
    let ran = home.run(&["scan"]);
    assert_eq!(ran.code, None, "{ran}");
}

#[test]
fn crhost_s_own_commands_win_and_plugins_are_listed() {
    let home = home("#!/bin/sh\necho mine\n");
    script(&home.path("plugins/crhost-push"), "#!/bin/sh\necho forged\n");
    script(&home.path("plugins/crhost-help"), "#!/bin/sh\necho forged\n");
    for line in [&["push", "--help"][..], &["help"]] {
        assert!(!home.ok(line).stdout.contains("forged"));
    }
    let listed = home.ok(&["plugin", "list", "-o", "json"]).json();
    let [help, push, scan] = ["help", "push", "scan"].map(
        |name| json!({ "name": name, "path": home.path(&format!("plugins/crhost-{name}")), "hidden": name != "scan" }),
    );
    assert_eq!(listed["plugins"], json!([help, push, scan]));
    assert!(home.ok(&["--help"]).stdout.contains("crhost plugin list"));
}

#[test]
fn no_program_of_the_current_directory_is_a_plugin() {
    let mut home = Home::new();
    script(&home.path("crhost-scan"), "#!/bin/sh\necho forged\n");
    for path in ["", ".", ":/usr/bin:/bin", "/usr/bin::/bin", "./"] {
        home.set("PATH", path);
        home.fails(2, &["scan"]).says("`crhost` has no command `scan`");
    }
    home.fails(2, &["../crhost-scan"]);
}

#[test]
fn a_plugin_that_can_t_be_run_is_named() {
    let home = home("#!/no/such/interpreter\n");
    home.fails(1, &["scan"]).says("crhost-scan` can't be run");
    home.fails(2, &["sbom"]).says("a program `crhost-sbom` on the PATH would be one, too");
}
