//! Pushes that are killed or interrupted before they end.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};

use super::{SOURCES, Scene, a_few_at_a_time};
use crate::support::eventually::LIMIT;
use crate::support::fakes::faulty_proxy::{Fate, deciding};
use crate::support::fakes::listener::Listener;
use crate::support::programs::process::{Finished, Running};

/// Pushes that are killed from each source: at requests that are spread evenly over those of a whole push.
const DEATHS: usize = 7;

/// A proxy that counts requests. The one of number `last` never gets an answer: it is held back before the registry has
/// seen it, or its answer is, and then that is told. The receiver hears of nothing else.
pub(super) fn holding_back(
    scene: &Scene,
    last: usize,
    before_the_registry: bool,
) -> (Listener, Receiver<()>, Arc<AtomicUsize>) {
    let (sender, held_back) = mpsc::channel();
    let (sender, count) = (Mutex::new(sender), Arc::<AtomicUsize>::default());
    let counted = Arc::clone(&count);
    let proxy = deciding(scene.registry.host(), move |_| {
        if counted.fetch_add(1, Ordering::SeqCst) + 1 != last {
            return Fate::Passes;
        }
        let sender = sender.lock().unwrap().clone();
        if before_the_registry {
            sender.send(()).unwrap();
            return Fate::Stalls;
        }
        Fate::Withheld(sender)
    });
    (proxy, held_back, count)
}

/// Waits until a request is held back, and fails if the push ends before that.
#[track_caller]
pub(super) fn assert_held_back(held_back: &Receiver<()>, child: &mut Child) {
    match held_back.recv_timeout(LIMIT) {
        Ok(()) => assert_eq!(child.try_wait().unwrap(), None, "the push ended before it was killed"),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => panic!("no request was held back"),
    }
}

#[test]
fn a_push_that_is_killed_at_any_request_leaves_no_half_tag_and_can_be_run_again() {
    let scene = Scene::new();
    let count_requests = |source: &str, repository: &str| {
        let (proxy, _, count) = holding_back(&scene, usize::MAX, true);
        scene.push(source, &format!("localhost:{}", proxy.port()), repository).ok();
        count.load(Ordering::SeqCst)
    };
    // The first push of a layer differs from the others: it does not know the digest of the compressed layer
    // beforehand.
    for source in SOURCES {
        count_requests(source, &format!("first-{}", source.len()));
    }
    let requests = SOURCES.map(|source| count_requests(source, &format!("whole-{}", source.len())));
    let deaths = (0..SOURCES.len()).flat_map(|source| (0..DEATHS).map(move |death| (source, death)));
    a_few_at_a_time(deaths, |(source, death)| {
        // From the first request to the last one.
        let last = 1 + (requests[source] - 1) * death / (DEATHS - 1);
        let (proxy, held_back, _) = holding_back(&scene, last, death % 2 == 0);
        let repository = format!("killed-{source}-{death}");
        let mut command = scene.command(SOURCES[source], &format!("localhost:{}", proxy.port()), &repository);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        assert_held_back(&held_back, &mut child);
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9), "the push was not killed");
        scene.assert_whole_if_tagged(&repository);
        let again = scene.push(SOURCES[source], scene.registry.host(), &repository);
        scene.assert_arrived(&again, &repository);
    });
}

/// Requests that begin like this never get an answer.
type Stalls = &'static [&'static str];

/// Interrupts a push through a proxy that stalls: each time when so many requests that begin like this wait for their
/// answer.
#[track_caller]
fn interrupt(scene: &Scene, repository: &str, stalls: Stalls, moments: &[(&str, usize)]) -> Finished {
    end_by("-INT", scene, repository, stalls, moments)
}

/// The same, by this signal.
#[track_caller]
fn end_by(signal: &str, scene: &Scene, repository: &str, stalls: Stalls, moments: &[(&str, usize)]) -> Finished {
    let (sender, stalled) = mpsc::channel();
    let sender = Mutex::new(sender);
    let proxy = deciding(scene.registry.host(), move |line| {
        if stalls.iter().any(|stall| line.starts_with(stall)) {
            let _ = sender.lock().unwrap().send(line.to_owned());
            return Fate::Stalls;
        }
        Fate::Passes
    });
    let host = format!("localhost:{}", proxy.port());
    let mut command = scene.command(SOURCES[1], &host, repository);
    // Says what becomes of uploads that are cancelled.
    let running = Running::start(command.env("CRHOST_LOG", "warn,crhost::distribution=debug"));
    for (start, count) in moments {
        for _ in 0..*count {
            while !stalled.recv_timeout(LIMIT).unwrap().starts_with(start) {}
        }
        running.signal(signal);
    }
    running.end()
}

#[test]
fn a_push_that_is_terminated_takes_its_uploads_back_too() {
    let scene = Scene::new();
    let ended = end_by("-TERM", &scene, "terminated", &["PATCH "], &[("PATCH ", 4)]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(143), ""), "{ended}");
    assert!(ended.stderr.ends_with("terminated\n"), "{ended}");
    let requests = scene.registry.requests();
    let cancelled = requests.iter().filter(|request| request.starts_with("DELETE /v2/terminated/blobs/uploads/"));
    assert_eq!(cancelled.count(), 4, "{requests:?}");
    assert_eq!(scene.registry.open_uploads(), 0);
}

#[test]
fn a_push_that_is_interrupted_takes_its_uploads_back_and_can_be_run_again() {
    let scene = Scene::new();
    let ended = interrupt(&scene, "interrupted", &["PATCH "], &[("PATCH ", 4)]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(130), ""), "{ended}");
    assert_eq!(ended.stderr.lines().filter(|line| *line == "interrupted").count(), 1, "{ended}");
    assert!(!ended.stderr.contains("error"), "{ended}");
    let requests = scene.registry.requests();
    let count = |start: &str| requests.iter().filter(|request| request.starts_with(start)).count();
    assert_eq!(count("POST "), 4, "{requests:?}");
    assert_eq!(count("DELETE /v2/interrupted/blobs/uploads/"), 4, "{requests:?}");
    assert!(!scene.is_tagged("interrupted"));
    let host = scene.registry.host().to_owned();
    scene.assert_arrived(&scene.push(SOURCES[1], &host, "interrupted"), "interrupted");
}

#[test]
fn a_second_interrupt_ends_a_push_at_once() {
    let scene = Scene::new();
    // The registry does not answer when uploads are cancelled. After one interrupt that is waited for, and given up; a
    // second one ends the waiting.
    let moments = [("PATCH ", 1), ("DELETE ", 1)];
    for (repository, times) in [("once", 1), ("twice", 2)] {
        let ended = interrupt(&scene, repository, &["PATCH ", "DELETE "], &moments[..times]);
        assert_eq!(ended.code, Some(130), "{ended}");
        assert!(ended.stderr.ends_with("interrupted\n"), "{ended}");
        assert_eq!(ended.stderr.contains("an upload was left open"), times == 1, "{ended}");
    }
}

#[test]
fn what_an_interrupted_push_has_sent_is_not_sent_again() {
    let scene = Scene::new();
    let host = scene.registry.host().to_owned();
    // All layers arrive, and the manifest does not.
    let ended = interrupt(&scene, "team", &["PUT /v2/team/manifests"], &[("PUT ", 1)]);
    assert_eq!(ended.code, Some(130), "{ended}");
    let uploads = || scene.registry.requests().iter().filter(|request| request.starts_with("POST ")).count();
    let before = uploads();
    scene.assert_arrived(&scene.push(SOURCES[1], &host, "team"), "team");
    assert_eq!(uploads(), before);
}
