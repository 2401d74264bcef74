//! Copies and syncs over connections that break on either side, and that are killed: the target has the whole image
//! under its tag, or no tag.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;

use super::deaths::{assert_held_back, holding_back_from};
use super::{Scene, a_few_at_a_time, few_or_all};
use crate::support::fakes::faulty_proxy::{Breaking, Direction};
use crate::support::judges::skopeo;
use crate::support::programs::process::{self, Finished};
use crate::support::programs::registry::Registry;

/// Points at which the connection breaks, spread evenly over the bytes of each direction of each side: of a few, and of
/// all.
const POINTS: [u64; 2] = [3, 13];

/// Commands that are killed, each at another request: a few, and all.
const DEATHS: [usize; 2] = [6, 20];

/// Makes the command that brings the image from one host to a repository of another.
type Make = fn(&Scene, &str, &str, &str) -> Command;

/// A registry that has the image as `train:v1`, and one that it is copied to.
fn scene() -> (Scene, Registry) {
    let scene = Scene::new();
    let pushed = scene.push("oci:layout:v1", scene.registry.host(), "train");
    scene.assert_arrived(&pushed, "train");
    (scene, Registry::open())
}

fn copy(scene: &Scene, from: &str, to: &str, repository: &str) -> Command {
    scene.home.command(&["copy", &format!("{from}/train:v1"), &format!("{to}/{repository}:v1")])
}

/// The same as a sync.
fn sync(scene: &Scene, from: &str, to: &str, repository: &str) -> Command {
    let file = scene.home.path(&format!("{repository}.yaml"));
    let text = format!(
        "version: 1\nmirrors:\n  - source: {from}\n    target: {to}\n    repositories: [{{path: train, as: {repository}}}]\n"
    );
    fs::write(&file, text).unwrap();
    scene.home.command(&["sync", file.to_str().unwrap()])
}

#[track_caller]
fn assert_copied(scene: &Scene, target: &Registry, copied: &Finished, repository: &str) {
    assert_eq!(copied.code, Some(0), "{copied}");
    let name = format!("{}/{repository}:v1", target.host());
    let whole = format!("{}/train:v1", scene.registry.host());
    assert_eq!(skopeo::digest(target.access(), &name), skopeo::digest(scene.registry.access(), &whole));
    skopeo::assert_same(target.access(), &name, &scene.image);
}

#[track_caller]
fn assert_whole_if_tagged(scene: &Scene, target: &Registry, repository: &str) {
    let name = format!("{}/{repository}:v1", target.host());
    if skopeo::has(target.access(), &name) {
        skopeo::assert_same(target.access(), &name, &scene.image);
    }
}

/// A front of a registry under a host of its own: blobs that other copies left there are not mounted, and all move.
fn alone(registry: &Registry) -> Breaking {
    Breaking::to(registry.host(), None)
}

/// Runs the command that `make` gives through a connection that breaks once, on either side and in either direction.
#[track_caller]
fn broken(make: Make, name: &str) {
    let (scene, target) = scene();
    let sides = [(true, Direction::Up), (true, Direction::Down), (false, Direction::Up), (false, Direction::Down)];
    let run = |is_source: bool, proxy: &Breaking, repository: &str| {
        let other = alone(if is_source { &target } else { &scene.registry });
        let (from, to) = if is_source { (proxy, &other) } else { (&other, proxy) };
        process::run(&mut make(&scene, &from.host(), &to.host(), repository))
    };
    let whole = sides.map(|(is_source, direction)| {
        let proxy = alone(if is_source { &scene.registry } else { &target });
        let repository = format!("{name}-whole-{is_source}-{direction:?}").to_lowercase();
        assert_copied(&scene, &target, &run(is_source, &proxy, &repository), &repository);
        proxy.count(direction)
    });
    let number = few_or_all(POINTS);
    let points = sides.into_iter().zip(whole);
    let points = points.flat_map(|(side, bytes)| (1..=number).map(move |point| (side, bytes, point)));
    a_few_at_a_time(points, |((is_source, direction), bytes, point)| {
        let host = if is_source { scene.registry.host() } else { target.host() };
        let proxy = Breaking::to(host, Some((direction, bytes * point / (number + 1))));
        let repository = format!("{name}-broken-{is_source}-{direction:?}-{point}").to_lowercase();
        let copied = run(is_source, &proxy, &repository);
        assert_copied(&scene, &target, &copied, &repository);
    });
}

#[test]
fn a_copy_survives_a_connection_that_breaks_anywhere_on_either_side() {
    broken(copy, "copy");
}

#[test]
fn a_sync_survives_a_connection_that_breaks_anywhere_on_either_side() {
    broken(sync, "sync");
}

/// Kills the command that `make` gives for source, target and repository at requests of either side that are spread
/// evenly, and runs it again.
#[track_caller]
fn killed(make: Make, name: &str) {
    let deaths = few_or_all(DEATHS);
    let (scene, target) = scene();
    // The command through a front of each registry, of which one holds a request back.
    let through = |is_source: bool, front: &str, repository: &str| {
        let other = alone(if is_source { &target } else { &scene.registry });
        let (from, to) = if is_source { (front.to_owned(), other.host()) } else { (other.host(), front.to_owned()) };
        (make(&scene, &from, &to, repository), other)
    };
    let host_of = |is_source: bool| if is_source { scene.registry.host() } else { target.host() };
    let count = |is_source: bool| {
        let (proxy, _, count) = holding_back_from(host_of(is_source), usize::MAX, true);
        let repository = format!("{name}-counted-{is_source}");
        let (mut command, _other) = through(is_source, &format!("localhost:{}", proxy.port()), &repository);
        process::run(&mut command).ok();
        count.load(Ordering::SeqCst)
    };
    let requests = [count(false), count(true)];
    a_few_at_a_time(0..deaths, |death| {
        let is_source = death % 2 == 1;
        let last = 1 + (requests[death % 2] - 1) * (death / 2) / (deaths / 2 - 1);
        let (proxy, held_back, _) = holding_back_from(host_of(is_source), last, death % 3 == 0);
        let repository = format!("{name}-killed-{death}");
        let (mut command, _other) = through(is_source, &format!("localhost:{}", proxy.port()), &repository);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        assert_held_back(&held_back, &mut child);
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9), "it was not killed");
        assert_whole_if_tagged(&scene, &target, &repository);
        let again = process::run(&mut make(&scene, scene.registry.host(), target.host(), &repository));
        assert_copied(&scene, &target, &again, &repository);
    });
}

#[test]
fn a_copy_that_is_killed_at_any_request_leaves_no_half_tag_and_can_be_run_again() {
    killed(copy, "copy");
}

#[test]
fn a_sync_that_is_killed_at_any_request_leaves_no_half_tag_and_can_be_run_again() {
    killed(sync, "sync");
}
