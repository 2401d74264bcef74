//! The limits of a request, redirects, and what a guest learns of a refusal.

use super::{Servers, grant};
use crate::support::fakes::listener::Listener;
use crate::support::http1::answer;
use crate::support::programs::prober::Prober;

#[test]
fn a_redirect_is_an_answer_and_nobody_follows_it() {
    let secrets = Listener::answering(answer("200 OK", "", "secrets"));
    let prober = Prober::new(&["--yes"]);
    let to = [
        format!("http://localhost:{}/", secrets.port()),
        format!("http://127.0.0.1:{}/", secrets.port()),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "https://evil.example/".to_owned(),
        "/".to_owned(),
    ];
    for status in
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        for location in &to {
            let server = Listener::answering(answer(status, &format!("location: {location}\r\n"), ""));
            let origin = format!("http://localhost:{}", server.port());
            grant(&prober, &origin);
            let (code, _) = status.split_once(' ').unwrap();
            // A flavor that follows it sends another request, which the policy decides again.
            let again = if location == "/" { &origin } else { location };
            let then = if location == "/" { code } else { "denied: " };
            prober.assert_outcomes(&[
                (format!("POST {origin}/ show:location body=x"), format!("{code} location={location}").as_str()),
                (format!("GET {again}"), then),
            ]);
        }
    }
    assert_eq!(secrets.connections(), 0, "a redirect was followed");
    prober.assert_honest_push_works();
}

#[test]
fn headers_that_change_where_or_what_is_sent_are_refused() {
    let servers = Servers::start();
    let url = format!("https://localhost:{}/", servers.granted.port());
    let refused = [
        "Host=evil.example",
        "hOST=evil.example",
        "Content-Length=0",
        "Transfer-Encoding=chunked",
        "Connection=keep-alive",
        "Keep-Alive=1",
        "Upgrade=websocket",
        "HTTP2-Settings=x",
        "TE=trailers",
        "Trailer=x",
        "Expect=100-continue",
        "User-Agent=someone",
        "Proxy-Authorization=Basic\\sx",
        "Proxy-Authenticate=x",
        "Proxy-Connection=x",
        "Proxy-Anything=x",
        "=x",
        "a\\sb=x",
        "a:b=x",
        "a\\r\\nhost=x",
        "ü=x",
        "x=a\\r\\nhost:\\sevil.example",
        "x=a\\nb",
        "x=a\\0b",
    ];
    let cases = refused.map(|header| (format!("GET {url} header:{header}"), "invalid: "));
    servers.prober.assert_outcomes(&cases);
    assert_eq!(servers.granted.connections(), 0);
    let outcome = servers
        .prober
        .outcome(&format!("POST {url}x?y header:Authorization=Basic\\sx header:X-Two=1 header:x-two=2 body=a"));
    assert_eq!(outcome, "200 5 bytes hello");
    let [request] = servers.granted.requests().try_into().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().collect();
    assert_eq!((lines.remove(0), body), ("POST /x?y HTTP/1.1", "a"));
    lines.sort_unstable();
    let host = format!("host: localhost:{}", servers.granted.port());
    let agent = lines.iter().position(|line| line.starts_with("user-agent: crhost/")).unwrap();
    lines.remove(agent);
    assert_eq!(
        lines,
        [
            "accept-encoding: identity",
            "authorization: Basic x",
            "content-length: 1",
            host.as_str(),
            "x-two: 1",
            "x-two: 2"
        ]
    );
    servers.assert_asked(1);
}

#[test]
fn a_guest_learns_of_no_address() {
    let mut prober = Prober::new(&["--yes"]);
    // The port of a service that no one runs, and a server that speaks no TLS.
    let plain = Listener::answering(answer("200 OK", "", "hello"));
    for port in [1, plain.port()] {
        grant(&prober, &format!("https://localhost:{port}"));
    }
    prober.home.set("CRHOST_LOG", "crhost=trace");
    let requests = format!(
        "GET https://localhost:1/\nGET https://localhost:{}/\nGET https://localhost/\nGET https://granted.example/",
        plain.port()
    );
    let outcomes = prober.outcomes(&requests);
    let words = [
        "unreachable: `localhost:1`",
        "unreachable: TLS with `localhost:",
        "denied: ",
        "unreachable: `granted.example`",
    ];
    for (outcome, words) in outcomes.iter().zip(words) {
        assert!(outcome.starts_with(words), "{outcome}");
        assert!(!outcome.contains("127.0.0.1") && !outcome.contains("::1"), "{outcome}");
    }
    assert_eq!(outcomes.len(), words.len());
    prober.assert_honest_push_works();
}

#[test]
fn the_person_hears_of_a_denial_whatever_the_flavor_makes_of_it() {
    let prober = Prober::new(&["--yes"]);
    let request = "GET https://evil.example/secret?token=hunter2";
    for (then, code, error) in [
        ("failure", 4, "flavor `prober`: `https://evil.example` is not granted to this flavor"),
        ("invention", 3, "flavor `prober`: the moon is not full"),
        ("abort", 7, "flavor `prober` failed: `prepare-image-push` stopped"),
    ] {
        let name = prober.tell(request, &[&format!("--option=then={then}")]);
        let refused = prober.home.fails(code, &["push", "oci:layout:v1", "--to", &name]);
        assert!(refused.error().starts_with(error), "{}", *refused);
        let hint = "only if you trust the flavor with it: `crhost flavor grant prober --allow-host https://evil.example` \
                    lets it send any request there, without secrets";
        assert_eq!(refused.hint(), hint);
        // Paths and queries may hold secrets.
        assert!(!refused.stderr.contains("hunter2"), "{}", *refused);
        let json = prober.home.run(&["push", "oci:layout:v1", "--to", &name, "-o", "json"]);
        assert!(json.stderr.contains(hint), "{json}");
    }
    assert_eq!(prober.registry.requests(), [""; 0], "the push went on");
    // One that says nothing of it, and gets by without.
    let name = prober.tell(request, &["--option=then=silence"]);
    let pushed = prober.home.ok(&["push", "oci:layout:v1", "--to", &name, "-v"]);
    assert!(pushed.stderr.contains("`https://evil.example` is not granted to this flavor"), "{pushed}");
    prober.assert_honest_push_works();
}

#[test]
fn a_call_that_has_nothing_to_ask_anyone_can_not() {
    let prober = Prober::new(&["--yes"]);
    let uri = format!("--uri={}/eager", prober.registry.host());
    let registered = prober.home.ok(&["registry", "register", "eager", "--flavor=prober", &uri]);
    let warning = "warning: flavor `prober`: denied: no requests are sent while a component describes itself, or a flavor validates a URI";
    assert!(registered.stderr.lines().any(|line| line == warning), "{registered}");
    prober.assert_honest_push_works();
}
