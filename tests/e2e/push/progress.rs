//! The progress of a push: events, bars, and lines.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::fakes::faulty_proxy::{Fate, deciding};
use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;
use crate::support::programs::terminal::{self, Session};

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "local", "--as", "train"];

fn home(host: &str, image: &Image) -> Home {
    let home = Home::new();
    home.register("local", host);
    image_files::layout(&home.path("layout"), &[("v1", image)]);
    home
}

fn events(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect()
}

#[test]
fn programs_are_told_each_event_in_its_order() {
    let (registry, image) = (Registry::open(), Image::of_noise(here!()));
    let home = home(registry.host(), &image);
    let push = || events(&home.ok(&[&PUSH[..], &["--progress", "json"]].concat()).stderr);
    let first = push();
    let of = |name: &str| first.iter().filter(|event| event["event"] == name).collect::<Vec<_>>();
    assert_eq!(first[0]["event"], "target", "{first:?}");
    assert_eq!(of("target")[0]["image"], format!("{}/train:v1", registry.host()));
    let sizes = of("started").iter().map(|event| event["size"].as_u64().unwrap()).sum::<u64>();
    assert_eq!((&of("planned")[0]["layers"], &of("planned")[0]["bytes"]), (&json!(4), &json!(sizes)));
    assert_eq!((of("started").len(), of("uploaded").len()), (4, 4), "{first:?}");
    assert!(of("uploaded").iter().all(|event| event["digest"].as_str().unwrap().starts_with("sha256:")));
    assert!(first.is_sorted_by_key(|event| (event["seconds"].as_f64().unwrap() * 1000.0) as u64), "{first:?}");
    let second: Vec<_> = push().iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect();
    assert_eq!(second, ["target", "unchanged", "result"]);
}

#[test]
fn a_terminal_shows_a_bar_for_each_layer_and_one_for_all() {
    let (registry, image) = (Registry::open(), Image::of_noise(here!()));
    // Long enough for bars to be drawn.
    let proxy = deciding(registry.host(), |line| match line.starts_with("PUT ") {
        true => Fate::PassesAfter(Duration::from_secs(1)),
        false => Fate::Passes,
    });
    let home = home(&format!("localhost:{}", proxy.port()), &image);
    let Session { code, screen } = terminal::converse(home.command(&PUSH), &[]);
    assert_eq!(code, Some(0), "{screen}");
    let named: Vec<&str> =
        screen.split(": uploaded (").filter_map(|before| before.get(before.len().checked_sub(12)?..)).collect();
    assert_eq!(named.len(), 5, "{screen}");
    for short in &named[..4] {
        // A bar is named as the lines name the layer.
        assert!(screen.contains(&format!("{short}  ")), "{short}: {screen}");
    }
    assert!(screen.contains("total") && screen.contains("0/4 layers"), "{screen}");
    for form in ["plain", "none"] {
        let Session { code, screen } =
            terminal::converse(home.command(&[&PUSH[..], &["--progress", form]].concat()), &[]);
        assert_eq!((code, screen.contains("unchanged")), (Some(0), form == "plain"), "{screen}");
    }
}

#[test]
fn a_push_that_takes_long_shows_signs_of_life_without_a_terminal() {
    let (registry, image) = (Registry::open(), Image::of_noise(here!()));
    // Programs are told every second, people every ten: what both are told is counted in one place.
    let proxy = deciding(registry.host(), |line| match line.starts_with("POST ") {
        true => Fate::PassesAfter(Duration::from_millis(1_500)),
        false => Fate::Passes,
    });
    let home = home(&format!("localhost:{}", proxy.port()), &image);
    let told = events(&home.ok(&[&PUSH[..], &["--progress", "json"]].concat()).stderr);
    let sign = told.iter().find(|event| event["event"] == "progress").unwrap_or_else(|| panic!("{told:?}"));
    assert_eq!((&sign["layers"], &sign["layersDone"], &sign["bytesRead"]), (&json!(4), &json!(0), &json!(0)), "{sign}");
}
