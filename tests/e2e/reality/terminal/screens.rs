//! Screens, by a model of a terminal.

use std::time::Duration;

use pty_process::Size;

use super::{PUSH, home};
use crate::support::fakes::faulty_proxy::{Fate, deciding, refusal};
use crate::support::fakes::slow_proxy::resting;
use crate::support::images::image::Image;
use crate::support::images::noise::{here, noise};
use crate::support::programs::process::{self, tool};
use crate::support::programs::registry::Registry;
use crate::support::programs::terminal::watch;

const WIDTHS: [u16; 6] = [20, 40, 60, 80, 84, 200];

/// Its rows, without the blanks behind them, and whether each goes on in the next.
fn rows(screen: &vt100::Screen) -> Vec<(String, bool)> {
    let (height, width) = screen.size();
    (0..height).zip(screen.rows(0, width)).map(|(row, text)| (text, screen.row_wrapped(row))).collect()
}

#[test]
fn on_a_terminal_of_any_width_the_digest_is_whole_and_no_bar_is_left() {
    let registry = Registry::open();
    // Long enough for bars to be drawn.
    let proxy = deciding(registry.host(), |line| match line.starts_with("PUT ") {
        true => Fate::PassesAfter(Duration::from_millis(700)),
        false => Fate::Passes,
    });
    let host = format!("localhost:{}", proxy.port());
    for width in WIDTHS {
        // Of other layers, as those of the one before would be mounted.
        let home = home(&host, &Image::of_noise(here!() + u64::from(width) * 16));
        let name = format!("wide{width}");
        let push = ["push", "oci:layout:v1", "--to", "local", "--as", &name, "--tag", "latest"];
        let mut bars = false;
        let (code, screen) = watch(home.command(&push), (40, width), |screen, _, _| {
            bars |= rows(screen).iter().any(|(row, _)| row.contains(" %"));
        });
        let contents = screen.contents();
        assert_eq!((code, bars), (Some(0), true), "{width}: {contents}");
        let digest = contents.lines().find_map(|line| line.strip_prefix(&format!("{host}/{name}@sha256:")));
        assert!(digest.is_some_and(|digest| digest.len() == 64), "{width}: {contents}");
        assert!(!contents.contains(" %") && !contents.contains("total"), "{width}: {contents}");
        let last = contents.lines().find(|line| line.starts_with("pushed ")).unwrap_or_else(|| panic!("{contents}"));
        assert!(last.contains(&format!("{host}/{name}:v1, latest: ")) && last.contains(" sent, "), "{last}");
    }
}

#[test]
fn on_a_terminal_of_any_width_an_errors_hint_is_whole() {
    let (registry, image) = (Registry::open(), Image::of_noise(here!()));
    let proxy = deciding(registry.host(), |line| match line.starts_with("POST ") {
        true => Fate::Gets(refusal("403 Forbidden", "")),
        false => Fate::Passes,
    });
    let home = home(&format!("localhost:{}", proxy.port()), &image);
    let plain = process::run(&mut home.command(&PUSH));
    let hint = plain.stderr.lines().find(|line| line.starts_with("hint: ")).unwrap();
    for width in WIDTHS {
        let (code, screen) = watch(home.command(&PUSH), (40, width), |_, _, _| {});
        assert_eq!(code, plain.code, "{width}: {}", screen.contents());
        assert!(screen.contents().lines().any(|line| line == hint), "{width}: {hint}\n{}", screen.contents());
        assert!(!screen.contents().contains("total"), "{width}: {}", screen.contents());
    }
}

#[test]
fn bars_fit_while_a_slow_registry_takes_its_bytes_and_never_go_backwards() {
    let registry = Registry::open();
    // The system takes some MiB for each connection before it is slow: the layers are larger.
    let proxy = resting(registry.host(), Duration::from_millis(10));
    for width in WIDTHS {
        let seed = here!() + u64::from(width) * 16;
        let layers = (0..2).map(|layer| noise(seed + layer, 12 << 20)).collect();
        let home = home(&format!("localhost:{}", proxy.port()), &Image::of_layers(layers));
        let name = format!("slow{width}");
        let (mut total, mut states) = (0, 0);
        let see = |screen: &vt100::Screen, _, _: &_| {
            let bars: Vec<_> = rows(screen).into_iter().filter(|(row, _)| row.contains(" %")).collect();
            assert!(bars.iter().all(|(row, wraps)| !wraps && row.chars().count() < width.into()), "{bars:?}");
            let row = bars.iter().find(|(row, _)| row.contains(" total"));
            if let Some(percent) = row.and_then(|(row, _)| row.get(12..16)?.trim().parse::<u64>().ok()) {
                assert!(percent >= total, "{percent} after {total}: {bars:?}");
                states += u64::from(percent > total && percent < 100);
                total = percent;
            }
        };
        let push = ["push", "oci:layout:v1", "--to", "local", "--as", &name];
        let (code, screen) = watch(home.command(&push), (24, width), see);
        assert_eq!(code, Some(0), "{width}: {}", screen.contents());
        assert!(states > 1, "{width}: the total went from 0 to {total} at once");
    }
}

#[test]
fn a_terminal_that_becomes_narrower_keeps_its_messages_and_gets_bars_that_fit() {
    let registry = Registry::open();
    let proxy = resting(registry.host(), Duration::from_millis(30));
    let host = format!("localhost:{}", proxy.port());
    let home = home(&host, &Image::of_layers(vec![noise(here!(), 4 << 20)]));
    let mut resized = false;
    let mut narrow = vt100::Parser::new(24, 40, 0);
    let (code, screen) = watch(home.command(&PUSH), (24, 100), |screen, _, pty| {
        if !resized && screen.contents().contains(" total") {
            pty.resize(Size::new(24, 40)).unwrap();
            resized = true;
        } else if resized {
            narrow.process(screen.contents().as_bytes());
        }
    });
    assert_eq!((code, resized), (Some(0), true), "{}", screen.contents());
    assert!(screen.contents().contains(&format!("pushing {host}/train:v1")), "{}", screen.contents());
    assert!(screen.contents().contains("@sha256:") && !screen.contents().contains(" %"), "{}", screen.contents());
}

#[test]
fn ctrl_c_leaves_no_half_of_a_bar() {
    let registry = Registry::open();
    let proxy = resting(registry.host(), Duration::from_millis(30));
    let home = home(&format!("localhost:{}", proxy.port()), &Image::of_layers(vec![noise(here!(), 8 << 20)]));
    let mut is_sent = false;
    let (code, screen) = watch(home.command(&PUSH), (24, 80), |screen, process, _| {
        if !is_sent && screen.contents().contains(" total") {
            tool("kill", ["-INT", &process.to_string()]).ok();
            is_sent = true;
        }
    });
    assert_eq!(code, Some(130), "{}", screen.contents());
    let contents = screen.contents();
    assert!(contents.trim_end().ends_with("\ninterrupted") && !contents.contains(" %"), "{contents}");
}

#[test]
fn a_dumb_terminal_and_one_of_a_ci_system_get_lines() {
    let (registry, image) = (Registry::open(), Image::of_noise(here!()));
    let home = home(registry.host(), &image);
    for (variable, value) in [("TERM", "dumb"), ("CI", "true")] {
        let mut command = std::process::Command::new("env");
        let push = home.command(&PUSH);
        command.env_clear().envs(push.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.arg(format!("{variable}={value}")).arg(push.get_program()).args(push.get_args());
        command.current_dir(push.get_current_dir().unwrap());
        let mut bars = false;
        let (code, screen) = watch(command, (24, 80), |screen, _, _| bars |= screen.contents().contains(" total"));
        assert_eq!((code, bars), (Some(0), false), "{variable}: {}", screen.contents());
    }
}
