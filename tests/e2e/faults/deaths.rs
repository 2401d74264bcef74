//! Pushes that end before their time.

use std::process::Stdio;
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::{SOURCES, Scene, a_few_at_a_time};
use crate::support::line::{Fate, deciding};
use crate::support::process::{Finished, Running};

/// Pushes that are killed, at moments that are spread over the time that one takes.
const DEATHS: u32 = 20;

#[test]
fn a_push_that_is_killed_at_any_moment_leaves_no_half_tag_and_can_be_run_again() {
    let scene = Scene::new(3200);
    // Slow enough that there are moments between the requests.
    let line = deciding(scene.registry.host(), |_| Fate::PassesAfter(Duration::from_millis(50)));
    let host = format!("localhost:{}", line.port());
    let whole = scene.push(SOURCES[1], &host, "whole").ok().time;
    a_few_at_a_time(1..=DEATHS, |death| {
        let repository = format!("killed-{death}");
        let source = SOURCES[death as usize % SOURCES.len()];
        let mut command = scene.command(source, &host, &repository);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(whole * death / DEATHS);
        child.kill().unwrap();
        child.wait().unwrap();
        // If there is a tag, there is the whole image.
        scene.is_tagged(&repository);
        scene.assert_arrived(&scene.push(source, &host, &repository), &repository);
    });
}

/// Requests that begin like this never get an answer.
type Stalls = &'static [&'static str];

/// Interrupts a push over a line that stalls: each time when so many requests that begin like this wait for their answer.
#[track_caller]
fn interrupt(scene: &Scene, repository: &str, stalls: Stalls, moments: &[(&str, usize)]) -> Finished {
    let (sender, stalled) = mpsc::channel();
    let sender = Mutex::new(sender);
    let line = deciding(scene.registry.host(), move |line| {
        if stalls.iter().any(|stall| line.starts_with(stall)) {
            let _ = sender.lock().unwrap().send(line.to_owned());
            return Fate::Stalls;
        }
        Fate::Passes
    });
    let host = format!("localhost:{}", line.port());
    let running = Running::start(&mut scene.command(SOURCES[1], &host, repository));
    for (start, count) in moments {
        for _ in 0..*count {
            while !stalled.recv().unwrap().starts_with(start) {}
        }
        running.signal("-INT");
    }
    running.end()
}

#[test]
fn a_push_that_is_interrupted_takes_its_uploads_back_and_can_be_run_again() {
    let scene = Scene::new(3210);
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
    let scene = Scene::new(3220);
    // The registry does not answer when uploads are taken back; that is waited for after the first interrupt only.
    let moments = [("PATCH ", 1), ("DELETE ", 1)];
    let timed = |repository: &str, times: usize| {
        let before = Instant::now();
        let ended = interrupt(&scene, repository, &["PATCH ", "DELETE "], &moments[..times]);
        assert_eq!(ended.code, Some(130), "{ended}");
        assert!(ended.stderr.ends_with("interrupted\n"), "{ended}");
        before.elapsed()
    };
    let (once, twice) = (timed("once", 1), timed("twice", 2));
    assert!(twice + Duration::from_secs(2) < once, "{twice:?} after two, {once:?} after one");
}

#[test]
fn what_an_interrupted_push_has_sent_is_not_sent_again() {
    let scene = Scene::new(3230);
    let host = scene.registry.host().to_owned();
    // All layers arrive, and the manifest does not.
    let ended = interrupt(&scene, "team", &["PUT /v2/team/manifests"], &[("PUT ", 1)]);
    assert_eq!(ended.code, Some(130), "{ended}");
    let uploads = || scene.registry.requests().iter().filter(|request| request.starts_with("POST ")).count();
    let before = uploads();
    scene.assert_arrived(&scene.push(SOURCES[1], &host, "team"), "team");
    assert_eq!(uploads(), before);
}
