//! A registry that takes few requests in a second.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::json;

use super::{NEW, deletions, plan};
use crate::support::fakes::faulty_proxy::{Fate, deciding, refusal};
use crate::support::images::image_files;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;
use crate::support::programs::serve::CONFIG;
use crate::support::programs::written_repository::Repository;

/// Enough that requests which came back together would be refused again and again.
const IMAGES: usize = 60;

/// Requests that the registry takes in a second.
const RATE: f64 = 20.0;

#[test]
fn a_registry_that_limits_requests_is_read_to_the_end_and_asked_for_each_configuration_once() {
    let (registry, home) = (Registry::deleting(), Home::new());
    let train = Repository { host: registry.host(), name: "acme/train" };
    let config = json!({"created": NEW, "architecture": "amd64", "os": "linux"});
    let config = train.blob(CONFIG, config.to_string().as_bytes());
    for number in 0..IMAGES {
        let manifest = json!({"schemaVersion": 2, "mediaType": image_files::MANIFEST, "config": config, "layers": [],
            "annotations": {"number": number.to_string()}});
        train.manifest(Some(&format!("v{number}")), &manifest);
    }
    let configurations = Arc::new(AtomicUsize::new(0));
    let (count, bucket) = (Arc::clone(&configurations), Mutex::new((Instant::now(), RATE)));
    let proxy = deciding(registry.host(), move |line| {
        if !line.contains("/acme/train/") {
            return Fate::Passes;
        }
        let mut bucket = bucket.lock().unwrap();
        let (filled, now) = (bucket.0, Instant::now());
        *bucket = (now, (bucket.1 + now.duration_since(filled).as_secs_f64() * RATE).min(RATE));
        if bucket.1 < 1.0 {
            return Fate::Gets(refusal("429 Too Many Requests", ""));
        }
        bucket.1 -= 1.0;
        count.fetch_add(usize::from(line.contains("/blobs/")), Ordering::SeqCst);
        Fate::Passes
    });
    let plan = plan(&home, &[&format!("localhost:{}/acme/train", proxy.port()), "--keep", "10"]);
    assert_eq!(deletions(&plan).len(), IMAGES - 10, "{plan}");
    assert_eq!(configurations.load(Ordering::SeqCst), 1);
}
