//! Answers of servers: their form and their size; and the number of requests of a flavor. Their time is a matter of the
//! unit tests of `egress`, which shorten it.

use std::io;

use super::grant;
use crate::support::fakes::listener::{Listener, Wire};
use crate::support::http1::answer;
use crate::support::programs::prober::Prober;

const MIB: usize = 1 << 20;

/// A prober that may reach these servers, in plain HTTP.
#[track_caller]
fn prober(servers: &[&Listener]) -> Prober {
    let prober = Prober::new(&["--yes"]);
    for server in servers {
        grant(&prober, &origin(server));
    }
    prober
}

fn origin(server: &Listener) -> String {
    format!("http://localhost:{}", server.port())
}

/// Writes the same again and again, until the other side has gone.
fn flood(wire: &mut dyn Wire, head: &str, bytes: &[u8]) -> io::Result<()> {
    wire.write_all(head.as_bytes())?;
    loop {
        wire.write_all(bytes)?;
    }
}

#[test]
fn answers_that_are_no_http_are_no_answers() {
    let answers = [
        ("", "unreachable: the connection to"),
        ("hello\n", "unreachable: the connection to"),
        ("\0\x01\x02\x03", "unreachable: the connection to"),
        ("HTTP/0.9 200 OK\r\n\r\n", "unreachable: the connection to"),
        ("HTTP/2.0 200 OK\r\n\r\n", "unreachable: the connection to"),
        ("HTTP/1.1 99999 OK\r\n\r\n", "unreachable: the connection to"),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "unreachable: the connection to"),
        ("HTTP/1.1 200 OK\r\na\0b: c\r\n\r\n", "unreachable: the connection to"),
        ("HTTP/1.1 200 OK\r\na: b\r\n folded\r\n\r\n", "unreachable: the connection to"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello", "unreachable: the connection to"),
        ("HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nhello", "unreachable: the connection to"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhello", "unreachable: the answer of"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n", "unreachable: the answer of"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel", "unreachable: the answer of"),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff1\r\nhello",
            "unreachable: the answer of",
        ),
        // These are answers, if odd ones.
        ("HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n", "999 0 bytes"),
        ("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", "101 0 bytes"),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
            "200 2 bytes ok",
        ),
        ("HTTP/1.0 200 OK\r\n\r\nuntil the end", "200 13 bytes until the end"),
        ("HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello", "204 0 bytes"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more", "200 2 bytes ok"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n\x1b[2J\x1b]0;x", "200 9 bytes \\u{1b}[2J\\u{1b}]0;x"),
    ];
    let servers = answers.map(|(bytes, _)| Listener::answering(bytes));
    let prober = prober(&servers.each_ref());
    let cases: Vec<_> =
        servers.iter().zip(answers).map(|(server, (_, words))| (format!("GET {}/", origin(server)), words)).collect();
    prober.assert_outcomes(&cases);
    assert!(servers.iter().all(|server| server.connections() == 1), "a request was sent again");
    prober.assert_honest_push_works();
}

#[test]
fn an_answer_has_an_end() {
    let headers = |count: usize, name: &str, value: &str| -> String {
        (0..count).map(|number| format!("{name}-{number}: {value}\r\n")).collect()
    };
    let servers = [
        (Listener::http(|wire| flood(wire, "HTTP/1.1 200 OK\r\n\r\n", &[b'x'; 1 << 16])), "too-large"),
        (
            Listener::http(|wire| {
                flood(wire, "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n", &[b'x'; 1 << 16])
            }),
            "too-large",
        ),
        (
            Listener::http(|wire| {
                let chunk = format!("400\r\n{}\r\n", "x".repeat(0x400));
                flood(wire, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk.repeat(60).as_bytes())
            }),
            "too-large",
        ),
        (Listener::http(|wire| flood(wire, "HTTP/1.1 200 OK\r\n", &b"x: y\r\n".repeat(1000))), "too-large"),
        (Listener::http(|wire| flood(wire, "HTTP/1.1 200 OK\r\nx: ", &[b'y'; 1 << 16])), "too-large"),
        (Listener::http(|wire| flood(wire, "HTTP/1.1 200 ", &[b'y'; 1 << 16])), "too-large"),
        (Listener::answering(answer("200 OK", &headers(99, "x", "y"), "")), "too-large"),
        (Listener::answering(answer("200 OK", &headers(98, "x", "y"), "")), "200 0 bytes"),
        (Listener::answering(answer("200 OK", &headers(70, "x", &"y".repeat(3000)), "")), "too-large"),
        (Listener::answering(answer("200 OK", &headers(50, "x", &"y".repeat(1000)), "")), "200 0 bytes"),
        (Listener::answering(answer("200 OK", "", &"x".repeat(2 * MIB))), "200 2097152 bytes"),
        (Listener::answering(answer("200 OK", "", &"x".repeat(2 * MIB + 1))), "too-large"),
    ];
    let prober = prober(&servers.iter().map(|(server, _)| server).collect::<Vec<_>>());
    let cases: Vec<_> = servers.iter().map(|(server, words)| (format!("GET {}/", origin(server)), *words)).collect();
    prober.assert_outcomes(&cases);
    // Of `HEAD` there is no body to wait for.
    prober.assert_outcomes(&[(format!("HEAD {}/", origin(&servers[1].0)), "200 0 bytes")]);
    prober.assert_honest_push_works();
}

#[test]
fn an_answer_that_is_compressed_is_none_as_it_could_hide_a_secret() {
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n\x1f\x0b";
    let (compressed, plain) = (Listener::answering(head), Listener::answering(answer("200 OK", "", "hello")));
    let prober = prober(&[&compressed, &plain]);
    let get = |server: &Listener, more: &str| format!("GET {}/{more}", origin(server));
    let words = format!("unreachable: `localhost:{}` sent its answer compressed", compressed.port());
    prober.assert_outcomes(&[
        (get(&compressed, ""), words.as_str()),
        (get(&plain, " header:accept-encoding=gzip"), "invalid: "),
        (get(&plain, " header:range=bytes=1-2"), "invalid: "),
        (get(&plain, ""), "200 5 bytes hello"),
    ]);
    let [request] = plain.requests().try_into().unwrap();
    assert!(request.contains("accept-encoding: identity\r\n"), "{request}");
    prober.assert_honest_push_works();
}

#[test]
fn the_values_of_a_header_keep_their_order() {
    let server =
        Listener::answering("HTTP/1.1 200 OK\r\nX-Two: a\r\nX-One: b\r\nx-two: c\r\ncontent-length: 0\r\n\r\n");
    let prober = prober(&[&server]);
    assert_eq!(prober.outcome(&format!("GET {}/ show:x-two", origin(&server))), "200 x-two=a x-two=c 0 bytes");
    prober.assert_honest_push_works();
}

#[test]
fn a_call_has_so_many_requests_and_no_more() {
    let server = Listener::answering(answer("200 OK", "", "hello"));
    let prober = prober(&[&server]);
    let request = format!("GET {}/", origin(&server));
    assert_eq!(prober.outcomes(&format!("{request} times=66")), ["64 times 200 5 bytes hello", "2 times exhausted"]);
    assert_eq!(server.connections(), 64);
    // Those that are refused count too.
    let outcomes = prober.outcomes(&format!("GET nonsense times=32\nGET https://evil.example/ times=32\n{request}"));
    assert!(
        outcomes[0].starts_with("32 times invalid: ") && outcomes[1].starts_with("32 times denied: "),
        "{outcomes:?}"
    );
    assert_eq!((outcomes[2].as_str(), server.connections()), ("exhausted", 64));
    // The next call has its own, and what the last ones used is known.
    assert_eq!(prober.outcome(&request), "200 5 bytes hello");
    let runs = prober.home.ok(&["flavor", "describe", "prober", "-o", "json"]).json()["runs"].clone();
    let prepared = runs.as_array().unwrap().iter().filter(|run| run["function"] == "prepare-image-push");
    let requests: Vec<_> = prepared.map(|run| run["requests"].as_u64().unwrap()).collect();
    assert_eq!(requests, [1, 64], "{runs}");
    prober.assert_honest_push_works();
}

#[test]
fn a_request_has_an_end() {
    let server = Listener::answering(answer("200 OK", "", ""));
    let prober = prober(&[&server]);
    let request = |rest: &str| format!("POST {}/ {rest}", origin(&server));
    prober.assert_outcomes(&[
        (request("fill-body=1048577"), "too-large"),
        (request("fill-header=32769"), "too-large"),
        (request("fill-headers=101"), "too-large"),
    ]);
    assert_eq!(server.connections(), 0);
    prober.assert_outcomes(&[
        (request("fill-body=1048576"), "200"),
        (request("fill-header=32000"), "200"),
        (request("fill-headers=100"), "200"),
    ]);
    prober.assert_honest_push_works();
}
