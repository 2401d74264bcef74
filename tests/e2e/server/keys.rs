//! Keys of the database: they change while servers run and callers ask.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use parking_lot::{Mutex, RwLock};
use serde_json::{Value, json};

use super::scene::{Scene, Serving, TOKEN, ask};
use crate::support::programs::crhost::Home;

fn wanted() -> Value {
    json!({"registry": "do", "repository": "acme/a", "operation": "push"})
}

/// The names of the keys that wrap the data key, as an administrator sees them, the own one first.
fn wrappings(admin: &Home) -> Vec<String> {
    let shown = admin.ok(&["key", "describe", "-o", "json"]).json();
    let mut all: Vec<(bool, String)> = shown["wrappedBy"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (!one["here"].as_bool().unwrap(), one["name"].as_str().unwrap().to_owned()))
        .collect();
    all.sort();
    all.into_iter().map(|(_, name)| name).collect()
}

/// Whether a server answers that it can give logins.
fn is_ready(server: &Serving) -> bool {
    server.get("/readyz").starts_with("HTTP/1.1 200")
}

#[test]
fn keys_change_while_servers_run_and_no_caller_notices() {
    let Some(scene) = Scene::new() else { return };
    let one = scene.serve();
    let callers: Vec<String> = (0..4)
        .map(|n| {
            scene.issuer.claim_more("sub", &format!("job {n}"));
            format!("Authorization: Bearer {}\r\n", scene.token())
        })
        .collect();
    let hosts = RwLock::new(vec![one.host.clone()]);
    let (is_over, answered, wrong) = (AtomicBool::new(false), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let mut kept = Vec::new();
    thread::scope(|scope| {
        let (hosts, is_over, answered, wrong) = (&hosts, &is_over, &answered, &wrong);
        for headers in &callers {
            scope.spawn(move || {
                let request = wanted().to_string();
                for n in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    // Held while the server answers: one that is taken out is asked nothing any more.
                    let hosts = hosts.read();
                    let host = &hosts[n % hosts.len()];
                    match ask(host, headers, &request) {
                        Some((200, login)) if login["password"].is_string() => {
                            answered.fetch_add(1, Ordering::Relaxed);
                        }
                        // The caller asks too often.
                        Some((429, _)) => {}
                        other => wrong.lock().push(format!("{other:?}")),
                    }
                }
            });
        }
        let more = |count: usize| {
            let until = answered.load(Ordering::Relaxed) + count;
            while answered.load(Ordering::Relaxed) < until && wrong.lock().is_empty() {
                thread::yield_now();
            }
        };
        more(10);
        // Another wrapping key: servers with either start in between.
        let next = scene.admin_of("next");
        let file = next.path("next").display().to_string();
        scene.admin.ok(&["key", "rewrap", &file, "--add"]);
        let old = wrappings(&scene.admin).remove(0);
        scene.admin.fails(5, &["key", "rotate"]).says("wrapped by");
        for admin in [&scene.admin, &next] {
            let server = scene.serve_as(admin);
            hosts.write().push(server.host.clone());
            kept.push(server);
        }
        more(20);
        next.ok(&["key", "rewrap", "--remove", &old]);
        more(20);
        assert!(wrappings(&next).len() == 1 && is_ready(&kept[1]));
        // Those that run with the old one go on, and nothing starts with it.
        scene.admin.fails(4, &["connector", "describe", "me"]).says("does not open the database");
        more(20);
        // Another data key: servers that have its wrapping key notice, and those that have the old one are stopped.
        *hosts.write() = vec![kept[1].host.clone()];
        for _ in 0..5 {
            next.ok(&["key", "rotate"]);
            more(5);
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let wrong = wrong.into_inner();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(!is_ready(&one), "a server with a key that opens nothing says that it is ready");
}

#[test]
fn a_dump_opens_nothing_and_a_change_that_is_killed_leaves_the_old_state_or_the_new_one() {
    let Some(scene) = Scene::new() else { return };
    let dump = scene.postgres.dump();
    assert!(dump.contains("wrapped_keys") && !dump.contains(TOKEN), "a secret is in the dump");
    // The dump with any other key.
    let other = scene.admin_of("other");
    other.fails(4, &["connector", "describe", "me"]).says("does not open the database");
    other.fails(4, &["key", "rotate"]);
    let own = scene.admin.path("key").display().to_string();
    let next = scene.admin_of("next");
    let file = next.path("next").display().to_string();
    for round in 0..12_u32 {
        let (admin, other, to) =
            if wrappings_open(&scene.admin) { (&scene.admin, &next, &file) } else { (&next, &scene.admin, &own) };
        let words: &[&str] = match round % 3 {
            0 => &["key", "rewrap", to],
            1 => &["key", "rotate"],
            _ => &["key", "rewrap", to, "--add"],
        };
        let mut child = admin
            .command(words)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(std::time::Duration::from_millis(u64::from(round * 17 % 90)));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(wrappings_open(admin) || wrappings_open(other), "neither key opens the database: round {round}");
        // Back to one key.
        let others = wrappings_of_others(admin);
        others.iter().for_each(|name| drop(admin.ok(&["key", "rewrap", "--remove", name])));
    }
}

/// Whether an administrator's key opens the connector.
fn wrappings_open(admin: &Home) -> bool {
    admin.command(&["connector", "describe", "me"]).output().unwrap().status.success()
}

fn wrappings_of_others(admin: &Home) -> Vec<String> {
    if wrappings_open(admin) { wrappings(admin).split_off(1) } else { Vec::new() }
}
