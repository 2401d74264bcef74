//! Clients that take turns at the same work, and what each of them used.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::push::measure::Used;

/// What is done, and what is there before it.
type Race = (&'static str, &'static str);

/// All turns that count.
#[derive(Default)]
pub(super) struct Races(BTreeMap<Race, Vec<(&'static str, Vec<Used>)>>);

/// What one client used in one race. On a machine that has other work, too, the fastest turn says more than the middle.
struct Line {
    client: &'static str,
    /// Seconds of the fastest turn, and times of crhost's.
    fastest: (f64, f64),
    /// Seconds of the turn in the middle, and times of crhost's.
    median: (f64, f64),
    /// Seconds of processor time of the turn in the middle.
    cpu: f64,
    /// The largest peak of all turns, in MB.
    memory: f64,
}

impl Races {
    /// Adds a turn.
    pub(super) fn add(&mut self, race: Race, client: &'static str, used: Used) {
        let clients = self.0.entry(race).or_default();
        match clients.iter_mut().find(|(name, _)| *name == client) {
            Some((_, all)) => all.push(used),
            None => clients.push((client, vec![used])),
        }
    }

    /// For people.
    pub(super) fn print(&self) {
        for ((work, before), clients) in &self.0 {
            println!("\n{work}, {before}");
            println!("  client       fastest s   ratio   median s   ratio   CPU s   peak MB");
            for Line { client, fastest, median, cpu, memory } in lines(clients) {
                println!(
                    "  {client:<12} {:>9.3} {:>7.2} {:>10.3} {:>7.2} {cpu:>7.2} {memory:>9.0}",
                    fastest.0, fastest.1, median.0, median.1
                );
            }
        }
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let race = |((work, before), clients): (&Race, &Vec<(&'static str, Vec<Used>)>)| {
            let client = |Line { client, fastest, median, cpu, memory }| {
                json!({
                    "client": client, "fastestSeconds": fastest.0, "fastestRatio": fastest.1,
                    "medianSeconds": median.0, "medianRatio": median.1, "cpuSeconds": cpu, "peakMegabytes": memory,
                })
            };
            let clients: Vec<Value> = lines(clients).into_iter().map(client).collect();
            json!({"work": work, "before": before, "clients": clients})
        };
        self.0.iter().map(race).collect()
    }
}

fn lines(clients: &[(&'static str, Vec<Used>)]) -> Vec<Line> {
    let sorted = |values: &mut dyn Iterator<Item = f64>| {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let middle = |values: &[f64]| values.get(values.len() / 2).copied().unwrap_or(f64::NAN);
    let wall = |all: &[Used]| sorted(&mut all.iter().map(|used| used.wall.as_secs_f64()));
    let fastest = |walls: &[f64]| walls.first().copied().unwrap_or(f64::NAN);
    let own = clients.iter().find(|(name, _)| *name == "crhost").map(|(_, all)| wall(all)).unwrap_or_default();
    let line = |(client, all): &(&'static str, Vec<Used>)| {
        let walls = wall(all);
        let megabytes = |used: &Used| f64::from(u32::try_from(used.memory / 1000).unwrap_or(u32::MAX)) / 1e3;
        Line {
            client,
            fastest: (fastest(&walls), fastest(&walls) / fastest(&own)),
            median: (middle(&walls), middle(&walls) / middle(&own)),
            cpu: middle(&sorted(&mut all.iter().map(|used| used.cpu.as_secs_f64()))),
            memory: all.iter().map(megabytes).fold(0.0, f64::max),
        }
    };
    clients.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn clients_are_compared_with_crhost_by_their_fastest_turns_and_those_in_the_middle() {
        let mut races = Races::default();
        for (client, seconds) in
            [("crhost", 2), ("skopeo", 6), ("crhost", 4), ("skopeo", 8), ("crhost", 5), ("skopeo", 20)]
        {
            let used = Used { wall: Duration::from_secs(seconds), cpu: Duration::ZERO, memory: seconds * 1_000_000 };
            races.add(("ml", "nothing there yet"), client, used);
        }
        let json = races.json();
        let clients = &json[0]["clients"];
        assert_eq!((&clients[0]["fastestSeconds"], &clients[1]["fastestRatio"]), (&json!(2.0), &json!(3.0)));
        assert_eq!((&clients[0]["medianSeconds"], &clients[1]["medianRatio"]), (&json!(4.0), &json!(2.0)));
        assert_eq!(clients[1]["peakMegabytes"], json!(20.0));
    }
}
