//! A provider that has too many requests.

use std::sync::atomic::Ordering;
use std::thread;

use serde_json::{Value, json};

use super::scene::{Scene, Serving, ask_for_all};

/// Callers who ask at once.
const CALLERS: usize = 200;

/// Seconds that the provider asks for: longer than a flavor waits by itself.
const WAIT: u64 = 60;

/// Each of the callers asks for a repository of its own, at one of two servers.
fn ask_all(scene: &Scene, servers: &[Serving; 2]) -> Vec<(u16, Option<u64>, Value)> {
    let callers: Vec<String> = (0..CALLERS)
        .map(|number| {
            scene.issuer.claim_more("sub", &format!("job {number}"));
            format!("Authorization: Bearer {}\r\n", scene.token())
        })
        .collect();
    thread::scope(|scope| {
        let ask_one = |(number, headers): (usize, &String)| {
            let request = json!({"registry": "do", "repository": format!("acme/r{number}"), "operation": "push"});
            let (host, headers) = (servers[number % 2].host.clone(), headers.clone());
            scope.spawn(move || ask_for_all(&host, &headers, &request.to_string()).unwrap())
        };
        let asking: Vec<_> = callers.iter().enumerate().map(ask_one).collect();
        asking.into_iter().map(|caller| caller.join().unwrap()).collect()
    })
}

#[test]
fn a_provider_that_throttles_is_left_alone_by_all_servers_and_callers_are_told_how_long() {
    let Some(scene) = Scene::new() else { return };
    let servers = [scene.serve(), scene.serve()];
    let before = scene.api.lines().len();
    scene.throttle.store(60, Ordering::Relaxed);
    for (status, wait, problem) in ask_all(&scene, &servers) {
        assert_eq!((status, &problem["type"]), (503, &json!("urn:crhost:problem:provider")), "{problem}");
        assert!((1..=WAIT).contains(&wait.unwrap()), "{wait:?}");
        assert!(problem["detail"].as_str().unwrap().contains("digitalocean"), "{problem}");
    }
    // Four calls of a registry may run at the same time in each server, and no other follows.
    let calls = scene.api.lines().len() - before;
    assert!((1..=8).contains(&calls), "{calls} calls");
    // A server that starts within the time knows it.
    let new = scene.serve();
    let request = json!({"registry": "do", "repository": "acme/new", "operation": "pull"});
    assert_eq!(scene.ask(&new, &scene.token(), &request).0, 503);
    assert_eq!(scene.api.lines().len() - before, calls);
    // The account is given more; a change of what is registered ends the wait.
    scene.throttle.store(0, Ordering::Relaxed);
    scene.admin.ok(&["connector", "update", "me", "--no-verify", "--token=@env:OTHER_TOKEN"]);
    for (status, _, login) in ask_all(&scene, &servers) {
        assert_eq!(status, 200, "{login}");
    }
    assert!((1..=8).contains(&scene.proxy.passwords().issued()), "{} logins", scene.proxy.passwords().issued());
}

#[test]
fn a_push_waits_as_long_as_the_provider_wants_and_ends_well() {
    let Some(scene) = Scene::new() else { return };
    let server = scene.serve();
    scene.throttle.store(1, Ordering::Relaxed);
    let runner = scene.runner(&server);
    thread::scope(|scope| {
        let push = scope.spawn(|| runner.ok(&["push", "oci:layout:v1", "--to", "do", "--as", "a"]));
        // The first calls are refused, and then the provider has time again.
        crate::support::eventually::eventually("the provider was asked", || {
            (scene.api.lines().len() > 2).then_some(())
        });
        scene.throttle.store(0, Ordering::Relaxed);
        push.join().unwrap();
    });
    assert_eq!(scene.proxy.passwords().issued(), 1);
}
