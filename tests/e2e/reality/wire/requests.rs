//! Requests that are redirected, too large, or led away from https.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use axum::response::Response;

use super::fake::{Asked, Fake, reply, say};
use super::{files, push_both};
use crate::support::fakes::certificates::Authority;
use crate::support::fakes::tls_proxy;
use crate::support::programs::crhost::Home;

fn redirect(asked: &Asked, method: &str, part: &str, status: u16) -> Option<Response> {
    let is_meant = asked.is(method, part) && !asked.query.contains("redir=1");
    is_meant.then(|| reply(status, &[("location", &format!("{}?redir=1", asked.path))]))
}

#[test]
fn a_request_that_is_redirected_with_its_content_goes_there() {
    for status in [307, 308] {
        for (method, part) in [
            ("POST", "/blobs/uploads/"),
            ("PATCH", "/blobs/uploads/"),
            ("PUT", "/blobs/uploads/"),
            ("PUT", "/manifests/"),
            ("HEAD", "/"),
        ] {
            let fake = Fake::with(move |asked| redirect(asked, method, part, status));
            for ended in push_both(&fake) {
                assert_eq!(ended.code, Some(0), "{method} {part} {status}: {ended}");
                assert!(fake.is_whole("v1"));
            }
        }
    }
}

#[test]
fn a_blob_that_is_too_large_for_one_request_goes_in_chunks() {
    for limit in [4000, 100, 30] {
        let fake = Fake::with(move |asked| {
            let is_blob = asked.path.contains("/blobs/");
            (is_blob && asked.body.len() > limit).then(|| say(413, &[], "<html>413 Request Entity Too Large</html>"))
        });
        for ended in push_both(&fake) {
            assert_eq!(ended.code, Some(0), "{limit}: {ended}");
            assert!(fake.is_whole("v1"));
        }
    }
}

#[test]
fn a_smallest_chunk_above_the_largest_request_is_told() {
    let fake = Fake::with(|asked| match asked.method.as_str() {
        "POST" => {
            let place = format!("{}u", asked.path);
            Some(reply(202, &[("location", &place), ("oci-chunk-min-length", "100000")]))
        }
        "PUT" | "PATCH" => Some(reply(413, &[])),
        _ => None,
    });
    for ended in push_both(&fake) {
        assert_eq!(ended.code, Some(1), "{ended}");
        assert!(ended.stderr.contains("413") && ended.stderr.contains("raise that limit"), "{ended}");
    }
}

#[test]
fn an_https_registry_that_names_itself_with_http_is_asked_over_https() {
    for habit in ["location", "realm"] {
        let port = Arc::new(AtomicU16::new(0));
        let outside = Arc::clone(&port);
        let fake = Fake::with(move |asked| {
            let me = format!("http://localhost:{}", outside.load(Ordering::Relaxed));
            let is_open = habit == "location" || asked.headers.contains_key("authorization");
            match (asked.method.as_str(), asked.path.as_str()) {
                ("GET", "/token") => Some(say(200, &[], r#"{"token":"t"}"#)),
                _ if !is_open => {
                    let challenge = format!("Bearer realm=\"{me}/token\",service=\"s\"");
                    Some(reply(401, &[("www-authenticate", &challenge)]))
                }
                ("POST", path) if habit == "location" && !asked.query.contains("again") => {
                    Some(reply(307, &[("location", &format!("{me}{path}?again"))]))
                }
                _ => None,
            }
        });
        let authority = Authority::new();
        let inside: u16 = fake.host().rsplit(':').next().unwrap().parse().unwrap();
        let proxy = tls_proxy::routing(&authority.identity(&["localhost"]), move |_, _| inside);
        port.store(proxy.port(), Ordering::Relaxed);
        let mut home = Home::new();
        std::fs::write(home.path("ca.pem"), authority.pem()).unwrap();
        let authority = home.path("ca.pem");
        home.set("SSL_CERT_FILE", authority);
        home.register("local", &format!("localhost:{}", proxy.port()));
        files(&home.path(""));
        home.ok(&["push", "oci:layout:v1", "--to", "local", "--as", "train:v1"]);
        assert!(fake.is_whole("v1"), "{habit}");
    }
}
