//! Pulls over connections that break, and pulls that are killed: a layout has the old images or the new one as well,
//! and an archive is the old file or the new one.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::deaths::{assert_held_back, holding_back};
use super::{Scene, a_few_at_a_time, few_or_all};
use crate::support::fakes::faulty_proxy::{Breaking, Direction, Fate, deciding};
use crate::support::images::digest;
use crate::support::judges::skopeo;
use crate::support::programs::process::{self, Finished};

/// Points at which the connection breaks in each direction, spread evenly over the bytes of a pull: a few, and all.
const POINTS: [u64; 2] = [8, 25];

/// Pulls that are killed, each at another request: a few, and all.
const DEATHS: [usize; 2] = [8, 20];

/// The kinds of destination, each with what skopeo reads it by.
const KINDS: [(&str, &str); 2] = [("oci", ":v1"), ("docker-archive", "")];

/// A registry that has the image as `train:v1`.
fn pushed() -> Scene {
    let scene = Scene::new();
    let pushed = scene.push("oci:layout:v1", scene.registry.host(), "train");
    scene.assert_arrived(&pushed, "train");
    scene
}

fn pull(scene: &Scene, host: &str, destination: &str) -> Command {
    scene.home.command(&["pull", &format!("{host}/train:v1"), destination])
}

/// Expects that a pull ended well, and that the whole image is there and nothing else.
#[track_caller]
fn assert_pulled(scene: &Scene, pulled: &Finished, (kind, name): (&str, &str), to: &str) {
    assert_eq!(pulled.code, Some(0), "{pulled}");
    skopeo::assert_same_here(&format!("{kind}:{}{name}", scene.home.path(to).display()), &scene.image);
    assert_eq!(left_behind(scene, to), Vec::<String>::new(), "{to}");
}

/// Temporary files in a layout, or beside an archive.
fn left_behind(scene: &Scene, to: &str) -> Vec<String> {
    let path = scene.home.path(to);
    let directories =
        if path.is_dir() { vec![path.clone(), path.join("blobs/sha256")] } else { vec![scene.home.path("")] };
    let files = directories.iter().flat_map(|directory| fs::read_dir(directory).into_iter().flatten());
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with('.') && (path.is_dir() || name.contains(to))).collect()
}

#[test]
fn a_pull_survives_a_connection_that_breaks_anywhere() {
    let scene = pushed();
    let whole = [Direction::Up, Direction::Down].map(|direction| {
        let proxy = Breaking::to(scene.registry.host(), None);
        process::run(&mut pull(&scene, &proxy.host(), &format!("oci:whole-{direction:?}"))).ok();
        proxy.count(direction)
    });
    let number = few_or_all(POINTS);
    let points = [Direction::Up, Direction::Down].into_iter().zip(whole);
    let points = points.flat_map(|(direction, bytes)| (1..=number).map(move |point| (direction, bytes, point)));
    a_few_at_a_time(points, |(direction, bytes, point)| {
        let kind = KINDS[point as usize % KINDS.len()];
        let proxy = Breaking::to(scene.registry.host(), Some((direction, bytes * point / (number + 1))));
        let to = format!("broken-{direction:?}-{point}");
        let pulled = process::run(&mut pull(&scene, &proxy.host(), &format!("{}:{to}", kind.0)));
        assert_pulled(&scene, &pulled, kind, &to);
    });
}

#[test]
fn a_pull_goes_on_after_fifty_cuts_without_a_byte_twice() {
    let scene = pushed();
    let cuts = AtomicUsize::new(0);
    let cuts = std::sync::Arc::new(cuts);
    let counted = std::sync::Arc::clone(&cuts);
    // Each answer with a layer ends after some bytes.
    let proxy = deciding(scene.registry.host(), move |line| {
        let is_cut = line.starts_with("GET") && line.contains("/blobs/") && counted.fetch_add(1, Ordering::SeqCst) < 50;
        if is_cut { Fate::Truncated(40_000) } else { Fate::Passes }
    });
    let pulled = process::run(&mut pull(&scene, &format!("localhost:{}", proxy.port()), "oci:cut"));
    assert_pulled(&scene, &pulled, KINDS[0], "cut");
    assert!(cuts.load(Ordering::SeqCst) >= 30, "{}", cuts.load(Ordering::SeqCst));
}

#[test]
fn a_pull_that_is_killed_at_any_request_leaves_nothing_half_and_can_be_run_again() {
    let scene = pushed();
    let requests = KINDS.map(|(kind, _)| {
        let (proxy, _, count) = holding_back(&scene, usize::MAX, true);
        let host = format!("localhost:{}", proxy.port());
        process::run(&mut pull(&scene, &host, &format!("{kind}:counted-{kind}"))).ok();
        count.load(Ordering::SeqCst)
    });
    let deaths = few_or_all(DEATHS);
    a_few_at_a_time(0..deaths, |death| {
        let (kind, name) = KINDS[death % KINDS.len()];
        let requests = requests[death % KINDS.len()];
        let last = 1 + (requests - 1) * (death / KINDS.len()) / (deaths / KINDS.len() - 1);
        let (proxy, held_back, _) = holding_back(&scene, last, death % 3 == 0);
        let to = format!("killed-{death}");
        let path = scene.home.path(&to);
        if kind == "docker-archive" {
            fs::write(&path, "old").unwrap();
        }
        let mut command = pull(&scene, &format!("localhost:{}", proxy.port()), &format!("{kind}:{to}"));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        assert_held_back(&held_back, &mut child);
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9), "the pull was not killed");
        match kind {
            "docker-archive" => assert_eq!(fs::read_to_string(&path).unwrap(), "old"),
            _ => assert!(!path.join("index.json").exists()),
        }
        let again = process::run(&mut pull(&scene, scene.registry.host(), &format!("{kind}:{to}")));
        assert_pulled(&scene, &again, (kind, name), &to);
    });
}

#[test]
fn what_a_killed_pull_has_is_not_received_again() {
    let scene = pushed();
    // Some bytes of each layer come, and then nothing until the kill.
    let (sender, stalled) = std::sync::mpsc::channel();
    let sender = std::sync::Mutex::new(sender);
    let layers = AtomicUsize::new(0);
    let proxy = deciding(scene.registry.host(), move |line| {
        if !line.starts_with("GET") || !line.contains("/blobs/") || layers.fetch_add(1, Ordering::SeqCst) == 0 {
            return Fate::Passes;
        }
        if layers.load(Ordering::SeqCst) <= 5 {
            return Fate::Truncated(100_000);
        }
        let _ = sender.lock().unwrap().send(());
        Fate::Stalls
    });
    let mut command = pull(&scene, &format!("localhost:{}", proxy.port()), "oci:resumed");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..4 {
        stalled.recv_timeout(crate::support::eventually::LIMIT).unwrap();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let parts = fs::read_dir(scene.home.path("resumed")).unwrap().map(|file| file.unwrap());
    let parts = parts.filter(|file| file.file_name().to_str().unwrap().ends_with(".part"));
    let kept: u64 = parts.map(|file| file.metadata().unwrap().len()).sum();
    assert!(kept > 300_000, "{kept}");
    let counting = Breaking::to(scene.registry.host(), None);
    process::run(&mut pull(&scene, &counting.host(), "oci:whole")).ok();
    let whole = counting.count(Direction::Down);
    let again = process::run(&mut pull(&scene, &counting.host(), "oci:resumed"));
    assert_pulled(&scene, &again, KINDS[0], "resumed");
    // But for some bytes of headers.
    let rest = counting.count(Direction::Down) - whole;
    assert!(rest < whole - kept + 5_000, "{rest} of {whole}, {kept} were there");
}

#[test]
fn a_file_goes_on_behind_what_an_earlier_pull_left_of_it() {
    let scene = pushed();
    let counting = Breaking::to(scene.registry.host(), None);
    process::run(&mut pull(&scene, &counting.host(), "docker-archive:whole.tar")).ok();
    let (all, whole) = (counting.count(Direction::Down), fs::read(scene.home.path("whole.tar")).unwrap());
    // In the second layer.
    let cut = 700_000;
    for is_damaged in [false, true] {
        let mut left = whole[..cut].to_vec();
        left[cut - 1] ^= u8::from(is_damaged);
        fs::write(scene.home.path(".resumed.tar.crhost.part"), left).unwrap();
        let before = counting.count(Direction::Down);
        let again = process::run(&mut pull(&scene, &counting.host(), "docker-archive:resumed.tar"));
        assert_pulled(&scene, &again, KINDS[1], "resumed.tar");
        assert!(fs::read(scene.home.path("resumed.tar")).unwrap() == whole);
        // But for some bytes of headers; the first layer is never received again.
        let (rest, kept) = (counting.count(Direction::Down) - before, if is_damaged { 150_000 } else { cut as u64 });
        assert!(rest < all - kept + 10_000, "{rest} of {all}");
    }
}

#[test]
fn bytes_that_are_not_those_of_the_digest_reach_no_destination() {
    let scene = pushed();
    scene.registry.damage_blobs(100_000);
    for (kind, _) in KINDS {
        let host = scene.registry.host();
        let failed = scene.home.fails(8, &["pull", &format!("{host}/train:v1"), &format!("{kind}:damaged-{kind}")]);
        assert!(failed.error().contains("not those of its digest"), "{}", *failed);
    }
    assert!(!scene.home.path("damaged-docker-archive").exists());
    let layout = scene.home.path("damaged-oci");
    assert!(!layout.join("index.json").exists());
    // The manifest and the configuration, which are right, may have come before a layer that is not.
    let blobs: Vec<_> = fs::read_dir(layout.join("blobs/sha256")).unwrap().map(|blob| blob.unwrap().path()).collect();
    assert!(blobs.len() <= 2, "{blobs:?}");
    for blob in blobs {
        let name = blob.file_name().unwrap().to_str().unwrap();
        assert_eq!(digest::hex(&digest::of(&fs::read(&blob).unwrap())), name);
    }
}

#[test]
fn a_full_disk_and_an_interrupt_leave_the_old_file() {
    let scene = pushed();
    let host = scene.registry.host();
    let full = scene.home.fails(1, &["pull", &format!("{host}/train:v1"), "docker-archive:/dev/full"]);
    assert!(full.error().contains("No space left") && full.hint().contains("make room"), "{}", *full);
    fs::write(scene.home.path("old.tar"), "old").unwrap();
    let (sender, stalled) = std::sync::mpsc::channel();
    let sender = std::sync::Mutex::new(sender);
    let layers = AtomicUsize::new(0);
    let proxy = deciding(host, move |line| {
        if !line.contains("/blobs/") || layers.fetch_add(1, Ordering::SeqCst) == 0 {
            return Fate::Passes;
        }
        let _ = sender.lock().unwrap().send(());
        Fate::Stalls
    });
    let mut command = pull(&scene, &format!("localhost:{}", proxy.port()), "docker-archive:old.tar");
    let running = process::Running::start(&mut command);
    stalled.recv_timeout(crate::support::eventually::LIMIT).unwrap();
    running.signal("-INT");
    let ended = running.end();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(130), ""), "{ended}");
    assert_eq!(fs::read_to_string(scene.home.path("old.tar")).unwrap(), "old");
}
