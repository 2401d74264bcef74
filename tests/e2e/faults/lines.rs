//! Connections that break.

use super::{SOURCES, Scene, a_few_at_a_time};
use crate::support::line::{Breaking, Way};

/// Points at which the line breaks, each way; the rest of the bytes lies evenly between them.
const POINTS: u64 = 25;

/// Pushes over a line that breaks once, at points that are spread over all that goes one way.
#[track_caller]
fn a_push_survives_a_break_anywhere(seed: u64, way: Way) {
    let scene = Scene::new(seed);
    let whole = SOURCES.map(|source| {
        let line = Breaking::to(scene.registry.host(), None);
        scene.assert_arrived(&scene.push(source, &line.host(), "whole"), "whole");
        line.count(way)
    });
    a_few_at_a_time(1..=POINTS, |point| {
        let number = point as usize % SOURCES.len();
        let at = whole[number] * point / (POINTS + 1);
        let line = Breaking::to(scene.registry.host(), Some((way, at)));
        let repository = format!("broken-{point}");
        let pushed = scene.push(SOURCES[number], &line.host(), &repository);
        assert!(line.count(way) > at, "it did not break");
        scene.assert_arrived(&pushed, &repository);
    });
}

#[test]
fn a_push_survives_a_connection_that_breaks_anywhere_on_the_way_to_the_registry() {
    a_push_survives_a_break_anywhere(3000, Way::Up);
}

#[test]
fn a_push_survives_a_connection_that_breaks_anywhere_on_the_way_from_the_registry() {
    a_push_survives_a_break_anywhere(3010, Way::Down);
}
