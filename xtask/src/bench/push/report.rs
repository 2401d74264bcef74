//! What was measured, in the middle: as tables for people, and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::measure::Measured;

/// What is in the registry before a push.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Nothing.
    Cold,
    /// The same image.
    Unchanged,
    /// All but one layer.
    Changed,
    /// All blobs, and a tag that names all layers but one; the client remembers nothing of them.
    NewMachine,
}

/// Image, source, phase.
type Race = (&'static str, &'static str, Phase);

/// All pushes that count.
#[derive(Default)]
pub(super) struct Report {
    races: BTreeMap<Race, Vec<(&'static str, Vec<Measured>)>>,
}

/// The medians of one client in one race.
struct Line {
    client: &'static str,
    wall: f64,
    /// The fastest and the slowest turn.
    spread: [f64; 2],
    cpu: f64,
    memory: f64,
    requests: f64,
    stored: f64,
    /// Times of crhost's time.
    ratio: f64,
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Unchanged => "unchanged",
            Self::Changed => "one layer changed",
            Self::NewMachine => "one layer changed, new machine",
        }
    }
}

impl Report {
    pub(super) fn add(&mut self, race: Race, client: &'static str, measured: Measured) {
        let clients = self.races.entry(race).or_default();
        match clients.iter_mut().find(|(name, _)| *name == client) {
            Some((_, all)) => all.push(measured),
            None => clients.push((client, vec![measured])),
        }
    }

    pub(super) fn tables(&self) -> String {
        let mut text = String::new();
        for ((image, source, phase), clients) in &self.races {
            // Writing into a string never fails.
            let _ = writeln!(text, "\n{image}, {source}, {}", phase.name());
            let _ =
                writeln!(text, "  client             s     min–max   ratio   CPU s   peak MB   requests   stored MB");
            for Line { client, wall, spread, cpu, memory, requests, stored, ratio } in lines(clients) {
                let spread = format!("{:.2}–{:.2}", spread[0], spread[1]);
                let _ = writeln!(
                    text,
                    "  {client:<13} {wall:>6.2} {spread:>11} {ratio:>7.2} {cpu:>7.2} {memory:>9.0} {requests:>10.0} {stored:>11.1}"
                );
            }
        }
        text
    }

    pub(super) fn json(&self, size: u64) -> Value {
        let race = |((image, source, phase), clients): (&Race, &Vec<(&'static str, Vec<Measured>)>)| {
            let client = |line: Line| {
                json!({
                    "client": line.client, "seconds": line.wall, "spread": line.spread, "ratio": line.ratio, "cpuSeconds": line.cpu,
                    "peakMegabytes": line.memory, "requests": line.requests, "storedMegabytes": line.stored,
                })
            };
            let clients: Vec<Value> = lines(clients).into_iter().map(client).collect();
            json!({"image": image, "source": source, "registry": phase.name(), "clients": clients})
        };
        json!({"sizeMegabytes": size, "pushes": self.races.iter().map(race).collect::<Vec<Value>>()})
    }
}

fn lines(clients: &[(&'static str, Vec<Measured>)]) -> Vec<Line> {
    let wall = |all: &[Measured]| median(all.iter().map(|one| one.used.wall.as_secs_f64()));
    let own = clients.iter().find(|(name, _)| *name == "crhost").map_or(f64::NAN, |(_, all)| wall(all));
    let line = |(client, all): &(&'static str, Vec<Measured>)| Line {
        client,
        wall: wall(all),
        spread: spread(all.iter().map(|one| one.used.wall.as_secs_f64())),
        cpu: median(all.iter().map(|one| one.used.cpu.as_secs_f64())),
        memory: median(all.iter().map(|one| megabytes(one.used.memory))),
        requests: median(all.iter().map(|one| count(one.requests))),
        stored: median(all.iter().map(|one| megabytes(one.stored))),
        ratio: wall(all) / own,
    };
    clients.iter().map(line).collect()
}

/// The least and the largest.
fn spread(values: impl Iterator<Item = f64>) -> [f64; 2] {
    values.fold([f64::INFINITY, 0.0], |[least, largest], value| [least.min(value), largest.max(value)])
}

/// The middle one, or between the two in the middle.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.get(values.len().saturating_sub(1) / 2), values.get(values.len() / 2));
    low.zip(high).map_or(f64::NAN, |(low, high)| f64::midpoint(*low, *high))
}

fn megabytes(bytes: u64) -> f64 {
    // Exact to the kilobyte up to four terabytes.
    f64::from(u32::try_from(bytes / 1000).unwrap_or(u32::MAX)) / 1e3
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::measure::Used;
    use super::*;

    fn measured(seconds: u64) -> Measured {
        let used = Used { wall: Duration::from_secs(seconds), cpu: Duration::from_secs(1), memory: 5_000_000 };
        Measured { used, requests: 7, stored: 1_500_000 }
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
        assert!(median([].into_iter()).is_nan());
    }

    #[test]
    fn clients_are_compared_with_crhost() {
        let mut report = Report::default();
        for (client, seconds) in [("crhost", 2), ("skopeo", 5), ("crhost", 4), ("skopeo", 7), ("crhost", 2)] {
            report.add(("ml", "docker-archive", Phase::Cold), client, measured(seconds));
        }
        let json = report.json(1000);
        let clients = &json["pushes"][0]["clients"];
        assert_eq!((&clients[0]["seconds"], &clients[1]["ratio"]), (&json!(2.0), &json!(3.0)));
        assert_eq!((&clients[1]["storedMegabytes"], &clients[1]["requests"]), (&json!(1.5), &json!(7.0)));
        assert_eq!(clients[1]["spread"], json!([5.0, 7.0]));
        assert!(report.tables().contains("skopeo          6.00   5.00–7.00    3.00"), "{}", report.tables());
    }
}
