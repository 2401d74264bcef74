//! `--progress json`: nothing but JSON, to the end.

use serde_json::Value;

use super::{PUSH, home};
use crate::support::fakes::faulty_proxy::{Fate, deciding, refusal};
use crate::support::images::image::Image;
use crate::support::images::noise::here;
use crate::support::programs::process::{self, Running};
use crate::support::programs::registry::Registry;

fn events(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect()
}

#[test]
fn the_last_event_of_a_push_is_its_result() {
    let registry = Registry::open();
    let home = home(registry.host(), &Image::of_noise(here!()));
    let push = [&PUSH[..], &["--progress", "json", "--tag", "more"]].concat();
    for skipped in [0, 4] {
        let told = events(&home.ok(&push).stderr);
        let last = told.last().unwrap();
        let result = &last["result"];
        assert_eq!((&last["event"], &result["tags"][1]), (&"result".into(), &"more".into()), "{last}");
        assert_eq!(result["layersSkipped"], skipped, "{last}");
        assert_eq!(result["bytesSent"].as_u64().unwrap() == 0, skipped == 4, "{last}");
        assert!(result["seconds"].as_f64() <= last["seconds"].as_f64(), "{last}");
    }
}

#[test]
fn a_refusal_an_interruption_and_a_retry_are_events_too() {
    let registry = Registry::open();
    let image = Image::of_noise(here!());
    let push = [&PUSH[..], &["--progress", "json"]].concat();
    let refusing = deciding(registry.host(), |line| match line.starts_with("POST ") {
        true => Fate::Gets(refusal("403 Forbidden", "")),
        false => Fate::Passes,
    });
    let at_refusing = home(&format!("localhost:{}", refusing.port()), &image);
    let told = events(&at_refusing.run(&push).stderr);
    let last = told.last().unwrap();
    assert_eq!((&last["event"], &last["error"]["code"]), (&"error".into(), &"auth".into()), "{last}");
    assert!(last["error"]["hint"].is_string(), "{last}");

    let (sender, stalled) = std::sync::mpsc::channel();
    let sender = std::sync::Mutex::new(sender);
    let stalling = deciding(registry.host(), move |line| {
        if line.starts_with("PUT ") {
            let _ = sender.lock().unwrap().send(());
            return Fate::Stalls;
        }
        Fate::Passes
    });
    let at_stalling = home(&format!("localhost:{}", stalling.port()), &image);
    let running = Running::start(&mut at_stalling.command(&push));
    stalled.recv().unwrap();
    running.signal("-TERM");
    let ended = running.end();
    assert_eq!(ended.code, Some(143), "{ended}");
    let last = events(&ended.stderr).pop().unwrap();
    assert_eq!((&last["event"], &last["error"]["code"]), (&"error".into(), &"interrupted".into()), "{last}");

    let busy = std::sync::atomic::AtomicUsize::new(0);
    let throttling = deciding(registry.host(), move |line| {
        let is_first = line.contains("/manifests/") && busy.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 1;
        if is_first { Fate::Gets(refusal("429 Too Many Requests", "retry-after: 5\r\n")) } else { Fate::Passes }
    });
    let at_throttling = home(&format!("localhost:{}", throttling.port()), &image);
    let told = events(&at_throttling.ok(&push).stderr);
    let is_retry = |event: &&Value| event["message"].as_str().is_some_and(|text| text.contains("trying again in 5 s"));
    let retry = told.iter().find(is_retry).unwrap_or_else(|| panic!("{told:?}"));
    assert_eq!((&retry["event"], &retry["level"]), (&"message".into(), &"warning".into()), "{retry}");
}

#[test]
fn wrong_words_and_a_variable_that_is_not_used_are_events_too() {
    let registry = Registry::open();
    let mut home = home(registry.host(), &Image::of_noise(here!()));
    let push = [&PUSH[..], &["--progress", "json"]].concat();
    for wrong in [&["--nosuch"][..], &["--jobs", "none"], &["--digest-file", "nowhere/digest"], &["more"]] {
        let refused = home.run(&[&push[..], wrong].concat());
        let told = events(&refused.stderr);
        let [last] = told.as_slice() else { panic!("{refused}") };
        assert_eq!((&last["event"], &last["error"]["code"]), (&"error".into(), &"usage".into()), "{refused}");
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused}");
    }
    home.set("CRHOST_LOG", "nonsense");
    let told = events(&home.ok(&push).stderr);
    assert!(told[0]["message"].as_str().unwrap().contains("`CRHOST_LOG` is not used"), "{}", told[0]);
    assert_eq!(told.last().unwrap()["event"], "result");
}

#[test]
fn a_push_whose_events_or_result_nobody_reads_ends_as_any_other() {
    let registry = Registry::open();
    let home = home(registry.host(), &Image::of_noise(here!()));
    let push = [&PUSH[..], &["--progress", "json"]].concat();
    for (number, streams) in ["2>/dev/full", "2>&-", "| true", "2>&1 >/dev/null | true"].iter().enumerate() {
        let script = format!("set -o pipefail; \"$@\" --tag t{number} {streams}");
        let command = home.command(&push);
        let mut shell = std::process::Command::new("bash");
        shell.args(["-c", &script, "bash"]).arg(command.get_program()).args(command.get_args());
        shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.current_dir(command.get_current_dir().unwrap());
        process::run(&mut shell).ok();
    }
    assert_eq!(registry.tags(), 5, "four tags, and that of the reference");
}

#[test]
fn layers_that_fail_for_one_reason_are_one_line() {
    let registry = Registry::open();
    let image = Image::of_noise(here!());
    let busy = std::sync::atomic::AtomicUsize::new(0);
    let throttling = deciding(registry.host(), move |line| {
        let is_early = line.starts_with("PUT ") && busy.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 4;
        if is_early { Fate::Gets(refusal("503 Service Unavailable", "")) } else { Fate::Passes }
    });
    let home = home(&format!("localhost:{}", throttling.port()), &image);
    let pushed = home.ok(&PUSH);
    let told: Vec<&str> = pushed.stderr.lines().filter(|line| line.contains("trying again in ")).collect();
    assert!(matches!(told[..], [line] if line.starts_with("warning: trying again in ")), "{pushed}");
}
