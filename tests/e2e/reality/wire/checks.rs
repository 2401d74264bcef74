//! Questions that are an optimisation, or a second look: refused, redirected, or answered too early.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::fake::{Fake, reply};
use super::push_both;
use crate::support::fakes::listener::Listener;

#[test]
fn a_blob_about_which_the_registry_does_not_answer_is_uploaded() {
    let store = Fake::with(|_| Some(reply(403, &[])));
    let store = format!("http://{}/b?sig=1", store.host());
    let silent = format!("http://localhost:{}/b", Listener::answering("").port());
    for (status, location) in [
        (307, "http://192.168.77.1:9000/b?sig=1"),
        (307, &store),
        (307, &silent),
        (302, "https://no-such-host.invalid/b"),
        (307, "gopher://x"),
        (401, ""),
        (403, ""),
        (405, ""),
        (400, ""),
        (410, ""),
        (501, ""),
        (204, ""),
    ] {
        let headers = (!location.is_empty()).then(|| ("location", location.to_owned()));
        let fake = Fake::with(move |asked| {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            asked.is("HEAD", "/blobs/").then(|| reply(status, &headers))
        });
        for ended in push_both(&fake) {
            assert_eq!(ended.code, Some(0), "{status} {location}: {ended}");
            assert!(fake.is_whole("v1"), "{status} {location}");
        }
    }
}

#[test]
fn a_registry_that_never_tells_what_it_has_is_pushed_to_though_an_upload_fails_once() {
    let has_failed = Arc::new(AtomicBool::new(false));
    let fake = Fake::with(move |asked| {
        let asks = asked.is("HEAD", "/blobs/") || asked.is("GET", "/uploads/");
        let fails = asks || asked.is("PUT", "/uploads/") && !has_failed.swap(true, Ordering::Relaxed);
        fails.then(|| reply(500, &[]))
    });
    let [ended, _] = push_both(&fake);
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(fake.is_whole("v1"));
}

#[test]
fn a_tag_that_is_not_readable_at_once_is_pushed() {
    let early = Fake::with(|asked| (asked.is("HEAD", "/manifests/v1") && asked.before == 1).then(|| reply(404, &[])));
    for ended in push_both(&early) {
        assert_eq!(ended.code, Some(0), "{ended}");
        assert!(!ended.stderr.contains("does not show it yet"), "{ended}");
    }
    let never = Fake::with(|asked| asked.is("HEAD", "/manifests/").then(|| reply(404, &[])));
    let [ended, _] = push_both(&never);
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(ended.stderr.contains("is pushed, but the registry does not show it yet"), "{ended}");
}

#[test]
fn a_tag_that_shows_its_old_manifest_for_a_moment_is_pushed() {
    let old = format!("sha256:{}", "0".repeat(64));
    let fake = Fake::with(move |asked| {
        let is_old = asked.is("HEAD", "/manifests/v1") && asked.before < 3;
        is_old.then(|| reply(200, &[("docker-content-digest", &old)]))
    });
    let [ended, _] = push_both(&fake);
    assert_eq!(ended.code, Some(0), "{ended}");
}

#[test]
fn a_tag_that_may_not_be_read_is_pushed_and_the_user_is_told() {
    for status in [405, 403, 401, 501] {
        let fake = Fake::with(move |asked| {
            let is_read = asked.path.contains("/manifests/") && asked.method != "PUT";
            is_read.then(|| reply(status, &[]))
        });
        let [ended, _] = push_both(&fake);
        assert_eq!(ended.code, Some(0), "{status}: {ended}");
        assert!(ended.stderr.contains("is pushed, but could not be checked"), "{ended}");
        assert!(fake.is_whole("v1"));
    }
}

#[test]
fn an_odd_answer_to_the_first_question_does_not_stop_a_push() {
    for (status, location) in [(404, ""), (403, ""), (301, "/v2/?x"), (308, "/v2/?x"), (302, "/login")] {
        let fake = Fake::with(move |asked| {
            let is_first = asked.path == "/v2/" && asked.query.is_empty();
            is_first.then(|| reply(status, &[("location", location)]))
        });
        for ended in push_both(&fake) {
            assert_eq!(ended.code, Some(0), "{status}: {ended}");
        }
    }
}
