//! `cargo xtask bench push` on an image of 1 MB: the judge of speed works. Nothing here passes or fails by time.

use std::process::Command;

use serde_json::Value;

use crate::support::programs::crhost::program;
use crate::support::programs::process;

#[test]
fn the_bench_races_crhost_with_skopeo_and_a_plain_program() {
    let mut bench = Command::new(program().with_file_name("xtask"));
    bench.args(["bench", "push", "--image", "small", "--runs", "1", "--source", "layout,archive", "--json"]);
    let answer = process::run(bench.arg("--program").arg(program())).ok();
    let measured: Value = answer.json();
    let races = measured["pushes"].as_array().unwrap();
    let names: Vec<_> = races.iter().map(|race| (&race["source"], &race["registry"])).collect();
    assert_eq!(names.len(), 4, "two sources, cold and unchanged: {names:?}");
    for race in races {
        let of = |name: &str| {
            let found = race["clients"].as_array().unwrap().iter().find(|client| client["client"] == name);
            found.unwrap_or_else(|| panic!("{name} is missing in {race}")).clone()
        };
        let [crhost, skopeo, floor] = ["crhost", "skopeo", "floor"].map(of);
        assert_eq!(crhost["ratio"], 1.0);
        for client in [&crhost, &skopeo, &floor] {
            assert!(client["ratio"].as_f64().unwrap() > 0.0, "{client}");
            assert!(client["requests"].as_f64().unwrap() >= 1.0, "{client}");
            // 0.3 of 1 MB can't be compressed, and the rest is: a bound that only stores would be none.
            let stored = client["storedMegabytes"].as_f64().unwrap();
            assert!(stored > 0.25 && stored < 0.8, "{client}");
        }
    }
}
