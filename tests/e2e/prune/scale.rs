//! Large repositories: a fake registry, which makes the manifests that it is asked for, and answers 429 now and then.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{deletions, plan};
use crate::inspect::scripted::say;
use crate::support::eventually::eventually;
use crate::support::fakes::web::Web;
use crate::support::images::digest;
use crate::support::images::image_files::MANIFEST;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::{self, Running};
use crate::support::programs::terminal;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The most memory that a clean-up may take, in bytes.
const MEMORY: u64 = 100 << 20;

/// A repository `train` of a registry that runs in this program.
struct Large {
    web: Web,
    held: Arc<Held>,
}

/// What it has.
#[derive(Default)]
struct Held {
    manifests: BTreeMap<String, Value>,
    tags: BTreeMap<String, String>,
    /// The manifests that belong to each.
    referrers: BTreeMap<String, Vec<String>>,
    gone: Mutex<HashSet<String>>,
    requests: AtomicUsize,
    /// Each request of this number is answered 429.
    busy_every: usize,
}

impl Held {
    fn add(&mut self, tag: Option<String>, manifest: Value) -> String {
        let digest = digest::of(manifest.to_string().as_bytes());
        if let Some(subject) = manifest["subject"]["digest"].as_str() {
            self.referrers.entry(subject.to_owned()).or_default().push(digest.clone());
        }
        self.manifests.insert(digest.clone(), manifest);
        self.tags.extend(tag.map(|tag| (tag, digest.clone())));
        digest
    }

    /// Images of one a minute from 2024 on, with a tag each.
    fn images(&mut self, count: usize) {
        for number in 0..count {
            let created = format!("2024-01-{:02}T{:02}:{:02}:00Z", 1 + number / 1440, number / 60 % 24, number % 60);
            let annotations = json!({"org.opencontainers.image.created": created, "number": number.to_string()});
            self.add(Some(format!("v{number}")), manifest(&annotations));
        }
    }

    fn serve(self) -> Large {
        let held = Arc::new(self);
        let shared = Arc::clone(&held);
        let router = Router::new().fallback(move |request: Request| {
            let answer = shared.answer(request.method().as_str(), request.uri().path());
            async move { answer }
        });
        Large { web: Web::serve(router), held }
    }

    fn answer(&self, method: &str, path: &str) -> Response {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        if self.busy_every > 0 && number.is_multiple_of(self.busy_every) {
            return say(429, &[("retry-after", "1")], r#"{"errors":[{"code":"TOOMANYREQUESTS"}]}"#);
        }
        let mut gone = self.gone.lock();
        let Some(rest) = path.strip_prefix("/v2/train/") else { return say(200, &[], "{}") };
        if rest == "tags/list" {
            let tags: Vec<&String> =
                self.tags.iter().filter(|(_, digest)| !gone.contains(*digest)).map(|(tag, _)| tag).collect();
            return say(200, &[], json!({"name": "train", "tags": tags}).to_string());
        }
        if let Some(subject) = rest.strip_prefix("referrers/") {
            let entry = |digest: &String| json!({"mediaType": MANIFEST, "digest": digest, "size": 1});
            let all: Vec<Value> = self.referrers.get(subject).into_iter().flatten().map(entry).collect();
            return say(200, &[("content-type", INDEX)], json!({"schemaVersion": 2, "manifests": all}).to_string());
        }
        let name = rest.strip_prefix("manifests/").unwrap_or_default();
        let found = self.tags.get(name).map_or(name, String::as_str);
        let known = self.manifests.get_key_value(found).filter(|(digest, _)| !gone.contains(*digest));
        let Some((digest, manifest)) = known else {
            return say(404, &[], r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#);
        };
        if method == "DELETE" {
            gone.insert(digest.clone());
            return say(202, &[], "");
        }
        let media_type = manifest["mediaType"].as_str().unwrap();
        let headers = [("content-type", media_type), ("docker-content-digest", digest.as_str())];
        say(200, &headers, if method == "HEAD" { String::new() } else { manifest.to_string() })
    }
}

impl Large {
    fn name(&self) -> String {
        format!("{}/train", self.web.host())
    }

    fn gone(&self) -> usize {
        self.held.gone.lock().len()
    }
}

/// A manifest without layers.
fn manifest(annotations: &Value) -> Value {
    json!({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [], "annotations": annotations,
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest::of(b"{}"), "size": 2}})
}

#[test]
fn ten_thousand_manifests_are_planned_in_bounded_memory_though_the_registry_is_busy() {
    let mut held = Held { busy_every: 9_000, ..Held::default() };
    held.images(10_000);
    let (large, home) = (held.serve(), Home::new());
    let name = large.name();
    let shown = process::run(&mut home.command(&["prune", &name, "--keep", "9000", "--plan", "plan.json"])).ok();
    assert!(shown.memory < MEMORY, "{} MiB", shown.memory >> 20);
    let plan: Value = serde_json::from_slice(&std::fs::read(home.path("plan.json")).unwrap()).unwrap();
    assert_eq!((deletions(&plan).len(), plan["repositories"][0]["stays"].as_u64()), (1_000, Some(9_000)));
    // The oldest go.
    let tags: HashSet<&str> = plan["repositories"][0]["deletions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["tags"][0].as_str().unwrap())
        .collect();
    assert!(tags.contains("v0") && tags.contains("v999") && !tags.contains("v1000"));
    assert_eq!(large.gone(), 0);
}

#[test]
fn a_plan_that_is_killed_in_the_middle_is_applied_again_to_its_end() {
    let mut held = Held { busy_every: 150, ..Held::default() };
    held.images(300);
    let (large, home) = (held.serve(), Home::new());
    plan(&home, &[&large.name(), "--keep", "20"]);
    let apply = ["prune", "--apply", "plan.json", "--yes"];
    let running = Running::start(&mut home.command(&apply));
    eventually("some manifests are deleted", || (large.gone() > 60).then_some(()));
    running.signal("-KILL");
    running.end();
    let before = large.gone();
    assert!((61..280).contains(&before), "{before}");
    let done = home.ok(&apply);
    assert_eq!(done.stdout.lines().count(), 280 - before, "{done}");
    assert!(done.stderr.contains(&format!("{before} were gone already")), "{done}");
    assert_eq!(large.gone(), 280);
    // A plan of yesterday deletes nothing more.
    let again = home.ok(&apply);
    assert!(again.stderr.contains("deleted 0 manifests") && again.stderr.contains("280 were gone already"), "{again}");
}

#[test]
fn ten_thousand_referrers_of_one_image_go_with_it() {
    let mut held = Held::default();
    let image = held.add(Some("v1".to_owned()), manifest(&json!({"a": "image"})));
    for number in 0..10_000 {
        let mut artifact = manifest(&json!({"number": number.to_string()}));
        artifact["subject"] = json!({"mediaType": MANIFEST, "digest": image, "size": 1});
        artifact["artifactType"] = json!("application/spdx+json");
        held.add(None, artifact);
    }
    let (large, home) = (held.serve(), Home::new());
    let prune = ["prune", &large.name(), "--keep", "0", "--plan", "plan.json"];
    let shown = process::run(&mut home.command(&prune)).ok();
    assert!(shown.memory < MEMORY, "{} MiB", shown.memory >> 20);
    let plan: Value = serde_json::from_slice(&std::fs::read(home.path("plan.json")).unwrap()).unwrap();
    let gone = deletions(&plan);
    assert_eq!((gone.len(), gone[0]), (10_001, image.as_str()), "the image goes before what belongs to it");
}

#[test]
fn an_index_that_names_itself_ends_the_walk_and_goes() {
    // A registry that lies: the digests are not those of what they name.
    let lying = format!("sha256:{}", "1".repeat(64));
    let mut held = Held::default();
    held.tags.insert("loop".to_owned(), lying.clone());
    let descriptor = json!({"mediaType": INDEX, "digest": lying, "size": 1});
    held.manifests.insert(lying.clone(), json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor]}));
    let (large, home) = (held.serve(), Home::new());
    // What is not what its digest names is refused; nothing walks for ever, and nothing goes.
    home.fails(8, &["prune", &large.name(), "--keep", "0"]).says("digest");
    assert_eq!(large.gone(), 0);
}

#[test]
fn a_terminal_is_asked_for_the_number_of_deletions() {
    let mut held = Held::default();
    held.images(12);
    let (large, home) = (held.serve(), Home::new());
    plan(&home, &[&large.name(), "--keep", "5"]);
    let question = "type their number to go on";
    let ask =
        |answer: &str| terminal::converse(home.command(&["prune", "--apply", "plan.json"]), &[(question, answer)]);
    for answer in ["\r", "y\r", "8\r"] {
        let refused = ask(answer);
        assert!(
            refused.screen.contains("7 manifests of") && refused.screen.contains("the number 7 was not typed"),
            "{}",
            refused.screen
        );
        assert_eq!((refused.code, large.gone()), (Some(1), 0));
    }
    assert_eq!((ask("7\r").code, large.gone()), (Some(0), 7));
}
