//! Which hosts a flavor may reach, however it writes them.

use super::{Servers, grant};
use crate::support::fakes::listener::Listener;
use crate::support::http1::answer;
use crate::support::programs::hint::obey;
use crate::support::programs::prober::{Prober, notes};
use crate::support::programs::process;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

#[test]
fn a_grant_is_for_one_scheme_one_host_and_one_port() {
    let servers = Servers::start();
    let (port, other) = (servers.granted.port(), servers.other.port());
    servers.prober.assert_outcomes(&[
        (format!("GET https://localhost:{port}/"), "200 5 bytes hello".to_owned()),
        (format!("GET https://localhost:{other}/"), format!("denied: `https://localhost:{other}`")),
        (format!("GET http://localhost:{port}/"), format!("denied: `http://localhost:{port}`")),
        (format!("GET https://127.0.0.1:{port}/"), format!("denied: `https://127.0.0.1:{port}`")),
        (format!("GET https://[::1]:{port}/"), format!("denied: `https://[::1]:{port}`")),
        ("GET https://localhost/".to_owned(), "denied: `https://localhost`".to_owned()),
        // Asked for, and not granted.
        ("GET https://granted.example/".to_owned(), "denied: `https://granted.example`".to_owned()),
    ]);
    servers.assert_asked(1);
}

#[test]
fn a_granted_host_has_many_spellings_and_all_are_the_same() {
    let servers = Servers::start();
    let port = servers.granted.port();
    for url in [
        "https://localhost:PORT",
        "HTTPS://LOCALHOST:PORT/",
        "hTTps://LocalHost:PORT/x/../y?z",
        "https://%6cocalhost:PORT/",
        "https://localhost:0PORT/",
    ] {
        let outcome = servers.prober.outcome(&format!("GET {}", url.replace("PORT", &port.to_string())));
        assert_eq!(outcome, "200 5 bytes hello", "{url}");
    }
    let hosts: Vec<String> = servers.granted.requests().iter().map(|request| header(request, "host")).collect();
    assert_eq!(hosts, vec![format!("localhost:{port}"); 5]);
    servers.assert_asked(5);
}

#[test]
fn what_two_parsers_could_read_differently_is_no_request() {
    let servers = Servers::start();
    let (port, other) = (servers.granted.port(), servers.other.port());
    let urls = [
        // Another host in disguise.
        "https://localhost:PORT@localhost:OTHER/",
        "https://localhost:OTHER#@localhost:PORT/",
        "https://localhost:OTHER\\\\@localhost:PORT/",
        "https://user:password@localhost:PORT/",
        "https://@localhost:PORT/",
        // Characters that some drop and others don't.
        "https://localhost:PORT/\\t",
        "https://local\\nhost:PORT/",
        "https://localhost:PORT/\\r\\nhost:\\sevil",
        "https://localhost\\0:PORT/",
        "https://localhost:PORT/\\s",
        "\\shttps://localhost:PORT/",
        "https://localhost.:PORT/",
        "https://localhost%00:PORT/",
        "https://localhost%2f:PORT/",
        "https://ｌocalhost:PORT/",
        "https://localhost:PORT/ü",
        "https://loc\u{ad}alhost:PORT/",
        // No port, no host, no scheme, or others.
        "https://localhost:99999/",
        "https://localhost:/",
        "https://localhost:0/",
        "https://localhost:-1/",
        "https://:PORT/",
        "https://",
        "https:localhost:PORT",
        "//localhost:PORT/",
        "localhost:PORT",
        "ws://localhost:PORT/",
        "wss://localhost:PORT/",
        "ftp://localhost:PORT/",
        "file:///etc/passwd",
        "data:text/plain,x",
        "",
        // No name, and a command for people's shells.
        "https://$(reboot).example/",
        "https://`reboot`.example/",
        "https://a;reboot;.example/",
        "https://*.wild.example/",
        "https://[fe80::1%25eth0]/",
    ];
    let filled = |url: &str| url.replace("PORT", &port.to_string()).replace("OTHER", &other.to_string());
    let cases: Vec<_> = urls.iter().map(|url| (format!("GET {}", filled(url)), "invalid: ")).collect();
    for cases in cases.chunks(20) {
        servers.prober.assert_outcomes(cases);
    }
    servers.assert_asked(0);
}

#[test]
fn an_address_is_judged_however_it_is_spelled() {
    let prober = Prober::new(&["--yes"]);
    let secrets = Listener::answering(answer("200 OK", "", "secrets"));
    let port = secrets.port();
    let spellings = [
        ("127.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("[0:0:0:0:0:0:0:1]", "[::1]"),
        ("[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]"),
        ("[::ffff:7f00:1]", "[::ffff:127.0.0.1]"),
        ("[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]"),
        ("169.254.169.254", "169.254.169.254"),
        ("0xa9fea9fe", "169.254.169.254"),
        ("[fd00:ec2::254]", "[fd00:ec2::254]"),
        ("0.0.0.0", "0.0.0.0"),
        ("0", "0.0.0.0"),
    ];
    for scheme in ["https", "http"] {
        let denied = |host: &str| format!("denied: `{scheme}://{host}:{port}`");
        let cases = spellings.map(|(spelling, host)| (format!("GET {scheme}://{spelling}:{port}/"), denied(host)));
        prober.assert_outcomes(&cases);
    }
    assert_eq!(secrets.connections(), 0);
    // What the user writes out is reached, in each spelling of the same address and in no other.
    grant(&prober, &format!("http://127.0.0.1:{port}"));
    prober.assert_outcomes(&[
        (format!("GET http://127.0.0.1:{port}/"), "200"),
        (format!("GET http://0x7f000001:{port}/"), "200"),
        (format!("GET http://[::ffff:127.0.0.1]:{port}/"), "denied"),
        (format!("GET http://127.0.0.2:{port}/"), "denied"),
        (format!("GET http://localhost:{port}/"), "denied"),
    ]);
    assert_eq!(secrets.connections(), 2);
    prober.assert_honest_push_works();
}

#[test]
fn a_look_alike_of_a_granted_name_is_denied() {
    let prober = Prober::new(&["--yes"]);
    let denied = |host: &str| (format!("GET https://{host}/"), format!("denied: `https://{host}`"));
    prober.assert_outcomes(&[
        denied("evilgranted.example"),
        denied("granted.example.evil.example"),
        denied("granted.examples"),
        denied("www.granted.example"),
        denied("granted-example.example"),
        denied("xn--grnted-cua.example"),
        denied("example"),
        // A star stands for one label, neither for none nor for two.
        denied("wild.example"),
        denied("a.b.wild.example"),
        denied("evilwild.example"),
        denied("a.wild.example.evil.example"),
        denied("granted.example:8443"),
        denied("a.wild.example:8443"),
    ]);
    // These are granted, and don't exist.
    prober.assert_outcomes(&[
        ("GET https://granted.example/", "unreachable: `granted.example` has no address"),
        ("GET https://a.wild.example/", "unreachable: `a.wild.example` has no address"),
    ]);
    prober.assert_honest_push_works();
}

#[test]
fn what_was_asked_for_leads_inside_only_when_the_user_writes_it() {
    let mut prober = Prober::on(Registry::with_password_over_tls(), &["--yes"]);
    prober.home.set("SSL_CERT_FILE", prober.registry.authority());
    prober.home.docker_login(prober.registry.host(), USER, PASSWORD);
    // It asked for `https://{registry}`, and for `https://localhost`.
    let origin = format!("https://{}", prober.registry.host());
    let inside = |origin: &str| format!("denied: `{origin}` is inside a private network");
    let request = format!("GET {origin}/v2/probe/tags/list");
    prober.assert_outcomes(&[
        (request.clone(), inside(&origin)),
        ("GET https://localhost/".to_owned(), inside("https://localhost")),
    ]);
    let registry = prober.tell(&request, &["--option=then=failure"]);
    let push = ["push", "oci:layout:v1", "--dry-run", "--to", &registry];
    let refused = prober.home.fails(4, &push).says(&origin);
    let command = format!("`crhost flavor grant prober --allow-private-host {origin}`");
    assert!(refused.hint().contains(&command), "{}", *refused);
    let probed = || prober.registry.requests().iter().filter(|request| request.contains("probe")).count();
    assert_eq!(probed(), 0, "a denied host was reached");
    obey(&prober.home, refused.hint());
    assert!(prober.outcome(&request).starts_with("401 "), "the registry wants a password");
    prober.home.ok(&["flavor", "grant", "prober", "--revoke", &origin]);
    prober.home.fails(4, &push).says(&command);
    assert_eq!(probed(), 1);
    prober.assert_honest_push_works();
}

#[test]
fn a_grant_for_one_registry_holds_for_no_other() {
    let prober = Prober::new(&["--yes"]);
    let server = Listener::answering(answer("200 OK", "", "hello"));
    let (origin, request) =
        (format!("http://localhost:{}", server.port()), format!("GET http://localhost:{}/", server.port()));
    let granted = prober.tell(&request, &["--allow-host", &origin]);
    let push = |name: &str| notes(&process::run(&mut prober.push(name)).ok());
    assert_eq!(push(&granted), ["200 5 bytes hello"]);
    assert!(prober.outcome(&request).starts_with("denied: "));
    assert_eq!(server.connections(), 1);
    // It can be taken away and given again, for registries of this flavor.
    let grant = ["flavor", "grant", "prober", "--registry", &granted];
    prober.home.ok(&[&grant[..], &["--revoke", &origin]].concat());
    assert!(push(&granted)[0].starts_with("denied: "));
    prober.home.fails(3, &[&grant[..], &["--revoke", &origin]].concat());
    prober.home.ok(&[&grant[..], &["--allow-host", &origin]].concat());
    assert_eq!(push(&granted), ["200 5 bytes hello"]);
    prober.home.fails(2, &["flavor", "grant", "default", "--registry", &granted, "--allow-host", &origin]);
    prober.home.fails(3, &["flavor", "grant", "prober", "--registry", "nowhere", "--allow-host", &origin]);
    // It is shown with the registry that it is for, and goes with it.
    let described = prober.home.ok(&["flavor", "describe", "prober"]);
    let row = described.stdout.lines().find(|line| line.contains(&origin)).unwrap_or_else(|| panic!("{described}"));
    assert!(row.contains(&format!("for registry `{granted}`")), "{row}");
    prober.home.ok(&["registry", "remove", &granted]);
    assert!(!prober.home.ok(&["flavor", "describe", "prober"]).stdout.contains(&origin));
    prober.assert_honest_push_works();
}

fn header(request: &str, name: &str) -> String {
    let value = request.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    value.unwrap_or_else(|| panic!("no header `{name}` in {request}")).to_owned()
}
