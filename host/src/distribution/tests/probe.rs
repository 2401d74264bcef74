//! What is found at a host, and where it leads.

use std::net::{IpAddr, UdpSocket};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use super::fake::{Fake, alice, answer, client, open, open_by, options};
use crate::credential::Credential;
use crate::distribution::wire::failure::CONNECT_TIMEOUT;
use crate::distribution::{Error, PlainHttp};
use crate::error::{Explain as _, Kind};
use crate::image::{Digest, Tag};

#[tokio::test]
async fn what_is_no_registry_is_told_from_what_is() {
    for (status, headers, found) in [
        (404, &[][..], "it answers `/v2/` with 404 Not Found"),
        (200, &[("content-type", "text/html; charset=utf-8")], "it answers `/v2/` with a web page"),
        (302, &[("location", "https://login.example/in?session=1")], "302 Found to `https://login.example/in`"),
        (401, &[], "it asks for credentials without saying how"),
    ] {
        let fake = Fake::start(move |_| answer(status, headers, "<html>")).await;
        let error = fake.open(alice()).start_upload().await.err().unwrap();
        assert!(error.to_string().ends_with(found), "{error}");
        assert_eq!(error.kind(), Kind::NotFound);
        assert!(fake.seen("").iter().all(|seen| seen.header("authorization").is_empty()));
    }
}

#[tokio::test]
async fn a_host_where_nothing_answers_is_unreachable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = open(&free.to_string(), alice()).authenticate().await.unwrap_err();
    let text = format!("registry `{free}` can't be reached: connection refused");
    assert!(error.to_string().starts_with(&text), "{error}");
    assert_eq!((error.kind(), error.retry().is_possible()), (Kind::Network, true));

    let error = open("no-such-host.invalid", alice()).authenticate().await.unwrap_err();
    assert!(
        error.to_string().starts_with("registry `no-such-host.invalid` can't be reached: its name can't be resolved: "),
        "{error}"
    );
}

#[tokio::test]
async fn a_registry_that_is_busy_says_so_and_is_asked_again() {
    let fake = Fake::start(|_| answer(503, &[("retry-after", "3")], "\u{1b}[31mbusy\r\n")).await;
    let client = fake.open(alice());
    let error = client.authenticate().await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("503 Service Unavailable to the question for the registry's version: \\u{1b}[31mbusy"),
        "{error}"
    );
    assert_eq!(error.retry().after().unwrap().as_secs(), 3);
    assert!(client.authenticate().await.is_err());
    assert_eq!(fake.seen("").len(), 2);
}

#[tokio::test]
async fn of_an_endless_error_only_the_start_is_read() {
    let fake = Fake::start(|seen| match seen.line.as_str() {
        "GET /v2/" => answer(200, &[], ""),
        _ => answer(500, &[], "no ".repeat(10_000_000)),
    })
    .await;
    let error = fake.open(alice()).start_upload().await.err().unwrap();
    assert!(error.retry().is_possible() && error.to_string().len() < 1000, "{error}");
}

#[tokio::test]
async fn redirects_of_questions_are_followed_without_credentials() {
    let store = Fake::start(|_| answer(200, &[("content-length", "7")], "")).await;
    let elsewhere = format!("http://localhost:{}/blob?sig=secret", store.port());
    let fake = Fake::start(move |seen| match (seen.line.as_str(), seen.header("authorization")) {
        (_, "") => answer(401, &[("www-authenticate", "Basic realm=x")], ""),
        (line, _) if line.starts_with("HEAD /v2/acme/train/blobs") => answer(307, &[("location", "/here")], ""),
        (line, _) if line.starts_with("HEAD /here") => answer(302, &[("location", &elsewhere)], ""),
        _ => answer(307, &[("location", seen.line.split(' ').nth(1).unwrap())], ""),
    })
    .await;
    let client = fake.open(alice());
    assert_eq!(client.has_blob(&Digest::of(b"")).await.unwrap().unwrap().size, Some(7));
    assert_eq!(store.seen("HEAD /blob?sig=secret")[0].header("authorization"), "");

    let error = client.head_manifest(&Tag::latest()).await.unwrap_err();
    assert!(error.to_string().ends_with("it redirects more than 5 times"), "{error}");
}

#[tokio::test]
async fn a_manifest_larger_than_any_registry_takes_is_not_read() {
    let fake = Fake::start(|_| answer(200, &[("content-type", "application/json")], vec![b' '; 5 * 1024 * 1024])).await;
    let error = fake.open(Credential::Anonymous).get_manifest(&Tag::latest()).await.unwrap_err();
    assert!(matches!(error, Error::Protocol { .. }), "{error}");
}

#[tokio::test]
async fn plain_http_beyond_this_machine_needs_the_users_word_for_that_registry() {
    let Some(address) = address_on_the_network() else { return };
    let [marked, other] = [(); 2].map(|()| Fake::start_at(address, |_| answer(200, &[], "")));
    let (marked, other, client) = (marked.await, other.await, client(options()));
    open_by(&client, &marked.host, PlainHttp::Allowed, alice()).authenticate().await.unwrap();
    assert!(!marked.seen("").is_empty());
    // The word is not for others, and not for the same host where it was not given, whatever is cached.
    let before = marked.seen("").len();
    for host in [&other.host, &marked.host] {
        let error = open_by(&client, host, PlainHttp::LoopbackOnly, alice()).authenticate().await.unwrap_err();
        assert!(matches!(error, Error::PlainHttp { .. }), "{error}");
        assert!(error.hint().unwrap().contains("--insecure"), "{error}");
    }
    assert_eq!((other.seen("").len(), marked.seen("").len()), (0, before));
}

#[tokio::test]
async fn a_registry_that_is_spoken_to_in_plain_http_can_t_name_others_that_are_not() {
    let Some(address) = address_on_the_network() else { return };
    for headers in [
        &[("www-authenticate", "Bearer realm=\"http://tokens.example/token\"")][..],
        &[("www-authenticate", "Bearer realm=\"http://127.0.0.1/token\"")],
    ] {
        let fake = Fake::start_at(address, move |_| answer(401, headers, "")).await;
        let opened = open_by(&client(options()), &fake.host, PlainHttp::Allowed, alice());
        let error = opened.authenticate().await.unwrap_err();
        assert!(error.to_string().contains("that the registry names is refused"), "{error}");
        assert!(fake.seen("").iter().all(|seen| seen.header("authorization").is_empty()));
    }
}

#[tokio::test]
async fn a_server_of_plain_http_that_is_silent_about_a_tls_greeting_is_not_waited_for() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    // As gunicorn with its one worker: one connection after the other, and no answer before the end of a line.
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            let _ = stream.read_until(b'\n', &mut line).await;
            if line.starts_with(b"GET /v2/ HTTP/1.1") {
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
                stream.write_all(answer).await.unwrap();
            }
        }
    });
    let start = std::time::Instant::now();
    open(&host, alice()).authenticate().await.unwrap();
    // A connection would be given up then; https is, after a second.
    assert!(start.elapsed() < CONNECT_TIMEOUT, "{:?}", start.elapsed());
}

#[tokio::test]
async fn an_odd_answer_to_the_first_question_decides_nothing_where_the_repository_works() {
    for (status, location) in
        [(404, ""), (403, ""), (400, ""), (405, ""), (501, ""), (302, "https://login.example/in"), (301, "/v2/?x")]
    {
        let fake = Fake::start(move |seen| match (seen.line.as_str(), seen.header("authorization")) {
            ("GET /v2/", _) => answer(status, &[("location", location)], "404 page not found"),
            ("GET /v2/?x", "") => answer(401, &[("www-authenticate", "Basic realm=x")], ""),
            (_, "") => answer(401, &[("www-authenticate", "Basic realm=x")], ""),
            _ => answer(202, &[("location", "/up")], ""),
        })
        .await;
        let client = fake.open(alice());
        client.authenticate().await.unwrap();
        client.start_upload().await.unwrap();
    }
}

/// This machine's address where it has a network; nothing is sent to find out.
fn address_on_the_network() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|address| !address.is_loopback())
}
