//! `crhost diff`.

use serde_json::{Value, json};

use super::files::archive;
use super::layout;
use crate::support::images::image::Image;
use crate::support::programs::crhost::Home;
use crate::support::programs::serve::Serve;

/// An image of these layers whose configuration was changed.
fn image(layers: Vec<Vec<u8>>, change: impl Fn(&mut Value)) -> Image {
    let mut image = Image::of_layers(layers);
    let mut config: Value = serde_json::from_slice(&image.config).unwrap();
    change(&mut config);
    image.config = config.to_string().into_bytes();
    image
}

#[test]
fn two_images_differ_in_settings_layers_and_files() {
    let serve = Serve::start();
    let home = &serve.home;
    home.register("dev", &serve.host);
    let base = archive(&[("etc/", ""), ("etc/a", "1"), ("etc/b", "1"), ("etc/c", "1")]);
    let old = image(vec![base.clone(), archive(&[("app", "old"), ("gone", "1")])], |_| {});
    let new = image(vec![base, archive(&[("app", "newer"), ("etc/.wh.a", ""), ("etc/d", "1")])], |config| {
        config["config"]["Env"] = json!(["PATH=/usr/bin", "MODE=x"]);
        config["config"]["Cmd"] = json!(["/bin/serve"]);
        config["config"]["Labels"] = json!({"version": "2"});
    });
    layout(&home.path("old"), &old);
    layout(&home.path("new"), &new);
    home.ok(&["push", "oci:old:v1", "--to", "dev", "--as", "train:old"]);
    for from in ["oci:old:v1", "dev/train:old"] {
        let done = home.run(&["diff", from, "oci:new:v1", "-o", "json"]);
        assert_eq!(done.code, Some(1), "{done}");
        let told: Value = serde_json::from_str(&done.stdout).unwrap();
        assert_eq!(told["same"], false);
        assert_eq!(told["settings"], json!([{"name": "cmd", "from": "[\"/bin/train\"]", "to": "[\"/bin/serve\"]"}]));
        assert_eq!(
            told["env"],
            json!([{"name": "MODE", "from": null, "to": "x"}, {"name": "PATH", "from": "/bin", "to": "/usr/bin"}])
        );
        assert_eq!(told["labels"], json!([{"name": "version", "from": null, "to": "2"}]));
        let count = |list: &str| told["layers"][list].as_array().unwrap().len();
        assert_eq!((count("shared"), count("removed"), count("added")), (1, 1, 1));
        let names = |list: &str| -> Vec<String> {
            let files = told["files"][list].as_array().unwrap();
            files.iter().map(|file| file["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(
            (names("added"), names("removed"), names("changed")),
            (vec!["/etc/d".to_owned()], vec!["/etc/a".to_owned(), "/gone".to_owned()], vec!["/app".to_owned()],)
        );
        assert_eq!(done.stderr, "", "{done}");
    }
    let shown = home.run(&["diff", "oci:old:v1", "oci:new:v1"]);
    for line in ["  - PATH=/bin", "  + PATH=/usr/bin", "  + /etc/d (1 B)", "  ~ /app (content 3 B → 5 B)"] {
        assert!(shown.stdout.lines().any(|own| own == line), "{line}{shown}");
    }
    let quick = home.run(&["diff", "oci:old:v1", "oci:new:v1", "--no-files", "-o", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&quick.stdout).unwrap()["files"], Value::Null);
}

#[test]
fn the_same_image_does_not_differ_from_itself_however_it_is_compressed() {
    let serve = Serve::start();
    let home = &serve.home;
    home.register("dev", &serve.host);
    let image = Image::new(7);
    layout(&home.path("layout"), &image);
    crate::support::images::image_files::archive(&home.path("image.tar"), &[("train:v1", &image)]);
    home.ok(&["push", "docker-archive:image.tar", "--to", "dev", "--as", "train:v1"]);
    let same = home.ok(&["diff", "oci:layout:v1", "dev/train:v1"]);
    assert_eq!((same.stdout.as_str(), same.stderr.trim()), ("", "nothing differs"));
    assert_eq!(home.ok(&["diff", "docker-archive:image.tar", "oci:layout:v1", "-o", "json"]).json()["same"], true);
    Home::new().fails(3, &["diff", &format!("{}/train:v9", serve.host), "oci:nowhere"]);
}
