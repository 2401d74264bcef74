//! Connections that break.

use super::{SOURCES, Scene, a_few_at_a_time};
use crate::support::fakes::faulty_proxy::{Breaking, Direction};

/// Points at which the connection breaks in each direction, spread evenly over the bytes of a push.
const POINTS: u64 = 25;

/// Pushes through a proxy that breaks once, at points that are spread over all bytes of a direction.
#[track_caller]
fn a_push_survives_a_break_anywhere(direction: Direction) {
    let scene = Scene::new();
    let whole: [u64; SOURCES.len()] = std::array::from_fn(|number| {
        let proxy = Breaking::to(scene.registry.host(), None);
        // Each has a repository of its own, whose tag says nothing about layers yet.
        let repository = format!("whole-{number}");
        scene.assert_arrived(&scene.push(SOURCES[number], &proxy.host(), &repository), &repository);
        proxy.count(direction)
    });
    a_few_at_a_time(1..=POINTS, |point| {
        let number = point as usize % SOURCES.len();
        let at = whole[number] * point / (POINTS + 1);
        let proxy = Breaking::to(scene.registry.host(), Some((direction, at)));
        let repository = format!("broken-{point}");
        let pushed = scene.push(SOURCES[number], &proxy.host(), &repository);
        assert!(proxy.count(direction) > at, "it did not break");
        scene.assert_arrived(&pushed, &repository);
    });
}

#[test]
fn a_push_survives_a_connection_that_breaks_anywhere_on_the_way_to_the_registry() {
    a_push_survives_a_break_anywhere(Direction::Up);
}

#[test]
fn a_push_survives_a_connection_that_breaks_anywhere_on_the_way_from_the_registry() {
    a_push_survives_a_break_anywhere(Direction::Down);
}
