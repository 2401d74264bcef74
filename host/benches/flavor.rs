//! What the sandbox costs an honest call: `validate-uri` of a built-in flavor on a warm host, store and limits
//! included.
//!
//! `cargo bench --bench flavor`, or `cargo xtask bench sandbox`. Prints one JSON object; times are in microseconds.

#![allow(clippy::expect_used, reason = "a measurement stops at the first surprise")]

use std::time::Duration;

use crhost::bench::validate_uri;

/// Calls that are measured, after a tenth as many that are not. The 99th percentile then rests on 200 of them.
const CALLS: usize = 20_000;

fn main() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let warm_up = CALLS / 10;
    let times = validate_uri(directory.path(), CALLS + warm_up).expect("a URI that the flavor `default` accepts");
    let mut times = times.get(warm_up..).expect("more calls than those of the warm-up").to_vec();
    times.sort_unstable();
    let at = |share: usize| micros(times.get(times.len() * share / 100).copied().unwrap_or_default());
    println!("{{\"calls\":{},\"median\":{:.1},\"p99\":{:.1}}}", times.len(), at(50), at(99));
}

/// In microseconds.
fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
