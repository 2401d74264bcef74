//! `crhost kubernetes pull-secret --watch`.

use serde_json::Value;

use super::cluster::Cluster;
use super::{accounts, ecr_api, register_ecr};
use crate::support::eventually::eventually;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::{Running, Server};
use crate::support::programs::registration;

const WATCH: [&str; 4] = ["kubernetes", "pull-secret", "ecr", "--watch"];

#[test]
fn a_secret_in_a_cluster_is_renewed_before_it_ends_whatever_fails_and_a_signal_ends_that() {
    // The second answer of the provider and the second one of the cluster are refusals.
    let api = ecr_api(8, |number| number == 2);
    let cluster = Cluster::refusing(|number| (number == 2).then_some((500, "etcd is down")));
    let mut home = Home::new();
    register_ecr(&mut home, &api.url());
    let _tls = cluster.configure_pod(&mut home);
    let crhost = Running::start(&mut home.command(&[&WATCH[..], &["--apply", "-o", "json"]].concat()));
    let applied = eventually("two Secrets that the cluster took", || {
        let applied = cluster.applied();
        (applied.len() >= 3).then_some(applied)
    });
    crhost.signal("-TERM");
    let ended = crhost.end().ok();
    let passwords: Vec<Value> =
        applied.iter().map(|(_, secret)| accounts(secret)[super::ECR]["password"].clone()).collect();
    assert_eq!(passwords[0], "token-1");
    assert_eq!(passwords[1], "token-3", "the second question was refused");
    assert!(ended.stderr.contains("not now") && ended.stderr.contains("etcd is down"), "{ended}");
    assert!(ended.stderr.contains("tried again in 5 s"), "{ended}");
    let lines: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() >= 2 && lines.iter().all(|line| line["name"] == "crhost-ecr"), "{ended}");
}

#[test]
fn a_stream_of_manifests_goes_to_standard_output() {
    let api = ecr_api(3, |_| false);
    let mut home = Home::new();
    register_ecr(&mut home, &api.url());
    let crhost = Server::start(&mut home.command(&WATCH));
    for _ in 0..2 {
        crhost.wait_for(|line| (line == "---").then_some(()));
        crhost.wait_for(|line| line.contains(".dockerconfigjson: ").then_some(()));
    }
    assert!(crhost.log().iter().any(|line| line.contains("crhost/expires-at")));
}

#[test]
fn a_mistake_ends_a_watch_at_once() {
    let api = ecr_api(43_200, |_| true);
    let mut home = Home::new();
    register_ecr(&mut home, &api.url());
    home.fails(4, &WATCH).says("not now");
    registration::with_password(&mut home, "acme", "ghcr.io/acme", ("ann", "of-acme"));
    home.fails(3, &["kubernetes", "pull-secret", "acme", "nosuch", "--watch"]).says("`nosuch`");
}
