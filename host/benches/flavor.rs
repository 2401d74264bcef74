//! What the sandbox costs an honest call: `validate-uri` of a built-in flavor on a warm host, store and limits included.
//!
//! `cargo bench --bench flavor`, or `cargo xtask bench sandbox`. Prints one JSON object; times are in microseconds.

#![allow(clippy::expect_used, reason = "a measurement stops at the first surprise")]

use std::time::{Duration, Instant};

use crhost::flavor::{Catalog, Runtime};
use crhost::store::{Home, Store};

/// Calls that are measured, after a tenth as many that are not. The 99th percentile then rests on 200 of them.
const CALLS: usize = 20_000;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(&Home::at(folder.path())).expect("a store");
    let runtime = Runtime::new(None).expect("a runtime");
    let executor = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    let times = executor.block_on(async {
        let (flavor, _) = Catalog::new(&runtime, &store).get("default").await.expect("the flavor `default`");
        let mut times = Vec::with_capacity(CALLS);
        for call in 0..CALLS + CALLS / 10 {
            let start = Instant::now();
            let accepted = flavor.validate_uri("registry.example.com/acme/train").await;
            let time = start.elapsed();
            accepted.expect("a URI that it accepts");
            drop(flavor.take_runs());
            if call >= CALLS / 10 {
                times.push(time);
            }
        }
        times.sort_unstable();
        times
    });
    let at = |share: usize| micros(times.get(times.len() * share / 100).copied().unwrap_or_default());
    println!("{{\"calls\":{},\"median\":{:.1},\"p99\":{:.1}}}", times.len(), at(50), at(99));
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
