//! One of several registries fails: the others have their image all the same, or none has a tag.

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::several::{NAMES, SOURCES, Scene, push};
use crate::support::eventually::eventually;
use crate::support::fakes::faulty_proxy::{Breaking, Direction, Fate, deciding, refusal};
use crate::support::fakes::listener::Listener;
use crate::support::fakes::slow_proxy;
use crate::support::http1::answer;
use crate::support::programs::process::Running;
use crate::support::programs::registry::Registry;

/// Puts a proxy (a fake) before the second registry, and registers it as `faulty`.
fn faulty(scene: &Scene, decide: impl Fn(&str) -> Fate + Send + Sync + 'static) -> Listener {
    let proxy = deciding(scene.registries[1].host(), decide);
    scene.home.register("faulty", &format!("localhost:{}", proxy.port()));
    proxy
}

/// The first and the third registry, and the faulty one between them.
const TO: [&str; 3] = [NAMES[0], "faulty", NAMES[2]];

fn refused(status: &str, code: &str) -> Fate {
    let body = format!("{{\"errors\":[{{\"code\":\"{code}\",\"message\":\"no\"}}]}}");
    Fate::Gets(answer(status, "content-type: application/json\r\n", &body))
}

fn is_upload(line: &str) -> bool {
    line.contains("/blobs/uploads/") && !line.starts_with("DELETE")
}

#[test]
fn a_registry_that_is_full_costs_the_others_nothing_and_is_told_by_its_name() {
    let scene = Scene::new();
    let _proxy = faulty(&scene, |line| match is_upload(line) && !line.starts_with("POST") {
        true => refused("507 Insufficient Storage", "DENIED"),
        false => Fate::Passes,
    });
    for (number, source) in SOURCES.iter().enumerate() {
        let repository = format!("train-{number}");
        let pushed = scene.home.run(&push(source, &format!("{repository}:v1"), &TO));
        assert!(!matches!(pushed.code, Some(0) | None), "{pushed}");
        assert!(pushed.stderr.contains("registry `faulty`: ") && pushed.stderr.contains("507"), "{pushed}");
        assert!(pushed.stderr.contains("1 of 3 registries did not get the image: `faulty`"), "{pushed}");
        assert_eq!(pushed.stdout.lines().count(), 2, "{pushed}");
        assert_eq!(scene.assert_arrived(0, &repository), scene.assert_arrived(2, &repository));
        assert!(!scene.is_tagged(1, &repository));
    }
}

#[test]
fn no_tag_moves_where_all_or_none_are_to_have_it_and_one_lacks_a_blob() {
    let scene = Scene::new();
    let _proxy = faulty(&scene, |line| match is_upload(line) && !line.starts_with("POST") {
        true => refused("413 Content Too Large", "SIZE_INVALID"),
        false => Fate::Passes,
    });
    let pushed = scene.home.run(&[&push(SOURCES[1], "train:v1", &TO)[..], &["--all-or-none", "-o", "json"]].concat());
    assert!(!matches!(pushed.code, Some(0) | None), "{pushed}");
    let document = pushed.json();
    for (number, registry) in document["registries"].as_array().unwrap().iter().enumerate() {
        assert!(registry["error"]["message"].is_string() && registry["tagsMoved"] == serde_json::json!([]), "{pushed}");
        assert!(!scene.is_tagged(number, "train"));
    }
    // What is there is not sent again.
    let again = scene.home.ok(&[&push(SOURCES[1], "train:v1", &NAMES)[..], &["--all-or-none"]].concat());
    assert!(again.stderr.contains("ecr: ") && again.stderr.contains("present"), "{again}");
    assert_eq!(scene.assert_arrived(0, "train"), scene.assert_arrived(1, "train"));
}

#[test]
fn nothing_is_sent_where_all_or_none_are_to_have_it_and_one_can_not_be_opened() {
    let scene = Scene::new();
    scene.home.register("faulty", "localhost:1");
    let pushed = scene.home.run(&[&push(SOURCES[0], "train:v1", &TO)[..], &["--all-or-none"]].concat());
    assert_eq!(pushed.code, Some(6), "{pushed}");
    assert!(pushed.stderr.contains("registry `faulty`: "), "{pushed}");
    assert!(scene.registries.iter().all(|registry| registry.stored() == 0));
    let pushed = scene.home.run(&push(SOURCES[0], "train:v1", &TO));
    assert_eq!(pushed.code, Some(6), "{pushed}");
    assert_eq!(scene.assert_arrived(0, "train"), scene.assert_arrived(2, "train"));
}

#[test]
fn a_tag_that_is_refused_after_all_is_told_with_those_that_have_moved() {
    let scene = Scene::new();
    let _proxy = faulty(&scene, |line| match line.starts_with("PUT") && line.ends_with("/manifests/v1") {
        true => refused("403 Forbidden", "DENIED"),
        false => Fate::Passes,
    });
    let pushed = scene.home.run(&[&push(SOURCES[1], "train:v1", &TO)[..], &["--all-or-none"]].concat());
    assert_eq!(pushed.code, Some(4), "{pushed}");
    let host = |number: usize| scene.registries[number].host();
    let moved = format!("moved: `{}/train:v1`, `{}/train:v1`; not moved: `localhost:", host(0), host(2));
    assert!(pushed.stderr.contains(&moved), "{pushed}");
    assert_eq!(scene.assert_arrived(0, "train"), scene.assert_arrived(2, "train"));
    assert!(!scene.is_tagged(1, "train"));
}

#[test]
fn a_registry_that_stalls_keeps_the_others_neither_from_their_bytes_nor_from_their_tags() {
    let scene = Scene::new();
    let _proxy = faulty(&scene, |line| match is_upload(line) && !line.starts_with("POST") {
        true => Fate::Stalls,
        false => Fate::Passes,
    });
    for (number, source) in SOURCES.iter().enumerate() {
        let repository = format!("train-{number}");
        let mut command = scene.home.command(&push(source, &format!("{repository}:v1"), &TO));
        let running = Running::start(&mut command);
        eventually("the tags of the others", || {
            (scene.is_tagged(0, &repository) && scene.is_tagged(2, &repository)).then_some(())
        });
        running.signal("-TERM");
        let ended = running.end();
        assert_eq!(ended.code, Some(143), "{ended}");
        assert_eq!(ended.stdout.lines().count(), 2, "{ended}");
        assert_eq!(scene.assert_arrived(0, &repository), scene.assert_arrived(2, &repository));
        assert!(!scene.is_tagged(1, &repository));
    }
}

#[test]
fn a_registry_that_is_slow_gets_its_image_and_the_others_theirs() {
    let scene = Scene::new();
    let proxy = slow_proxy::resting(scene.registries[1].host(), Duration::from_millis(50));
    scene.home.register("faulty", &format!("localhost:{}", proxy.port()));
    for (number, source) in SOURCES.iter().enumerate() {
        let repository = format!("train-{number}");
        scene.home.ok(&push(source, &format!("{repository}:v1"), &TO));
        let digests = [0, 1, 2].map(|registry| scene.assert_arrived(registry, &repository));
        assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
        scene.registries.iter().for_each(Registry::lose_content);
    }
}

#[test]
fn a_registry_that_is_busy_is_asked_again_while_the_others_go_on() {
    let scene = Scene::new();
    let busy = AtomicUsize::new(0);
    let _proxy = faulty(&scene, move |line| match is_upload(line) && busy.fetch_add(1, Ordering::SeqCst) < 4 {
        true => Fate::Gets(refusal("429 Too Many Requests", "retry-after: 1\r\n")),
        false => Fate::Passes,
    });
    scene.home.ok(&push(SOURCES[1], "train:v1", &TO));
    assert_eq!(scene.assert_arrived(0, "train"), scene.assert_arrived(1, "train"));
}

#[test]
fn a_connection_that_breaks_on_the_way_to_one_of_them_is_mended_from_every_source() {
    let scene = Scene::new();
    for (number, source) in SOURCES.iter().enumerate() {
        for point in 1..=4_u64 {
            // The image has 1.9 MB.
            let proxy = Breaking::to(scene.registries[1].host(), Some((Direction::Up, point * 450_000)));
            let (faulty, repository) = (proxy.host(), format!("broken-{number}-{point}"));
            scene.home.ok(&push(source, &format!("{repository}:v1"), &[NAMES[0], &faulty, NAMES[2]]));
            let digests = [0, 1, 2].map(|registry| scene.assert_arrived(registry, &repository));
            assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
            // The next push sends everything again.
            scene.registries.iter().for_each(Registry::lose_content);
        }
    }
}

#[test]
fn a_push_that_is_killed_leaves_no_tag_that_names_what_is_not_there() {
    let scene = Scene::new();
    for death in 1..=6 {
        let (sender, reached) = std::sync::mpsc::channel();
        let (count, last) = (AtomicUsize::new(0), death * 4);
        let proxy = deciding(scene.registries[1].host(), move |_| {
            if count.fetch_add(1, Ordering::SeqCst) + 1 < last {
                return Fate::Passes;
            }
            let _ = sender.send(());
            Fate::Stalls
        });
        let (faulty, repository) = (format!("localhost:{}", proxy.port()), format!("killed-{death}"));
        let mut arguments = push(SOURCES[death % 3], "", &[NAMES[0], &faulty, NAMES[2]]);
        let named = format!("{repository}:v1");
        arguments[3] = &named;
        let mut command = scene.home.command(&[&arguments[..], &["--all-or-none"]].concat());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        reached.recv().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        for registry in 0..3 {
            if scene.is_tagged(registry, &repository) {
                scene.assert_arrived(registry, &repository);
            }
        }
    }
}
