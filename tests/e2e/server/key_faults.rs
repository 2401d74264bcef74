//! Services that wrap the key of the database and misbehave, and flavors that do.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::key_services::{status, transit, with_service};
use super::scene::Scene;
use crate::support::eventually::eventually;
use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::programs::guest;

/// How a fake of transit behaves.
const WELL: u8 = 0;
/// It gives another key than the one that it wrapped.
const LIES: u8 = 1;
/// It is not there.
const DOWN: u8 = 2;
/// It answers when nobody waits any more.
const HANGS: u8 = 3;

/// A fake of transit, what it does, and how often it unwrapped.
fn fake() -> (FakeApi, Arc<AtomicU8>, Arc<AtomicUsize>) {
    let (how, unwrapped) = (Arc::new(AtomicU8::new(WELL)), Arc::new(AtomicUsize::new(0)));
    let (behaves, counted) = (Arc::clone(&how), Arc::clone(&unwrapped));
    let api = FakeApi::start(move |request: &RecordedRequest| -> Answer {
        let how = behaves.load(Ordering::Relaxed);
        if how == HANGS {
            std::thread::sleep(Duration::from_secs(30));
        }
        if how == DOWN {
            return (503, Vec::new(), json!({"errors": ["Vault is sealed"]}));
        }
        let key = if how == LIES { [b'l'; 32] } else { *b"canary-of-a-service-key-32-bytes" };
        let plaintext = STANDARD.encode(key);
        let data = if request.line.contains("/datakey/") {
            json!({"plaintext": plaintext, "ciphertext": "vault:v1:abc"})
        } else {
            counted.fetch_add(1, Ordering::Relaxed);
            json!({"plaintext": plaintext})
        };
        (200, Vec::new(), json!({"data": data}))
    });
    (api, how, unwrapped)
}

#[test]
fn a_service_is_asked_once_for_each_process_and_what_it_gives_is_nowhere() {
    let Some(mut scene) = Scene::new() else { return };
    let (api, how, unwrapped) = fake();
    let file = transit(&scene.admin, "bao", &api.url().replace("http://", ""), &api.url());
    scene.admin.set("BAO_TOKEN", "s.canary-of-a-token");
    scene.admin.ok(&["key", "rewrap", &file]);
    let admin = with_service(&scene, &file, "s.canary-of-a-token");
    let before = unwrapped.load(Ordering::Relaxed);
    let server = scene.serve_as(&admin);
    for _ in 0..10 {
        assert_eq!(status(&scene, &server), 200);
        assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    }
    assert_eq!(unwrapped.load(Ordering::Relaxed), before + 1, "the service is asked for each request");
    // It lies: what it gives does not open the wrapping, and seals nothing.
    how.store(LIES, Ordering::Relaxed);
    admin.fails(8, &["connector", "describe", "me"]).says("another key than the one that it wrapped");
    let refused =
        admin.fails(8, &["connector", "register", "x", "--type=docker", "--username=u", "--password=@env:TOKEN"]);
    assert!(!refused.stderr.contains("canary"), "{}", refused.stderr);
    how.store(WELL, Ordering::Relaxed);
    // Nothing of what it gave, nor of what opens it, is in what crhost says or keeps.
    let verbose = admin.ok(&["connector", "describe", "me", "-vv"]);
    let dump = scene.postgres.dump();
    for canary in ["canary-of-a-service-key", &STANDARD.encode("canary-of-a-service-key"), "s.canary-of-a-token"] {
        assert!(!verbose.stderr.contains(canary) && !verbose.stdout.contains(canary), "{}", verbose.stderr);
        assert!(!dump.contains(canary), "{canary} is in the dump");
    }
}

#[test]
fn a_service_that_is_not_there_is_waited_for_and_never_gone_around() {
    let Some(mut scene) = Scene::new() else { return };
    let (api, how, _) = fake();
    let file = transit(&scene.admin, "bao", &api.url().replace("http://", ""), &api.url());
    scene.admin.set("BAO_TOKEN", "t");
    scene.admin.ok(&["key", "rewrap", &file]);
    let admin = with_service(&scene, &file, "t");
    how.store(DOWN, Ordering::Relaxed);
    admin.fails(6, &["connector", "describe", "me"]).says("Vault is sealed");
    let server = scene.serve_as(&admin);
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
    assert!(server.get("/readyz").starts_with("HTTP/1.1 503"), "it says that it is ready");
    assert_eq!(status(&scene, &server), 503);
    how.store(WELL, Ordering::Relaxed);
    eventually("the server has the key", || server.get("/readyz").starts_with("HTTP/1.1 200").then_some(()));
    assert_eq!(status(&scene, &server), 200);
    // One that hangs costs its time, and is as one that is not there.
    how.store(HANGS, Ordering::Relaxed);
    admin.fails(6, &["connector", "describe", "me"]);
}

/// The key that the service of a stranger's flavor gives.
const KEEPERS_KEY: &[u8; 32] = b"canary-of-the-keepers-key-32-byt";

#[test]
fn a_flavor_of_a_stranger_wraps_the_key_by_its_lock_and_holds_a_handle() {
    let Some(mut scene) = Scene::new() else { return };
    let component = guest::build_with_cargo("keeper");
    let api = FakeApi::start(|_: &RecordedRequest| -> Answer {
        (200, Vec::new(), json!({"key": STANDARD.encode(KEEPERS_KEY)}))
    });
    scene.admin.set("BAO_TOKEN", "k".repeat(32));
    let write = |how: &str| {
        let (url, file) = (api.url(), scene.admin.path("keeper.toml"));
        let text = format!(
            "version = 1\n[flavors.keeper]\nsource = \"{}\"\n[keys.own]\nflavor = \"keeper\"\n\
             uri = \"localhost:5000/keeper\"\nconnector = \"me\"\nallow-secret-hosts = [\"{url}\"]\n\
             options = {{ address = \"{url}\", how = \"{how}\" }}\n[connectors.me]\ntype = \"keeper\"\n\
             fields = {{ token = \"@env:BAO_TOKEN\" }}\n",
            component.display()
        );
        fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let file = write("well");
    // What the file grants holds for the bytes of the lock alone.
    scene.admin.fails(5, &["key", "rewrap", &file]).says("--lock-only");
    scene.admin.ok(&["apply", "--lock-only", &file]);
    // A key that the flavor knows, or that it was lent, protects nothing.
    for how in ["known", "lent"] {
        let refused = scene.admin.fails(7, &["key", "rewrap", &write(how)]);
        assert!(refused.error().contains("32 bytes that the service answered with"), "{}", refused.error());
    }
    // One that it received goes nowhere, and is read nowhere.
    let before = api.requests().len();
    let refused = scene.admin.run(&["key", "rewrap", &write("sends")]);
    assert_eq!((refused.code, api.requests().len()), (Some(4), before + 1), "the key was sent{refused}");
    let refused = scene.admin.run(&["key", "rewrap", &write("reads")]);
    let encoded = STANDARD.encode(&KEEPERS_KEY[..12]);
    assert!(refused.stderr.contains("it read: None") && !refused.stderr.contains(&encoded), "{refused}");
    scene.admin.ok(&["connector", "describe", "me"]);
    scene.admin.ok(&["key", "rewrap", &write("well")]);
    let mut admin = with_service(&scene, &file, "");
    admin.set("BAO_TOKEN", "k".repeat(32));
    let server = scene.serve_as(&admin);
    assert_eq!(status(&scene, &server), 200);
}
