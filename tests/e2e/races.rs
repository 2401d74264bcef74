//! Several crhosts of one user at the same time, as in CI.

use std::fs;
use std::thread;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::Finished;
use crate::support::programs::registry::Registry;

/// Runs several of them at the same time in one home.
fn at_once(home: &Home, commands: &[Vec<String>]) -> Vec<Finished> {
    thread::scope(|scope| {
        let start = |command: &Vec<String>| {
            let command = command.clone();
            scope.spawn(move || home.run(&command.iter().map(String::as_str).collect::<Vec<_>>()))
        };
        let running: Vec<_> = commands.iter().map(start).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[test]
fn of_several_who_take_a_name_at_once_one_gets_it() {
    let home = Home::without_cache();
    let register = |number| words(&format!("registry register it --flavor default --uri localhost:{}", 5000 + number));
    let ended = at_once(&home, &(0..6).map(register).collect::<Vec<_>>());
    let count = |code| ended.iter().filter(|ended| ended.code == Some(code)).count();
    let all: String = ended.iter().map(ToString::to_string).collect();
    assert_eq!((count(0), count(5)), (1, 5), "{all}");
    let registries = home.ok(&["registry", "list", "-o", "json"]).json();
    assert_eq!(registries["registries"].as_array().unwrap().len(), 1);
}

#[test]
fn the_same_flavor_is_registered_by_several_at_once() {
    let home = Home::without_cache();
    fs::write(home.path("it.wasm"), components::flavor("")).unwrap();
    for ended in at_once(&home, &vec![words("flavor register it.wasm"); 6]) {
        assert_eq!(ended.code, Some(0), "{ended}");
    }
    home.ok(&["flavor", "describe", "drawback"]);
}

#[test]
fn the_same_image_is_pushed_by_several_at_once() {
    let (home, registry) = (Home::without_cache(), Registry::open());
    let image = Image::small(here!(), architecture());
    home.register("local", registry.host());
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    let ended = at_once(&home, &vec![words("push docker-archive:train.tar:train:v1 --to local"); 4]);
    for ended in &ended {
        assert_eq!(ended.code, Some(0), "{ended}");
        assert_eq!(ended.stdout, expected(&registry), "{ended}");
    }
    skopeo::assert_same(registry.access(), &format!("{}/train:v1", registry.host()), &image);
}

#[test]
fn the_same_image_is_pushed_by_two_users_at_once_from_different_sources() {
    let registry = Registry::open();
    let image = Image::of_noise(here!());
    let homes = [Home::new(), Home::new()];
    for home in &homes {
        home.register("local", registry.host());
        image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
        image_files::compress(&home.path("train.tar"), &home.path("train.tar.gz"));
    }
    let sources = ["docker-archive:train.tar", "docker-archive:train.tar.gz"];
    thread::scope(|scope| {
        let pushes = homes.iter().zip(sources).map(|(home, source)| {
            scope.spawn(move || home.ok(&["push", source, "--to", "local", "--as", "train:v1"]).stdout)
        });
        let pushed: Vec<_> = pushes.collect::<Vec<_>>().into_iter().map(|push| push.join().unwrap()).collect();
        assert_eq!(pushed, [expected(&registry), expected(&registry)]);
    });
    skopeo::assert_same(registry.access(), &format!("{}/train:v1", registry.host()), &image);
}

#[test]
fn ten_images_are_pushed_by_ten_at_once() {
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    // All but one layer of each are those of all others.
    let base = Image::of_noise(here!());
    let images: Vec<Image> = (0..10).map(|number| base.with_another_top(here!() + number)).collect();
    for (number, image) in images.iter().enumerate() {
        image_files::archive(&home.path(&format!("{number}.tar")), &[("train:v1", image)]);
    }
    let push = |number| words(&format!("push docker-archive:{number}.tar --to local --as train:v{number}"));
    for ended in at_once(&home, &(0..10).map(push).collect::<Vec<_>>()) {
        assert_eq!(ended.code, Some(0), "{ended}");
    }
    for (number, image) in images.iter().enumerate() {
        skopeo::assert_same(registry.access(), &format!("{}/train:v{number}", registry.host()), image);
    }
}

fn expected(registry: &Registry) -> String {
    let name = format!("{}/train", registry.host());
    format!("{name}@{}\n", skopeo::digest(registry.access(), &format!("{name}:v1")))
}
