//! Proxies that the environment names.

use crate::support::fakes::certificates::Authority;
use crate::support::fakes::forward_proxy;
use crate::support::fakes::listener::Listener;
use crate::support::fakes::socks_proxy::SocksProxy;
use crate::support::fakes::tls_proxy;
use crate::support::images::image::Image;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registry::Registry;

/// A name that only a proxy leads somewhere.
const HOST: &str = "registry.example";

/// A real registry behind TLS under [`HOST`], and a home where it is registered and trusted.
fn scene() -> (Registry, Listener, Home, Image) {
    let (registry, authority) = (Registry::open(), Authority::new());
    let port = registry.host().rsplit_once(':').unwrap().1.parse().unwrap();
    let front = tls_proxy::routing(&authority.identity(&[HOST]), move |_, _| port);
    let (mut home, image) = Home::with_image();
    std::fs::write(home.path("ca.pem"), authority.pem()).unwrap();
    home.set("SSL_CERT_FILE", home.path("ca.pem"));
    home.ok(&["registry", "register", "x", "--flavor=default", &format!("--uri={HOST}"), "--no-verify"]);
    (registry, front, home, image)
}

#[test]
fn a_socks_proxy_of_either_variable_leads_to_the_registry() {
    let (registry, front, mut home, image) = scene();
    let proxy = SocksProxy::leading_to(front.port(), Some(("ann", "p@ss")));
    for (tag, variable, other) in [("v1", "HTTPS_PROXY", "ALL_PROXY"), ("v2", "ALL_PROXY", "HTTPS_PROXY")] {
        home.set(variable, format!("socks5h://ann:p%40ss@127.0.0.1:{}", proxy.port()));
        home.set(other, "");
        home.ok(&push_layout("x", &format!("train:{tag}")));
        skopeo::assert_same(registry.access(), &format!("{}/train:{tag}", registry.host()), &image);
    }
    assert!(proxy.targets().iter().all(|target| target == &format!("{HOST}:443")), "{:?}", proxy.targets());
    home.set("ALL_PROXY", format!("socks5h://ann:s3cret@127.0.0.1:{}", proxy.port()));
    let refused = home.fails(4, &push_layout("x", "train:v3")).says("(ALL_PROXY) wants a user and a password");
    assert!(!refused.stderr.contains("s3cret"), "{}", *refused);
    // The name is to be resolved here.
    home.set("ALL_PROXY", format!("socks5://ann:p%40ss@127.0.0.1:{}", proxy.port()));
    home.fails(6, &push_layout("x", "train:v3")).says("`socks5h://` has the proxy resolve names");
}

#[test]
fn a_proxy_that_fails_is_named_with_its_variable_and_without_the_words_of_a_library() {
    let (_registry, _front, mut home, _) = scene();
    let refusing = forward_proxy::leading_to(1, "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    let closed = forward_proxy::leading_to(1, "HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n");
    let port = |listener: &Listener| listener.port().to_string();
    for (variable, proxy, code, words) in [
        (
            "HTTPS_PROXY",
            "http://127.0.0.1:1".to_owned(),
            6,
            "the proxy 127.0.0.1:1 (HTTPS_PROXY) can't be reached: connection refused",
        ),
        ("https_proxy", "socks5h://127.0.0.1:1".to_owned(), 6, "the proxy 127.0.0.1:1 (https_proxy) can't be reached"),
        (
            "HTTPS_PROXY",
            "http://no-such-host.invalid:1".to_owned(),
            6,
            "(HTTPS_PROXY) can't be reached: its name can't be resolved: ",
        ),
        ("ALL_PROXY", format!("127.0.0.1:{}", port(&refusing)), 6, "(ALL_PROXY) doesn't connect to it"),
        ("HTTPS_PROXY", format!("127.0.0.1:{}", port(&closed)), 4, "(HTTPS_PROXY) wants a user and a password"),
    ] {
        for other in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
            home.set(other, "");
        }
        home.set(variable, proxy);
        let refused = home.fails(code, &push_layout("x", "train:v1")).says(words);
        assert!(
            refused.error().starts_with(&format!("registry `{HOST}` can't be reached: the proxy ")),
            "{}",
            *refused
        );
        for jargon in ["tunnel", "underlying", "tcp connect", "os error", "dns error"] {
            assert!(!refused.stderr.contains(jargon), "{}", *refused);
        }
    }
    home.set("HTTPS_PROXY", "ftp://ann:s3cret@127.0.0.1:1");
    let refused = home.fails(6, &push_layout("x", "train:v1"));
    assert!(refused.stderr.contains("`HTTPS_PROXY` names no proxy that can be used"), "{}", *refused);
    assert!(!refused.stderr.contains("s3cret"), "{}", *refused);
}
