//! Web pages get nothing and change nothing.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;

/// Sends bytes as they are and gives the answer: its status, and all of it.
async fn raw(registry: &Running, request: &str) -> (u16, String) {
    let mut connection = TcpStream::connect(registry.base.trim_start_matches("http://")).await.unwrap();
    connection.write_all(request.replace("PORT", registry.port()).as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer)
}

/// A request with these lines after the first.
async fn get(registry: &Running, target: &str, lines: &str) -> (u16, String) {
    raw(registry, &format!("GET {target} HTTP/1.1\r\n{lines}connection: close\r\n\r\n")).await
}

#[tokio::test]
async fn a_name_that_a_page_brought_here_opens_nothing() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    for host in [
        "evil.example:PORT",
        "evil.example",
        "localhost.evil.example:PORT",
        "localhost",
        "0.0.0.0:PORT",
        "10.0.0.1:PORT",
    ] {
        for path in ["/v2/", "/v2/_catalog", "/v2/a/tags/list", "/", "/elsewhere"] {
            let (status, answer) = get(&registry, path, &format!("host: {host}\r\n")).await;
            assert_eq!(status, 421, "{host} {path}: {answer}");
            assert!(answer.contains(r#""code":"DENIED""#) && answer.contains("--host-name"), "{answer}");
        }
    }
    // Nor does it write.
    for method in ["PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT"] {
        let line = format!("{method} /v2/a/blobs/uploads/ HTTP/1.1\r\nhost: evil.example:PORT\r\n");
        let (status, answer) = raw(&registry, &format!("{line}content-length: 0\r\nconnection: close\r\n\r\n")).await;
        assert!([400, 421].contains(&status), "{method}: {answer}");
    }
    assert_eq!(files(&data.path().join("uploads")), 0);
}

#[tokio::test]
async fn a_request_names_the_registry_once_and_in_every_place_that_it_can() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    for (target, lines, expected) in [
        ("/v2/", "host: localhost:PORT\r\n", 200),
        ("/v2/", "host: 127.0.0.1:PORT\r\n", 200),
        ("/v2/", "", 400),
        ("/v2/", "host: localhost:PORT\r\nhost: localhost:PORT\r\n", 400),
        ("/v2/", "host: localhost:PORT\r\nhost: evil.example\r\n", 400),
        ("/v2/", "host: evil.example\r\nhost: localhost:PORT\r\n", 400),
        ("/v2/", "host:\r\n", 421),
        ("http://localhost:PORT/v2/", "host: localhost:PORT\r\n", 200),
        ("http://localhost:PORT/v2/", "host: evil.example\r\n", 421),
        ("http://evil.example:PORT/v2/", "host: localhost:PORT\r\n", 421),
        ("http://u@localhost:PORT/v2/", "host: localhost:PORT\r\n", 421),
    ] {
        let (status, answer) = get(&registry, target, lines).await;
        assert_eq!(status, expected, "{target} {lines:?}: {answer}");
    }
    let (status, answer) = raw(&registry, "GET /v2/ HTTP/1.0\r\n\r\n").await;
    assert_eq!(status, 400, "{answer}");
    let (status, answer) = raw(&registry, "GET /v2/ HTTP/1.0\r\nhost: localhost:PORT\r\n\r\n").await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn a_page_of_another_site_writes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    let own = format!("http://localhost:{}", registry.port());
    let blob = format!("/v2/a/blobs/uploads/?digest={}", Digest::of(b"x"));
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("origin", ""),
        ("origin", "http://localhost:1"),
        ("origin", "http://localhost"),
        ("origin", &format!("{own}.evil.example")),
        ("origin", &own.replace("http", "https")),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none, cross-site"),
        ("sec-fetch-site", ""),
    ] {
        let answer = registry.send("POST", &blob, &[(name, value)], "x", 403).await;
        assert_eq!(code(answer).await, "DENIED", "{name}: {value}");
        registry.send("GET", "/v2/_catalog", &[(name, value)], "", 403).await;
    }
    registry.send("POST", &blob, &[("origin", &own), ("origin", "null")], "x", 403).await;
    registry.send("HEAD", &format!("/v2/a/blobs/{}", Digest::of(b"x")), &[], "", 404).await;
    // The registry's own origin, and what is typed into the browser.
    registry.send("POST", &blob, &[("origin", &own), ("sec-fetch-site", "same-origin")], "x", 201).await;
    registry.send("GET", "/v2/_catalog", &[("sec-fetch-site", "none")], "", 200).await;
}

#[tokio::test]
async fn clients_reach_it_by_a_name_that_it_was_given() {
    let data = tempfile::tempdir().unwrap();
    let names = ["host.docker.internal", "registry:443"].map(|name| name.parse().unwrap()).to_vec();
    let registry = Running::start_with(Settings { host_names: names, ..settings(data.path()) }).await;
    for (host, expected) in
        [("host.docker.internal:PORT", 200), ("registry:443", 200), ("localhost:PORT", 200), ("registry:PORT", 421)]
    {
        let (status, answer) = get(&registry, "/v2/", &format!("host: {host}\r\n")).await;
        assert_eq!(status, expected, "{host}: {answer}");
    }
}
