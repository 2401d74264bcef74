//! Images of a daemon on this machine, whose layers are read where the daemon keeps them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::images::image::Image;
use crate::support::images::noise::here;
use crate::support::images::odd_layers;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::{self, LayerStore, Loaded};
use crate::support::programs::registry::Registry;
use crate::support::skip::{Capability, skip};

/// An image in the daemon, under a name that leads to a registry of its own.
struct Scene {
    home: Home,
    registry: Registry,
    name: String,
    store: LayerStore,
    _loaded: Loaded,
}

/// Absent where these tests may not read the daemon's files.
fn scene(image: &Image) -> Option<Scene> {
    let store = LayerStore::of_this_machine()?;
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    let name = format!("{}/team/train:v1", registry.host());
    let loaded = Loaded::new(&name, image);
    Some(Scene { home, registry, name, store, _loaded: loaded })
}

impl Scene {
    /// How often the daemon exports the image for a push that ends well.
    #[track_caller]
    fn exports(&self, image: &Image, arguments: &[&str]) -> usize {
        let push = || drop(self.home.ok(&[&["push", self.name.as_str()], arguments].concat()));
        let exports = daemon::exports_of(&image.config_digest(), push);
        skopeo::assert_same(self.registry.access(), &self.name, image);
        exports
    }
}

/// A file or directory under another name until this is dropped.
struct Hidden {
    place: PathBuf,
    meanwhile: PathBuf,
}

impl Hidden {
    fn new(place: &Path) -> Self {
        let meanwhile = place.with_extension("hidden-by-a-test");
        fs::rename(place, &meanwhile).unwrap();
        Self { place: place.to_owned(), meanwhile }
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = fs::rename(&self.meanwhile, &self.place);
    }
}

#[test]
fn layers_of_every_kind_of_entry_are_put_together_again_bit_by_bit() {
    let image = Image::of_layers(odd_layers::layers(here!()));
    let Some(scene) = scene(&image) else { return };
    assert_eq!(scene.exports(&image, &[]), 0);
    // The daemon itself puts them together in the same way.
    let theirs = format!("{}-exported", scene.name);
    scene.home.ok(&["push", &scene.name, "--to", "local", "--as", "team/train:v1-exported", "--daemon-export"]);
    assert_eq!(skopeo::digest(scene.registry.access(), &theirs), skopeo::digest(scene.registry.access(), &scene.name));
}

#[test]
fn an_image_with_a_layer_twice_and_one_without_content_are_read_in_the_store() {
    for image in [Image::with_a_layer_twice(here!()), Image::new(here!())] {
        let Some(scene) = scene(&image) else { return };
        assert_eq!(scene.exports(&image, &[]), 0);
    }
}

#[test]
fn only_layers_that_the_registry_lacks_are_read() {
    let image = Image::new(here!());
    let changed = image.with_another_top(here!());
    let Some(before) = scene(&image) else { return };
    assert_eq!(before.exports(&image, &[]), 0);
    let after = Scene { _loaded: Loaded::new(&before.name, &changed), ..before };
    // Layers that the registry has need not be readable.
    let _hidden: Vec<Hidden> = (0..3).map(|number| Hidden::new(&after.store.files(&changed, number))).collect();
    assert_eq!(after.exports(&changed, &[]), 0);
}

#[test]
fn an_image_that_cannot_be_found_in_the_store_is_exported() {
    let image = Image::new(here!());
    let Some(scene) = scene(&image) else { return };
    let _hidden = Hidden::new(&scene.store.known(&image, 1).join("cache-id"));
    assert_eq!(scene.exports(&image, &[]), 1);
}

#[test]
fn a_layer_that_cannot_be_read_to_its_end_is_exported() {
    let image = Image::of_layers(vec![odd_layers::with_a_detour(here!()), odd_layers::layers(here!()).remove(0)]);
    let Some(mut scene) = scene(&image) else { return };
    scene.home.set("CRHOST_LOG", "crhost=debug");
    let mut debugged = None;
    let exports = daemon::exports_of(&image.config_digest(), || debugged = Some(scene.home.ok(&["push", &scene.name])));
    skopeo::assert_same(scene.registry.access(), &scene.name, &image);
    assert_eq!(exports, daemon::exports_for_one_layer());
    assert!(debugged.is_some_and(|run| run.stderr.contains("`dir/../detour`")));
    assert_eq!(scene.registry.open_uploads(), 0);
}

#[test]
fn whoever_wants_an_export_gets_one() {
    let image = Image::new(here!());
    let Some(scene) = scene(&image) else { return };
    assert_eq!(scene.exports(&image, &["--daemon-export"]), 1);
}

#[test]
fn a_daemon_that_may_be_elsewhere_exports() {
    let image = Image::new(here!());
    let Some(mut scene) = scene(&image) else { return };
    let Some(socket) = daemon::socket() else {
        return skip(Capability::DockerSocket, "`DOCKER_HOST` names no socket of this machine");
    };
    let forwarded = daemon::forwarded(socket);
    scene.home.set("DOCKER_HOST", format!("tcp://127.0.0.1:{}", forwarded.port()));
    assert_eq!(scene.exports(&image, &[]), 1);
}

#[test]
fn a_changed_file_in_the_store_is_never_pushed_as_what_it_was() {
    let image = Image::new(here!());
    let Some(scene) = scene(&image) else { return };
    let file = scene.store.files(&image, 0).join("noise");
    let before = fs::read(&file).unwrap();
    let mut changed = before.clone();
    changed[100] ^= 1;
    for bytes in [&changed[..], &before[1..], b""] {
        fs::write(&file, bytes).unwrap();
        for _ in 0..2 {
            scene.home.fails(8, &["push", &scene.name]).says(&image.diff_ids()[0]);
            assert_eq!(scene.registry.tags(), 0);
        }
    }
    // Without the file, the daemon is asked for an export, which needs the file too.
    fs::remove_file(&file).unwrap();
    let refused = scene.home.run(&["push", &scene.name]);
    assert!(refused.code == Some(6) && refused.stderr.contains("noise"), "{refused}");
    assert_eq!(scene.registry.tags(), 0);
    fs::write(&file, before).unwrap();
    assert_eq!(scene.exports(&image, &[]), 0);
}
