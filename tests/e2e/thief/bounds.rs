//! Arguments without measure: each ends in time, and nothing of it is sent.

use std::time::Duration;

use super::{Stage, push};

#[test]
fn a_message_has_so_many_parts_and_no_more() {
    let stage = Stage::new();
    stage.assert_refused(&[
        ("parts-64", &["signed"]),
        ("parts-65", &["the message has 65 parts, expected at most 64"]),
        ("parts-1000", &["the message has 1000 parts, expected at most 64"]),
    ]);
}

#[test]
fn a_request_has_so_many_secrets_and_no_more() {
    let stage = Stage::new();
    let too_large: &[&str] = &["too-large"];
    stage.assert_refused(&[("fields-1000", too_large), ("members-1000", too_large), ("headers-1000", too_large)]);
}

#[test]
fn a_call_without_measure_ends_at_once() {
    let stage = Stage::new();
    let handles = "stopped: cannot lend resource: store handle limit exceeded";
    let data = "exchanged more than 8 MiB with crhost in one call";
    for (name, end) in [("parts-150000", handles), ("fields-150000", data)] {
        let refused = stage.home.fails(7, &push("thief", name));
        refused.within(Duration::from_secs(5));
        assert_eq!(refused.error(), format!("flavor `thief` failed: `prepare-image-push` {end}"));
    }
    assert_eq!(stage.service.lines(), [""; 0]);
}
