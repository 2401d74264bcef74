//! The flavor `prober`, and the outcomes of the requests that it was told to send.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;
use crate::support::programs::process::Finished;
use crate::support::programs::registry::Registry;

/// A user who has registered the prober, has an image, and a registry to push it to.
pub(crate) struct Prober {
    pub(crate) home: Home,
    pub(crate) registry: Registry,
    registered: Cell<usize>,
}

/// The prober's component.
#[track_caller]
pub(crate) fn component() -> &'static Path {
    static COMPONENT: OnceLock<PathBuf> = OnceLock::new();
    COMPONENT.get_or_init(|| guest::build_with_cargo("prober"))
}

impl Prober {
    /// Registers it with what it is granted: arguments of `crhost flavor register`.
    #[track_caller]
    pub(crate) fn new(grants: &[&str]) -> Self {
        Self::on(Registry::open(), grants)
    }

    /// The same with another registry.
    #[track_caller]
    pub(crate) fn on(registry: Registry, grants: &[&str]) -> Self {
        let home = Home::with_guest(component(), grants);
        image_files::layout(&home.path("layout"), &[("v1", &Image::small(here!(), architecture()))]);
        Self { home, registry, registered: Cell::new(0) }
    }

    /// Registers a registry that has the prober send requests, one in a line, before a push, and gives its name.
    #[track_caller]
    pub(crate) fn tell(&self, requests: &str, arguments: &[&str]) -> String {
        let name = format!("r{}", self.registered.replace(self.registered.get() + 1));
        // An option has one line.
        let option = format!("--option=requests={}", requests.replace('\n', " & "));
        let uri = format!("--uri={}/{name}", self.registry.host());
        self.home.ok(&[&["registry", "register", &name, "--flavor=prober", &uri, &option], arguments].concat());
        name
    }

    /// Pushes to a registry, all but the upload.
    pub(crate) fn push(&self, name: &str) -> Command {
        self.home.command(&["push", "oci:layout:v1", "--dry-run", "--to", name])
    }

    /// The outcome of each request, one for a line, in the prober's own words.
    #[track_caller]
    pub(crate) fn outcomes(&self, requests: &str) -> Vec<String> {
        let name = self.tell(requests, &[]);
        notes(&self.home.ok(&["push", "oci:layout:v1", "--dry-run", "--to", &name]))
    }

    /// The outcome of one request.
    #[track_caller]
    pub(crate) fn outcome(&self, request: &str) -> String {
        let [outcome] = self.outcomes(request).try_into().unwrap();
        outcome
    }

    /// Expects that each request's outcome begins with some words.
    #[track_caller]
    pub(crate) fn assert_outcomes<R: AsRef<str>, W: AsRef<str>>(&self, cases: &[(R, W)]) {
        let requests: Vec<&str> = cases.iter().map(|(request, _)| request.as_ref()).collect();
        let outcomes = self.outcomes(&requests.join("\n"));
        assert_eq!(outcomes.len(), cases.len(), "{outcomes:#?}");
        for ((request, words), outcome) in cases.iter().zip(&outcomes) {
            let (request, words) = (request.as_ref(), words.as_ref());
            assert!(outcome.starts_with(words), "`{request}`\n   gave `{outcome}`\nexpected `{words}…`");
        }
    }

    /// Expects that another flavor pushes, whatever the prober did.
    #[track_caller]
    pub(crate) fn assert_honest_push_works(&self) {
        self.home.register("honest", &format!("{}/honest", self.registry.host()));
        self.home.ok(&["push", "oci:layout:v1", "--to", "honest"]);
        self.home.ok(&["registry", "remove", "honest"]);
    }
}

/// The notes of the prober in a push.
pub(crate) fn notes(push: &Finished) -> Vec<String> {
    // With `-o json` each is a member of an object.
    let said = |line: &str| match serde_json::from_str::<Value>(line) {
        Ok(line) => line["note"]["message"].as_str().map(str::to_owned),
        Err(_) => line.strip_prefix("note: ").map(str::to_owned),
    };
    let notes = push.stderr.lines().filter_map(said);
    notes.filter_map(|note| note.strip_prefix("flavor `prober`: ").map(str::to_owned)).collect()
}
