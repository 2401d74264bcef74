//! Registries that keep the bytes of a broken upload, or say that they do.

use super::{SOURCES, Scene, a_few_at_a_time};
use crate::support::fakes::resumable_registry::{ResumableRegistry, Trouble};

/// The honest answer.
fn range(has: usize) -> String {
    format!("0-{}", has.saturating_sub(1))
}

#[test]
fn what_the_registry_confirms_is_not_sent_again() {
    for source in &SOURCES[..2] {
        let scene = Scene::new();
        // Far more breaks than there are tries without progress.
        let often = Trouble { after: 50_000, times: usize::MAX, says: range };
        let never = Trouble { after: usize::MAX, times: 0, says: range };
        let bytes = [never, often].map(|trouble| {
            let registry = ResumableRegistry::before(scene.registry.host(), trouble);
            let repository = if trouble.times == 0 { "whole" } else { "broken" };
            scene.assert_arrived(&scene.push(source, &registry.host(), repository), repository);
            assert!(registry.breaks() > 30 || trouble.times == 0, "{source}: {} breaks", registry.breaks());
            registry.received()
        });
        assert_eq!(bytes[0], bytes[1], "{source}: bytes were sent twice");
    }
}

#[test]
fn a_registry_that_confirms_what_it_does_not_have_gets_all_from_the_start() {
    for (number, says) in [
        |has: usize| range(has - 1000),
        |has: usize| range(has + 1000),
        |_: usize| "0-18446744073709551614".to_owned(),
        |_: usize| "0-18446744073709551615".to_owned(),
        |_: usize| "7-9".to_owned(),
        |_: usize| "-1".to_owned(),
        |_: usize| "many".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        let scene = Scene::new();
        for source in &SOURCES[..2] {
            let registry = ResumableRegistry::before(scene.registry.host(), Trouble { after: 150_000, times: 2, says });
            let repository = format!("lied-to-{number}-{}", source.len());
            scene.assert_arrived(&scene.push(source, &registry.host(), &repository), &repository);
            assert_eq!(registry.breaks(), 2);
        }
    }
}

#[test]
fn a_line_that_never_carries_a_whole_layer_ends_the_push_in_words() {
    let scene = Scene::new();
    let nothing = Trouble { after: 50_000, times: usize::MAX, says: |_| "0-0".to_owned() };
    a_few_at_a_time(SOURCES, |source| {
        let registry = ResumableRegistry::before(scene.registry.host(), nothing);
        let name = scene.register(&registry.host());
        let failed = scene.home.fails(6, &["push", source, "--to", &name, "--as", "hopeless:v1"]);
        assert!(failed.error().contains("broke during"), "{}", *failed);
        assert!(!scene.is_tagged("hopeless"));
    });
}
