//! Servers and their certificates.

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;

use super::{grant, trust};
use crate::support::fakes::certificates::{Authority, Identity};
use crate::support::fakes::listener::Listener;
use crate::support::http1::answer;
use crate::support::programs::prober::{Prober, notes};
use crate::support::programs::process;

fn https(identity: &Identity) -> Listener {
    Listener::https(identity, answer("200 OK", "", "hello"))
}

#[test]
fn only_a_valid_certificate_of_the_name_is_proof() {
    let (trusted, unknown) = (Authority::new(), Authority::new());
    let plain = |mut stream: TcpStream| stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let servers = [
        (https(&trusted.identity(&["localhost"])), Ok(())),
        (https(&trusted.identity(&["other.example"])), Err("its certificate is for another name")),
        (https(&trusted.identity(&["*.localhost", "127.0.0.1"])), Err("its certificate is for another name")),
        (https(&trusted.expired(&["localhost"])), Err("its certificate has expired")),
        (https(&trusted.early(&["localhost"])), Err("its certificate is not valid yet")),
        (
            https(&unknown.identity(&["localhost"])),
            Err("its certificate is signed by an authority that is not trusted here"),
        ),
        (
            https(&Identity::self_signed(&["localhost"])),
            Err("its certificate is signed by an authority that is not trusted here"),
        ),
        (Listener::start(move |stream, _| plain(stream)), Err("something else than TLS answers there")),
        (Listener::start(|_, _| Ok(())), Err("the connection broke")),
    ];
    let mut prober = Prober::new(&["--yes"]);
    trust(&mut prober.home, &trusted);
    let mut cases = Vec::new();
    for (server, proof) in &servers {
        let host = format!("localhost:{}", server.port());
        grant(&prober, &format!("https://{host}"));
        let outcome = match proof {
            Ok(()) => "200 5 bytes hello".to_owned(),
            Err(reason) => format!("unreachable: TLS with `{host}` failed: {reason}"),
        };
        cases.push((format!("POST https://{host}/ header:authorization=x body=y"), outcome));
    }
    prober.assert_outcomes(&cases);
    let asked = servers.iter().map(|(server, _)| server.requests().len()).sum::<usize>();
    assert_eq!(asked, 1, "a request was sent to a server that proved nothing");
    prober.assert_honest_push_works();
}

#[test]
fn an_answer_that_somebody_cuts_off_is_no_answer() {
    let authority = Authority::new();
    let identity = authority.identity(&["localhost"]);
    let endless = "HTTP/1.1 200 OK\r\n\r\nhello";
    let (whole, cut_off) = (Listener::https(&identity, endless), Listener::https_cut_off(&identity, endless));
    let mut prober = Prober::new(&["--yes"]);
    trust(&mut prober.home, &authority);
    for server in [&whole, &cut_off] {
        grant(&prober, &format!("https://localhost:{}", server.port()));
    }
    prober.assert_outcomes(&[
        (format!("GET https://localhost:{}/", whole.port()), "200 5 bytes hello"),
        (format!("GET https://localhost:{}/", cut_off.port()), "unreachable: the answer of"),
    ]);
    prober.assert_honest_push_works();
}

#[test]
fn an_authority_that_is_filed_for_a_host_is_trusted_for_that_host_alone() {
    let authority = Authority::new();
    let identity = authority.identity(&["localhost"]);
    let (filed, other) = (https(&identity), https(&identity));
    let mut prober = Prober::new(&["--yes"]);
    // As on a machine without any authorities, such as a bare container.
    prober.home.set("SSL_CERT_FILE", prober.home.path("none.pem"));
    prober.home.set("XDG_CONFIG_HOME", prober.home.path("config"));
    let directory = prober.home.path(&format!("config/containers/certs.d/localhost:{}", filed.port()));
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("ca.crt"), authority.pem()).unwrap();
    for server in [&filed, &other] {
        grant(&prober, &format!("https://localhost:{}", server.port()));
    }
    prober.assert_outcomes(&[
        (format!("GET https://localhost:{}/", filed.port()), "200 5 bytes hello"),
        (format!("GET https://localhost:{}/", other.port()), "unreachable: "),
    ]);
    assert_eq!((filed.requests().len(), other.requests().len()), (1, 0));
    // A file that is no certificate is named to the user and not to the guest, and nothing takes its place.
    fs::write(directory.join("ca.crt"), "nonsense").unwrap();
    let name = prober.tell(&format!("GET https://localhost:{}/", filed.port()), &[]);
    let pushed = process::run(&mut prober.push(&name)).ok();
    let failed = format!(
        "unreachable: TLS with `localhost:{}` failed: its certificate is signed by an authority that is not trusted",
        filed.port()
    );
    assert!(notes(&pushed)[0].starts_with(&failed), "{pushed}");
    assert!(!notes(&pushed)[0].contains("certs.d"), "{pushed}");
    assert!(pushed.stderr.contains(directory.join("ca.crt").to_str().unwrap()), "{pushed}");
    prober.assert_honest_push_works();
}
