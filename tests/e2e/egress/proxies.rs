//! Proxies that the environment names: the requests that they get, and the secrecy of their password.

use super::{grant, trust};
use crate::support::fakes::certificates::Authority;
use crate::support::fakes::forward_proxy;
use crate::support::fakes::listener::Listener;
use crate::support::http1::answer;
use crate::support::programs::prober::{Prober, notes};
use crate::support::programs::process;

const PASSWORD: &str = "hunter2hunter2";
/// `someone` and [`PASSWORD`], as `proxy-authorization` has them.
const BASIC: &str = "Basic c29tZW9uZTpodW50ZXIyaHVudGVyMg==";

/// A prober behind a proxy with a password, and a server for `written.example` that only the proxy knows.
fn behind(answer_of_proxy: &'static str) -> (Prober, Listener, Listener) {
    let authority = Authority::new();
    let server = Listener::https(&authority.identity(&["written.example"]), answer("200 OK", "", "hello"));
    let proxy = forward_proxy::leading_to(server.port(), answer_of_proxy);
    let mut prober = Prober::new(&["--yes"]);
    trust(&mut prober.home, &authority);
    for name in ["HTTPS_PROXY", "HTTP_PROXY"] {
        prober.home.set(name, format!("http://someone:{PASSWORD}@localhost:{}", proxy.port()));
    }
    (prober, proxy, server)
}

const CONNECTED: &str = "HTTP/1.1 200 Connected\r\n\r\n";

#[test]
fn a_host_that_the_user_wrote_is_reached_through_the_proxy() {
    let (prober, proxy, server) = behind(CONNECTED);
    grant(&prober, "https://written.example");
    assert_eq!(prober.outcome("GET https://written.example/x"), "200 5 bytes hello");
    let [connect] = proxy.requests().try_into().unwrap();
    assert!(connect.starts_with("CONNECT written.example:443 HTTP/1.1\r\n"), "{connect}");
    assert!(connect.contains(&format!("proxy-authorization: {BASIC}\r\n")), "{connect}");
    let [request] = server.requests().try_into().unwrap();
    assert!(request.starts_with("GET /x HTTP/1.1\r\n") && !request.contains("proxy"), "{request}");
    prober.assert_honest_push_works();
}

#[test]
fn plain_http_is_handed_to_the_proxy_whole() {
    let (prober, proxy, _) = behind("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nplain");
    grant(&prober, "http://written.example:8080");
    assert_eq!(prober.outcome("GET http://written.example:8080/x?y"), "200 5 bytes plain");
    let [request] = proxy.requests().try_into().unwrap();
    assert!(request.starts_with("GET http://written.example:8080/x?y HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("host: written.example:8080\r\n") && request.contains(BASIC), "{request}");
    prober.assert_honest_push_works();
}

#[test]
fn a_proxy_hears_of_nothing_that_is_denied_or_not_there() {
    let (prober, proxy, _) = behind(CONNECTED);
    let local = Listener::answering(answer("200 OK", "", "hello"));
    grant(&prober, &format!("http://localhost:{}", local.port()));
    prober.assert_outcomes(&[
        ("GET https://evil.example/".to_owned(), "denied: "),
        // Asked for: it has to have a public address here, whatever the proxy would find.
        ("GET https://granted.example/".to_owned(), "unreachable: `granted.example` has no address"),
        ("GET https://localhost/".to_owned(), "denied: "),
        // No proxy reaches this machine for us.
        (format!("GET http://localhost:{}/", local.port()), "200 5 bytes hello"),
    ]);
    assert_eq!((proxy.connections(), local.connections()), (0, 1));
    prober.assert_honest_push_works();
}

#[test]
fn hosts_that_need_no_proxy_are_reached_without() {
    let (mut prober, proxy, _) = behind(CONNECTED);
    grant(&prober, "https://written.example");
    for exception in ["written.example", ".example", "*", "other.example, written.example"] {
        prober.home.set("NO_PROXY", exception);
        let outcome = prober.outcome("GET https://written.example/");
        assert_eq!(outcome, "unreachable: `written.example` has no address", "{exception}");
    }
    assert_eq!(proxy.connections(), 0);
    prober.home.set("NO_PROXY", "other.example");
    assert_eq!(prober.outcome("GET https://written.example/"), "200 5 bytes hello");
    prober.assert_honest_push_works();
}

#[test]
fn a_proxy_that_refuses_is_not_quoted() {
    for (answer, outcome) in [
        (
            "HTTP/1.1 407 No\r\nproxy-authenticate: Basic realm=corp\r\ncontent-length: 0\r\n\r\n",
            "wants other credentials",
        ),
        ("HTTP/1.1 502 No route to 10.1.2.3\r\ncontent-length: 8\r\n\r\n10.1.2.3", "would not connect"),
        ("HTTP/1.1 302 Found\r\nlocation: https://10.1.2.3/\r\n\r\n", "would not connect"),
        ("nonsense", "did not answer"),
        ("", "did not answer"),
    ] {
        let (prober, proxy, server) = behind(answer);
        grant(&prober, "https://written.example");
        let expected = format!("unreachable: the proxy that the environment names {outcome}");
        assert_eq!(prober.outcome("GET https://written.example/"), expected, "{answer}");
        assert_eq!((proxy.connections(), server.connections()), (1, 0));
        prober.assert_honest_push_works();
    }
}

#[test]
fn a_proxy_that_can_t_be_used_is_not_passed_by() {
    let (mut prober, _, _) = behind(CONNECTED);
    grant(&prober, "https://written.example");
    for proxy in ["http://localhost:1", "socks5h://localhost:1", "https://localhost:1"] {
        prober.home.set("HTTPS_PROXY", proxy);
        let outcome = prober.outcome("GET https://written.example/");
        assert!(outcome.starts_with("unreachable: the "), "{proxy}: {outcome}");
        assert!(outcome.contains("prox"), "{proxy}: {outcome}");
    }
    prober.assert_honest_push_works();
}

#[test]
fn nobody_is_told_the_proxy_s_password() {
    let (mut prober, proxy, _) = behind(CONNECTED);
    grant(&prober, "https://written.example");
    grant(&prober, "http://written.example");
    prober.home.set("CRHOST_LOG", "trace");
    let name = prober.tell("GET https://written.example/ show:*\nGET http://written.example/ show:*", &[]);
    for (proxies, format) in [(true, "table"), (true, "json"), (false, "table"), (false, "json")] {
        if !proxies {
            prober.home.set("HTTPS_PROXY", format!("http://someone:{PASSWORD}@localhost:1"));
        }
        let pushed = process::run(prober.push(&name).args(["-vv", "-o", format])).ok();
        assert_eq!(notes(&pushed).len(), 2, "{pushed}");
        assert!(
            ["trace: ", r#""level":"trace""#].iter().any(|level| pushed.stderr.contains(level)),
            "the log is not as loud as it can be{pushed}"
        );
        let told = pushed.stdout + &pushed.stderr;
        for secret in [PASSWORD, BASIC.split_once(' ').unwrap().1] {
            assert!(!told.contains(secret), "the proxy's password is told:\n{told}");
        }
    }
    assert!(proxy.requests().iter().all(|request| request.contains(BASIC)));
    let described = prober.home.ok(&["flavor", "describe", "prober", "-o", "json"]);
    assert!(!described.stdout.contains(PASSWORD));
    prober.assert_honest_push_works();
}
