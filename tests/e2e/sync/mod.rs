//! Syncs: what the file says is at the targets, and nothing else goes.

mod deleting;
mod files;
mod repositories;

use std::fs;

use serde_json::Value;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::Finished;
use crate::support::programs::registry::Registry;
use crate::support::programs::serve::Serve;

/// A registry `dev` that is mirrored, and `prod`, which deletes tags.
struct Scene {
    dev: Registry,
    prod: Serve,
    home: Home,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { dev: Registry::open(), prod: Serve::start(), home: Home::new() };
        scene.home.register("dev", scene.dev.host());
        scene.home.register("prod", &scene.prod.host);
        scene
    }

    /// Pushes a small image to `dev` under tags.
    #[track_caller]
    fn push(&self, seed: u64, repository: &str, tags: &[&str]) -> String {
        let image = Image::small(seed, architecture());
        let layout = tempfile::TempDir::new_in(self.home.path("")).unwrap();
        let [digest] = image_files::layout(layout.path(), &[("x", &image)]).try_into().unwrap();
        let source = format!("oci:{}", layout.path().display());
        for tag in tags {
            self.home.ok(&["push", &source, "--to", "dev", "--as", &format!("{repository}:{tag}")]);
        }
        digest
    }

    /// The file of one mirror from `dev` to `prod/mirror`, with these lines.
    fn file(&self, lines: &str) -> String {
        let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
        self.write(&format!("version: 1\nmirrors:\n  - source: dev\n    target: prod/mirror\n{lines}"))
    }

    fn write(&self, text: &str) -> String {
        let path = self.home.path("mirror.yaml");
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The tags of a repository of `prod`.
    #[track_caller]
    fn tags(&self, repository: &str) -> Vec<String> {
        let answer = self.prod.ask("GET", &format!("/v2/mirror/{repository}/tags/list"));
        if answer.status == 404 {
            return Vec::new();
        }
        let mut tags: Vec<String> =
            serde_json::from_value(answer.expect(200).json()["tags"].clone()).unwrap_or_default();
        tags.sort();
        tags
    }

    /// A sync that ends well, as JSON.
    #[track_caller]
    fn sync(&self, file: &str, more: &[&str]) -> Value {
        self.home.ok(&[&["sync", file, "-o", "json"][..], more].concat()).json()
    }

    /// A sync that fails, and its report.
    #[track_caller]
    fn fails(&self, file: &str) -> (Finished, Value) {
        let ended = self.home.run(&["sync", file, "-o", "json"]);
        assert_ne!(ended.code, Some(0), "{ended}");
        let report = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("no report: {ended}"));
        (ended, report)
    }
}

/// The digest of a name of a registry that speaks plain HTTP.
#[track_caller]
fn digest(name: &str) -> String {
    skopeo::digest(&skopeo::Access { authorities: None, credentials: None }, name)
}
