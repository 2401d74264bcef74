//! Faults of login files and credential helpers.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::json;

use super::examine;
use crate::support::programs::crhost::{Home, program};

/// The program's name as clients call it.
const HELPER: &str = "docker-credential-crhost";

/// A home with an empty directory on its `PATH`.
fn home() -> Home {
    let mut home = Home::without_cache();
    let bin = home.path("bin");
    fs::create_dir(&bin).unwrap();
    home.prepend_path(&bin);
    home
}

#[test]
fn a_login_file_that_is_broken_is_a_problem_and_one_entry_in_it_a_warning() {
    let home = home();
    fs::write(home.path("docker/config.json"), "{\"auths\": [").unwrap();
    let examination = examine(&home, &[]);
    let [found] = examination.of("login-files").try_into().unwrap();
    let (found, next) = found.split_once(" -> ").unwrap();
    assert!(found.starts_with("problem: `~/docker/config.json` is not a valid file: "), "{found}");
    assert_eq!(next, "repair the file, or move it away");
    assert_eq!(fs::read_to_string(home.path("docker/config.json")).unwrap(), "{\"auths\": [");
    home.docker_config(&json!({"auths": {"a.example": {"auth": "%"}, "b.example": {"auth": "YTpi"}}}));
    examine(&home, &[]).warns(
        "login-files",
        "the credentials for `a.example` in `~/docker/config.json` can't be used: `auth` is not base64",
        "run `docker login` for this registry again",
    );
}

#[test]
fn a_helper_that_is_missing_or_not_executable_is_a_problem() {
    let home = home();
    home.docker_config(&json!({"credsStore": "nothere"}));
    examine(&home, &[]).finds(
        3,
        "helper",
        "`credsStore` in `~/docker/config.json` names the helper `docker-credential-nothere`, and it is not on the \
         `PATH`",
        "install `docker-credential-nothere`, or correct the entry",
    );
    home.docker_config(&json!({"credHelpers": {"r.example": "flat"}}));
    fs::write(home.path("bin/docker-credential-flat"), "#!/bin/sh\n").unwrap();
    examine(&home, &[]).finds(
        3,
        "helper",
        "`credHelpers` in `~/docker/config.json`, for `r.example` names the helper `docker-credential-flat`, and \
         `~/bin/docker-credential-flat` is not executable",
        "`chmod +x ~/bin/docker-credential-flat`",
    );
}

#[test]
fn helpers_that_ask_each_other_are_a_problem() {
    let home = home();
    home.docker_config(&json!({"credsStore": "wrap"}));
    let script = home.path("bin/docker-credential-wrap");
    fs::write(&script, format!("#!/bin/sh\nexec {HELPER} \"$@\"\n")).unwrap();
    fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    examine(&home, &[]).finds(
        5,
        "helper",
        "`credsStore` in `~/docker/config.json` names the helper `docker-credential-wrap`, which asks crhost, which \
         asks it: a loop",
        "take the entry away; `crhost docker install` has clients ask crhost for registered registries",
    );
}

#[test]
fn clients_that_ask_a_crhost_which_is_not_there_or_an_old_one_are_a_problem() {
    let home = home();
    home.docker_config(&json!({"credHelpers": {"r.example": "crhost"}}));
    examine(&home, &[]).finds(
        3,
        "helper",
        "clients are to ask `docker-credential-crhost`, which is not on the `PATH`",
        "`crhost docker install` makes it, `crhost docker uninstall` has them ask no longer",
    );
    let program = fs::canonicalize(program()).unwrap();
    let link = home.path("bin").join(HELPER);
    symlink("/old/crhost", &link).unwrap();
    examine(&home, &[]).finds(
        5,
        "helper",
        &format!(
            "`~/bin/{HELPER}` leads to `/old/crhost`, which is not there, and not to this crhost, `{}`",
            program.display()
        ),
        &format!("`rm ~/bin/{HELPER}`, then `crhost docker install`"),
    );
    fs::remove_file(&link).unwrap();
    symlink(&program, &link).unwrap();
    let examination = examine(&home, &[]);
    examination.warns(
        "helper",
        "clients ask crhost for `r.example`, where no registry is registered",
        "`crhost registry register NAME --flavor FLAVOR --uri r.example`, or `crhost docker uninstall`",
    );
    assert_eq!(examination.finished.code, Some(0), "{}", examination.finished);
    home.register("r", "r.example");
    let examination = examine(&home, &[]);
    examination.warns(
        "helper",
        "clients ask crhost for `r.example`, whose registry `r` has no connector: crhost looks in their own files, \
         which name crhost",
        "`crhost registry connect r` gives it credentials",
    );
    let found = format!("ok: `~/bin/{HELPER}` is this crhost, and clients ask it for `r.example`");
    assert!(examination.of("helper").contains(&found), "{}", examination.finished);
}
