//! Standard error as JSON lines, for programs that collect logs.

use serde_json::Value;

use crate::support::programs::crhost::Home;

/// The lines of standard error.
#[track_caller]
fn lines(stderr: &str) -> Vec<Value> {
    stderr.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[test]
fn every_line_is_an_object_with_its_time_level_and_source() {
    let home = Home::new();
    let failed = home.run(&["registry", "describe", "nosuch", "-vv", "--log-format", "json"]);
    assert_eq!((failed.code, failed.stdout.as_str()), (Some(3), ""), "{failed}");
    let lines = lines(&failed.stderr);
    for line in &lines {
        let time = line["timestamp"].as_str().unwrap();
        assert!(time.len() == 24 && time.ends_with('Z') && time.contains('T'), "{line}");
        assert!(line["target"].as_str().unwrap().starts_with("crhost"), "{line}");
        assert!(!line["message"].as_str().unwrap().is_empty(), "{line}");
    }
    let last = lines.last().unwrap();
    assert_eq!((&last["level"], &last["code"], &last["exitCode"]), (&"error".into(), &"not-found".into(), &3.into()));
    assert!(last["hint"].as_str().unwrap().contains("crhost registry"), "{last}");
}

#[test]
fn the_variable_asks_for_it_too_and_for_wrong_arguments() {
    let mut home = Home::new();
    home.set("CRHOST_LOG_FORMAT", "json");
    let failed = home.run(&["push", "--nosuch"]);
    let lines = lines(&failed.stderr);
    assert_eq!((lines.len(), &lines[0]["code"], &lines[0]["exitCode"]), (1, &"usage".into(), &2.into()), "{failed}");
    home.set("CRHOST_LOG_FORMAT", "xml");
    home.fails(2, &["registry", "list"]).says("CRHOST_LOG_FORMAT");
}

#[test]
fn a_text_from_outside_moves_no_cursor_and_is_no_command() {
    let evil = "oci:evil\u{1b}[2J\n::error::x ##vso[x]";
    let failed = Home::new().run(&["push", evil, "--to", "localhost:1/a", "--as", "a", "-vv", "--log-format", "json"]);
    failed.printable();
    let lines = lines(&failed.stderr);
    let error = lines.last().unwrap();
    assert_eq!(error["level"], "error", "{failed}");
    assert!(error["message"].as_str().unwrap().contains("evil"), "{failed}");
}

#[test]
fn the_forms_of_json_results_and_events_stay() {
    let home = Home::new();
    let failed = home.run(&["registry", "describe", "nosuch", "-vv", "--log-format=json", "-o", "json"]);
    let lines = lines(&failed.stderr);
    assert!(lines.iter().all(|line| line.get("log").is_some() || line.get("error").is_some()), "{failed}");
    let failed = home.run(&["push", "oci:nosuch", "--to", "localhost:1/a", "--log-format=json", "--progress=json"]);
    assert!(self::lines(&failed.stderr).iter().all(|line| line.get("event").is_some()), "{failed}");
}
