//! The key that stored credentials are sealed with: in a file, in the keyring, and another in its place.

use std::fs;
use std::process::Command;

use crate::support::programs::crhost::Home;

/// Runs commands of crhost, one a line, beside a keyring that is unlocked, and gives what they print.
#[track_caller]
fn beside_keyring(home: &Home, commands: &str) -> String {
    let script = format!(
        "set -e\nprintf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1\n{}",
        commands.lines().map(|line| format!("\"$CRHOST\" {line}\n")).collect::<String>()
    );
    let own = home.command(&["--version"]);
    let mut session = Command::new("dbus-run-session");
    session.args(["--", "sh", "-c", &script]).env("CRHOST", own.get_program()).current_dir(home.path("."));
    session.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    // The keyring's own files.
    let output = session.env("XDG_DATA_HOME", home.path("user/data")).output().unwrap();
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{stdout}{stderr}");
    stdout
}

fn home() -> Home {
    let home = Home::new();
    fs::create_dir_all(home.path("user/data")).unwrap();
    fs::write(home.path("password"), "hunter2").unwrap();
    home
}

fn keys(home: &Home) -> Vec<String> {
    let files = fs::read_dir(home.path("crhost")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    files.filter(|name| name.starts_with("key")).collect()
}

#[test]
fn the_key_moves_into_the_keyring_and_back() {
    let home = home();
    home.ok(&["connector", "register", "c", "--type=docker", "--username=u", "--password=@password"]);
    assert_eq!(keys(&home), ["key"]);
    let shown = beside_keyring(&home, "key rotate --to keyring -o json\nconnector describe c\nkey rotate");
    assert!(shown.contains("\"sealedAnew\": 1") && shown.contains("username"), "{shown}");
    assert!(keys(&home).is_empty(), "a key is still in a file");
    // Without a keyring no credentials open, and the error says so.
    home.fails(1, &["connector", "describe", "c"]).says("the keyring can't be used");
    // Another session has another keyring, which lacks the entry unless its files are the same.
    beside_keyring(&home, "key rotate --to file");
    assert_eq!(keys(&home).len(), 1);
    home.ok(&["connector", "describe", "c"]);
}

#[test]
fn a_new_key_takes_the_place_of_the_old_one() {
    let home = home();
    home.ok(&["connector", "register", "c", "--type=docker", "--username=u", "--password=@password"]);
    let old = fs::read(home.path("crhost/key")).unwrap();
    let rotated = home.ok(&["key", "rotate", "-o", "json"]).json();
    assert_eq!((&rotated["place"], &rotated["sealedAnew"]), (&"file".into(), &1.into()));
    let new = fs::read(rotated["at"].as_str().unwrap()).unwrap();
    assert_ne!(new, old);
    assert_eq!(keys(&home).len(), 1);
    home.ok(&["connector", "describe", "c"]);
}
