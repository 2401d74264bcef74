//! The units of `deploy/systemd`, judged by systemd itself.

mod running;

use std::fs;
use std::path::PathBuf;

use crate::support::programs::crhost::{Home, program, repository};
use crate::support::programs::process;

/// Highest exposure that `systemd-analyze security` calls OK, in tenths.
const MOST_EXPOSURE: &str = "20";

/// The units, with the program under test in the place of the installed one.
fn units(home: &Home) -> Vec<PathBuf> {
    let entries = fs::read_dir(repository().join("deploy/systemd")).unwrap();
    let units = entries.map(|entry| entry.unwrap().path()).map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches("ExecStart=/usr/local/bin/crhost ").count(), 1, "{}", path.display());
        let here = home.path(path.file_name().unwrap().to_str().unwrap());
        fs::write(&here, text.replace("/usr/local/bin/crhost", program().to_str().unwrap())).unwrap();
        here
    });
    units.collect()
}

#[test]
fn the_units_are_valid_and_have_little_that_they_could_reach() {
    let home = Home::new();
    let units = units(&home);
    assert_eq!(units.len(), 2);
    for unit in units {
        let unit = unit.to_str().unwrap();
        let verified = process::tool("systemd-analyze", ["verify", "--man=no", unit]);
        // What it says of others' units on this machine does not count.
        assert!(verified.code == Some(0) && !verified.stderr.contains("crhost-"), "{verified}");
        let threshold = format!("--threshold={MOST_EXPOSURE}");
        process::tool("systemd-analyze", ["security", "--offline=yes", "--no-pager", &threshold, unit]).ok();
    }
}

#[test]
fn the_commands_of_the_units_are_those_of_crhost() {
    let home = Home::new();
    for unit in units(&home) {
        let text = fs::read_to_string(&unit).unwrap();
        let command = text.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
        let words: Vec<&str> = command.split(' ').skip(1).chain(["--help"]).collect();
        home.ok(&words);
    }
}
