//! Images of a daemon on this machine, whose layers are read where the daemon keeps them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::crhost::Home;
use crate::support::daemon::{self, LayerStore, Loaded};
use crate::support::image::Image;
use crate::support::judge;
use crate::support::odd_layers;
use crate::support::registry::Registry;

/// An image in the daemon, under a name that leads to a registry of its own.
struct Scene {
    home: Home,
    registry: Registry,
    name: String,
    store: LayerStore,
    _loaded: Loaded,
}

/// None where whoever runs the tests may not read the daemon's files.
fn scene(image: &Image) -> Option<Scene> {
    let store = LayerStore::of_this_machine()?;
    let (home, registry) = (Home::warm(), Registry::open());
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
        judge::assert_same(self.registry.access(), &self.name, image);
        exports
    }
}

/// A file or folder that is elsewhere until this goes.
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
    let image = Image::of_layers(odd_layers::layers(600));
    let Some(scene) = scene(&image) else { return };
    assert_eq!(scene.exports(&image, &[]), 0);
    // The daemon itself puts them together in the same way.
    let theirs = format!("{}-exported", scene.name);
    scene.home.ok(&["push", &scene.name, "--to", "local", "--as", "team/train:v1-exported", "--daemon-export"]);
    assert_eq!(judge::digest(scene.registry.access(), &theirs), judge::digest(scene.registry.access(), &scene.name));
}

#[test]
fn an_image_with_a_layer_twice_and_one_without_content_are_read_in_the_store() {
    for image in [Image::with_a_layer_twice(610), Image::new(615)] {
        let Some(scene) = scene(&image) else { return };
        assert_eq!(scene.exports(&image, &[]), 0);
    }
}

#[test]
fn only_layers_that_the_registry_lacks_are_read() {
    let image = Image::new(620);
    let changed = image.with_another_top(625);
    let Some(before) = scene(&image) else { return };
    assert_eq!(before.exports(&image, &[]), 0);
    let after = Scene { _loaded: Loaded::new(&before.name, &changed), ..before };
    // What can't be read is not missed.
    let _hidden: Vec<Hidden> = (0..3).map(|number| Hidden::new(&after.store.files(&changed, number))).collect();
    assert_eq!(after.exports(&changed, &[]), 0);
}

#[test]
fn an_image_that_cannot_be_found_in_the_store_is_exported() {
    let image = Image::new(630);
    let Some(scene) = scene(&image) else { return };
    let _hidden = Hidden::new(&scene.store.known(&image, 1).join("cache-id"));
    assert_eq!(scene.exports(&image, &[]), 1);
}

#[test]
fn a_layer_that_cannot_be_read_to_its_end_is_exported() {
    let image = Image::of_layers(vec![odd_layers::with_a_detour(640), odd_layers::layers(640).remove(0)]);
    let Some(mut scene) = scene(&image) else { return };
    scene.home.set("CRHOST_LOG", "crhost=debug");
    let mut debugged = None;
    let exports = daemon::exports_of(&image.config_digest(), || debugged = Some(scene.home.ok(&["push", &scene.name])));
    judge::assert_same(scene.registry.access(), &scene.name, &image);
    assert_eq!(exports, 1);
    assert!(debugged.is_some_and(|run| run.stderr.contains("`dir/../detour`")));
    assert_eq!(scene.registry.open_uploads(), 0);
}

#[test]
fn whoever_wants_an_export_gets_one() {
    let image = Image::new(650);
    let Some(scene) = scene(&image) else { return };
    assert_eq!(scene.exports(&image, &["--daemon-export"]), 1);
}

#[test]
fn a_daemon_that_may_be_elsewhere_exports() {
    let image = Image::new(660);
    let (Some(mut scene), Some(socket)) = (scene(&image), daemon::socket()) else { return };
    let forwarded = daemon::forwarded(socket);
    scene.home.set("DOCKER_HOST", format!("tcp://127.0.0.1:{}", forwarded.port()));
    assert_eq!(scene.exports(&image, &[]), 1);
}

#[test]
fn a_changed_file_in_the_store_is_never_pushed_as_what_it_was() {
    let image = Image::new(670);
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
    // Without it the daemon is asked, who has it from nowhere else.
    fs::remove_file(&file).unwrap();
    let refused = scene.home.run(&["push", &scene.name]);
    assert!(refused.code == Some(6) && refused.stderr.contains("noise"), "{refused}");
    assert_eq!(scene.registry.tags(), 0);
    fs::write(&file, before).unwrap();
    assert_eq!(scene.exports(&image, &[]), 0);
}
