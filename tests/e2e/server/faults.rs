//! What a team's servers survive.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::json;

use super::scene::{Scene, ask};
use crate::support::programs::crhost::Home;

/// Callers who ask for one login at once.
const COLD_CALLERS: usize = 1_000;

/// Callers who go on asking while servers are killed.
const CALLERS: usize = 200;

/// How long one of them waits between two questions: all of them ask some 400 times a second.
const PAUSE: Duration = Duration::from_millis(500);

/// Bytes of a caller's stack: it has one answer.
const STACK: usize = 128 * 1024;

/// The header of a caller with a subject of its own.
fn caller(scene: &Scene, number: usize) -> String {
    scene.issuer.claim_more("sub", &format!("job {number}"));
    format!("Authorization: Bearer {}\r\n", scene.token())
}

#[test]
fn a_thousand_callers_of_two_servers_make_one_call_of_the_provider() {
    let Some(scene) = Scene::new() else { return };
    let servers = [scene.serve(), scene.serve()];
    let request = json!({"registry": "do", "repository": "acme/a", "operation": "push"}).to_string();
    let callers: Vec<String> = (0..COLD_CALLERS).map(|number| caller(&scene, number)).collect();
    let answers: Vec<(u16, serde_json::Value)> = thread::scope(|scope| {
        let ask_one = |(number, headers): (usize, &String)| {
            let (host, headers, request) = (&servers[number % 2].host, headers.clone(), &request);
            let asking = move || ask(host, &headers, request).unwrap();
            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, asking).unwrap()
        };
        let asking: Vec<_> = callers.iter().enumerate().map(ask_one).collect();
        asking.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    for (status, login) in &answers {
        assert_eq!((*status, &login["password"]), (200, &answers[0].1["password"]), "{login}");
    }
    assert_eq!(scene.proxy.passwords().issued(), 1);
    // Nor was the push prepared more than once.
    let asked = scene.api.lines();
    let distinct: std::collections::BTreeSet<&String> = asked.iter().collect();
    assert_eq!(asked.len(), distinct.len(), "{asked:?}");
}

#[test]
fn more_connections_than_there_may_be_keep_nobody_from_being_answered() {
    let Some(scene) = Scene::new() else { return };
    let server = scene.serve();
    let host = server.host.replace("localhost", "127.0.0.1");
    // They say nothing, and are taken as long as the system lets this process open them.
    let silent: Vec<_> = (0..2_500).map_while(|_| std::net::TcpStream::connect(&host).ok()).collect();
    assert!(silent.len() > 500, "{}", silent.len());
    let request = json!({"registry": "do", "repository": "acme/a", "operation": "push"});
    assert_eq!(scene.ask(&server, &scene.token(), &request).0, 200);
}

#[test]
fn a_database_that_starts_again_and_servers_that_are_killed_cost_callers_a_wait_at_most() {
    let Some(mut scene) = Scene::new() else { return };
    let mut server = scene.serve();
    let request = json!({"registry": "do", "repository": "acme/a", "operation": "push"});
    for round in 0..3 {
        assert_eq!(scene.ask(&server, &scene.token(), &request).0, 200, "{round}");
        scene.postgres.stop();
        scene.postgres.start_again();
        assert_eq!(scene.ask(&server, &scene.token(), &request).0, 200, "{round}");
        // Killed at any moment: what it gave is in the database, sealed.
        server.server.stop();
        server = scene.serve();
        assert_eq!(scene.ask(&server, &scene.token(), &request).0, 200, "{round}");
    }
    assert_eq!(scene.proxy.passwords().issued(), 1);
}

#[test]
fn a_caller_that_floods_is_slowed_down_and_others_are_served() {
    let Some(scene) = Scene::new() else { return };
    let server = scene.serve();
    let request = json!({"registry": "do", "repository": "acme/a", "operation": "pull"});
    let flood = scene.token();
    let (host, headers, body) = (&server.host, format!("Authorization: Bearer {flood}\r\n"), request.to_string());
    let send = || (0..40).map(|_| ask(host, &headers, &body).unwrap().0).collect::<Vec<_>>();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let senders: Vec<_> = (0..8).map(|_| scope.spawn(send)).collect();
        senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    });
    assert!(statuses.contains(&429) && statuses.iter().all(|status| [200, 429].contains(status)), "{statuses:?}");
    scene.issuer.claim_more("sub", "repo:acme/train:ref:refs/heads/other");
    assert_eq!(scene.ask(&server, &scene.token(), &request).0, 200);
}

#[test]
fn every_caller_ends_with_the_same_login_or_a_clear_error_whatever_is_killed() {
    let Some(mut scene) = Scene::new() else { return };
    let (mut one, two) = (scene.serve(), scene.serve());
    let request = json!({"registry": "do", "repository": "acme/a", "operation": "push"}).to_string();
    let callers: Vec<String> = (0..CALLERS).map(|number| caller(&scene, number)).collect();
    let hosts = Mutex::new([one.host.clone(), two.host.clone()]);
    let (is_over, outcomes) = (AtomicBool::new(false), Mutex::new(BTreeMap::<String, usize>::new()));
    let mut acknowledged = Vec::new();
    thread::scope(|scope| {
        let (hosts, is_over, outcomes, request) = (&hosts, &is_over, &outcomes, &request);
        for headers in &callers {
            let asking = move || {
                for n in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    let host = hosts.lock()[n % 2].clone();
                    let outcome = match ask(&host, headers, request) {
                        None => "the connection broke".to_owned(),
                        Some((200, login)) => login["password"].as_str().unwrap().to_owned(),
                        Some((status, problem)) => format!("{status} {}", problem["title"].as_str().unwrap()),
                    };
                    *outcomes.lock().entry(outcome).or_default() += 1;
                    thread::sleep(PAUSE);
                }
            };
            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, asking).unwrap();
        }
        for round in 0..20 {
            let name = format!("of-round-{round}");
            let words = ["registry", "register", &name, "--flavor", "default", "--uri", "localhost:1"];
            if scene.admin.run(&words).code == Some(0) {
                acknowledged.push(name);
            }
            // SIGKILL, in the middle of whatever it does.
            one.server.stop();
            one = scene.serve();
            hosts.lock()[0].clone_from(&one.host);
            if round % 4 == 3 {
                scene.postgres.stop();
                scene.postgres.start_again();
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let outcomes = outcomes.into_inner();
    let is_clear = |outcome: &&String| outcome.starts_with("429 ") || outcome.starts_with("503 ");
    let others: Vec<&String> =
        outcomes.keys().filter(|outcome| !is_clear(outcome) && *outcome != "the connection broke").collect();
    assert_eq!(others.len(), 1, "one login, and no other answer: {outcomes:?}");
    assert_eq!(scene.proxy.passwords().issued(), 1);
    let (status, login) = ask(&two.host, &callers[0], &request).unwrap();
    assert_eq!((status, login["password"].as_str()), (200, Some(others[0].as_str())));
    // What a command said that it did is there.
    let listed = scene.admin.ok(&["registry", "list", "-o", "json"]).stdout;
    assert!(
        !acknowledged.is_empty() && acknowledged.iter().all(|name| listed.contains(&format!("\"{name}\""))),
        "{listed}"
    );
    scene.admin.ok(&["audit", "verify"]);
}

#[test]
fn a_database_whose_tables_were_half_made_when_crhost_was_killed_is_made_whole_by_the_next_one() {
    let Some(scene) = Scene::new() else { return };
    for (number, milliseconds) in [0, 20, 40, 60, 80, 100, 150, 200].into_iter().enumerate() {
        scene.postgres.sql(&format!("CREATE DATABASE other{number}"));
        let mut home = Home::new();
        home.set("CRHOST_DATABASE", scene.postgres.url().replace("/postgres", &format!("/other{number}")));
        home.set("CRHOST_KEY_FILE", scene.admin.path("key"));
        let words = ["registry", "register", "do", "--flavor", "default", "--uri", "localhost:1"];
        let mut killed = home.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(milliseconds));
        killed.kill().unwrap();
        killed.wait().unwrap();
        home.ok(&[&words[..], &["--if-missing"]].concat());
        home.ok(&["audit", "verify"]);
    }
}
