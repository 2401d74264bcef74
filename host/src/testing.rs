//! What unit tests share.

use std::fs::OpenOptions;
use std::io::Write as _;

/// Capabilities of the machine that a test run insists on: a list with commas, or `all`.
const REQUIRED: &str = "CRHOST_TEST_REQUIRE";
/// A file that skips are appended to, one a line: cargo shows nothing that a passing test prints.
const SKIPS: &str = "CRHOST_TEST_SKIPS";

/// Says that a test is skipped because the machine lacks a capability (`root`, `containerd`, …); the caller returns
/// then.
///
/// # Panics
/// When `CRHOST_TEST_REQUIRE` names the capability, or the file of `CRHOST_TEST_SKIPS` can't be written.
pub(crate) fn skip(capability: &str, reason: &str) {
    let line = format!("skipped: {capability}: {reason}");
    let required = std::env::var(REQUIRED).unwrap_or_default();
    assert!(!is_required(&required, capability), "{REQUIRED} asks for `{capability}`, {line}");
    eprintln!("{line}");
    if let Some(path) = std::env::var_os(SKIPS).filter(|path| !path.is_empty()) {
        // One write of a whole line: tests of several processes append at once.
        let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

/// The path of the request that a client of a fake server sends, which has no content.
#[cfg(unix)]
pub(crate) async fn request_path(stream: &mut tokio::net::UnixStream) -> String {
    use tokio::io::AsyncReadExt as _;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap().split(' ').nth(1).unwrap().to_owned()
}

fn is_required(list: &str, capability: &str) -> bool {
    list.split(',').map(str::trim).any(|name| name == "all" || name == capability)
}

#[test]
fn a_skip_is_a_failure_where_its_capability_is_required() {
    for (list, expected) in
        [("", false), ("root", true), ("containerd, root", true), ("all", true), ("rootless", false)]
    {
        assert_eq!(is_required(list, "root"), expected, "{list}");
    }
}
