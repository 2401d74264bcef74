//! Registries that are busy, restarted, or behind a proxy that loses their answers.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{SOURCES, Scene, a_few_at_a_time};
use crate::support::fakes::faulty_proxy::{Fate, deciding, refusal};
use crate::support::fakes::listener::Listener;
use crate::support::programs::process::{self, Running, Server};

/// The beginnings of the requests of a push.
const REQUESTS: [&str; 6] =
    ["GET /v2/", "HEAD /v2/", "POST ", "PATCH ", "PUT /v2/REPOSITORY/blobs", "PUT /v2/REPOSITORY/manifests"];

/// Pushes once or twice for each of these requests, where the first two such requests meet with a fate.
#[track_caller]
fn a_push_survives(name: &str, fate: impl Fn() -> Fate + Send + Sync + Clone + 'static) {
    let scene = Scene::new();
    let pairs = REQUESTS.iter().flat_map(|request| SOURCES.map(|source| (request, source))).step_by(2);
    a_few_at_a_time(pairs.enumerate(), |(number, (request, source))| {
        let repository = format!("{name}-{number}");
        let (start, met, fate) = (request.replace("REPOSITORY", &repository), AtomicUsize::new(0), fate.clone());
        let proxy = deciding(scene.registry.host(), move |line| {
            if line.starts_with(&start) && met.fetch_add(1, Ordering::SeqCst) < 2 { fate() } else { Fate::Passes }
        });
        let pushed = scene.push(source, &format!("localhost:{}", proxy.port()), &repository);
        scene.assert_arrived(&pushed, &repository);
    });
}

#[test]
fn a_push_survives_a_registry_that_is_out_of_order_for_a_moment() {
    a_push_survives("busy", || Fate::Gets(refusal("503 Service Unavailable", "")));
}

#[test]
fn a_push_survives_refusals_that_come_before_its_content_is_read() {
    a_push_survives("early", || Fate::GetsEarly(refusal("502 Bad Gateway", "")));
}

#[test]
fn a_push_survives_answers_that_come_back_in_part_or_not_at_all() {
    a_push_survives("partial", || Fate::Truncated(20));
    a_push_survives("unanswered", || Fate::Unanswered);
}

#[test]
fn a_push_survives_answers_that_come_late() {
    a_push_survives("late", || Fate::PassesAfter(Duration::from_millis(300)));
}

#[test]
fn a_registry_that_falls_silent_costs_a_try_and_not_the_push() {
    let scene = Scene::new();
    let pairs = ["HEAD /v2/", "POST ", "PATCH ", "PUT "]
        .iter()
        .flat_map(|request| SOURCES.map(|source| (*request, source)))
        .step_by(2);
    a_few_at_a_time(pairs.enumerate(), |(number, (request, source))| {
        let met = AtomicUsize::new(0);
        let proxy = deciding(scene.registry.host(), move |line| {
            if line.starts_with(request) && met.fetch_add(1, Ordering::SeqCst) == 0 {
                Fate::Stalls
            } else {
                Fate::Passes
            }
        });
        let repository = format!("silent-{number}");
        let mut push = scene.command(source, &format!("localhost:{}", proxy.port()), &repository);
        scene.assert_arrived(&process::run(push.args(["--idle-timeout", "1"])), &repository);
    });
}

#[test]
fn a_registry_that_asks_for_time_gets_it() {
    let scene = Scene::new();
    let proxy = throttling(&scene, "retry-after: 2\r\n");
    let pushed = scene.push(SOURCES[0], &format!("localhost:{}", proxy.port()), "throttled");
    let told = pushed.stderr.lines().find(|line| line.contains("trying again in 2 s: "));
    assert!(told.is_some_and(|line| line.contains("429") && line.contains("slow down")), "{pushed}");
    scene.assert_arrived(&pushed, "throttled");
}

#[test]
fn a_registry_that_asks_for_a_life_time_is_not_believed_and_the_person_is_told() {
    let scene = Scene::new();
    let proxy = throttling(&scene, "retry-after: 1000000000\r\n");
    let mut push = scene.command(SOURCES[0], &format!("localhost:{}", proxy.port()), "throttled");
    let words = "trying again in 120 s instead of the 600 s or more that it asks for: ";
    Server::start(&mut push).wait_for(|line| line.contains(words).then_some(()));
}

/// A proxy that answers the third blob once with 429.
fn throttling(scene: &Scene, retry_after: &'static str) -> Listener {
    let blobs = AtomicUsize::new(0);
    deciding(scene.registry.host(), move |line| {
        let is_third = line.starts_with("PUT ") && blobs.fetch_add(1, Ordering::SeqCst) == 2;
        if is_third { Fate::Gets(refusal("429 Too Many Requests", retry_after)) } else { Fate::Passes }
    })
}

#[test]
fn a_push_survives_a_registry_that_is_restarted() {
    for (number, source) in SOURCES.iter().enumerate() {
        let mut scene = Scene::new();
        let (sender, receiver) = mpsc::channel();
        let (sender, seen) = (Mutex::new(sender), AtomicUsize::new(0));
        let proxy = deciding(scene.registry.host(), move |line| {
            // In the middle of the third layer: its content waits until the registry has gone.
            let sends = line.starts_with("PATCH ") || line.starts_with("PUT ");
            if sends && seen.fetch_add(1, Ordering::SeqCst) == 2 {
                let _ = sender.lock().unwrap().send(());
                return Fate::PassesAfter(Duration::from_millis(500));
            }
            Fate::Passes
        });
        let repository = format!("restarted-{number}");
        let push = Running::start(&mut scene.command(source, &format!("localhost:{}", proxy.port()), &repository));
        receiver.recv().unwrap();
        scene.registry.stop();
        thread::sleep(Duration::from_secs(1));
        scene.registry.start_again();
        let pushed = push.end();
        assert!(pushed.stderr.contains("trying again in "), "{pushed}");
        scene.assert_arrived(&pushed, &repository);
    }
}

#[test]
fn a_push_that_may_take_no_longer_ends_without_a_tag_and_can_be_continued() {
    let scene = Scene::new();
    let proxy = deciding(scene.registry.host(), |line| {
        if line.starts_with("PUT /v2/late/manifests") { Fate::Stalls } else { Fate::Passes }
    });
    let mut push = scene.command(SOURCES[1], &format!("localhost:{}", proxy.port()), "late");
    let ended = process::run(push.args(["--timeout", "3"]));
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(6), ""), "{ended}");
    assert!(ended.stderr.contains("error: the push has not ended within 3 seconds\n"), "{ended}");
    assert!(!scene.is_tagged("late"));
    let again = scene.push(SOURCES[1], scene.registry.host(), "late");
    assert!(again.stderr.contains(": present (") && !again.stderr.contains("uploaded"), "{again}");
    scene.assert_arrived(&again, "late");
}
