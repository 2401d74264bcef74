//! How clients get along with registries: pushes of a tiny image to a fake registry in all its habits.
//!
//! The habits are data, in `tests/peers/quirks/`; `docs/reference/conformance.md` has their format.

mod client;
mod failure;
mod fake;
mod image;
mod pairs;
mod plan;
mod quirk;
mod report;
mod run;
mod tls;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use clap::{Parser, ValueEnum};
use parking_lot::Mutex;

use crate::client::{Client, Stage};
use crate::failure::{Failure, Result};
use crate::fake::Fake;
use crate::plan::Combination;
use crate::report::{Fault, Row};
use crate::run::{Outcome, Push};

/// Pushes a tiny image to a fake registry in all its habits, by crhost and by the other clients that are installed
#[derive(Parser)]
#[command(name = "cargo xtask conformance", bin_name = "cargo xtask conformance")]
struct Arguments {
    /// Only so many of the combinations, evenly chosen; each quirk alone is tried in any case
    #[arg(long)]
    sample: Option<usize>,
    /// Only these clients; without it, all that are installed but docker, whose daemon takes seconds for a push
    #[arg(long = "client", value_enum)]
    clients: Vec<Client>,
    /// Only these quirks, each alone
    #[arg(long = "quirk", value_name = "ID")]
    quirks: Vec<String>,
    /// How often all pairs are made, each time in other combinations
    #[arg(long, default_value_t = 1)]
    rounds: u64,
    /// Pushes at the same time, each to a fake of its own; most of the time is waiting
    #[arg(long, default_value_t = 8)]
    jobs: usize,
    /// How results are printed
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
    /// The crhost to try
    #[arg(long, env = "CRHOST_BIN")]
    crhost: PathBuf,
    /// The directory of quirk files
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../peers/quirks"))]
    directory: PathBuf,
}

/// A form of the results.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// A table, and each fault with what was seen
    Text,
    /// One JSON object
    Json,
}

fn main() -> ExitCode {
    match conformance(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Whether crhost does all that is expected.
fn conformance(arguments: &Arguments) -> Result<bool> {
    let dimensions = quirk::read(&arguments.directory)?;
    let mut combinations = plan::alone(&dimensions);
    if arguments.quirks.is_empty() {
        let combined = plan::combined(&dimensions, arguments.rounds);
        combinations.extend(plan::sample(combined, arguments.sample.unwrap_or(usize::MAX)));
    } else {
        let ids = dimensions.iter().flat_map(|dimension| &dimension.quirks).zip(combinations);
        combinations = ids.filter(|(quirk, _)| arguments.quirks.contains(&quirk.id)).map(|(_, all)| all).collect();
        if combinations.len() != arguments.quirks.len() {
            return Err(Failure::new("there is no quirk with that id; each is in a file of its dimension"));
        }
    }
    let clients = clients(&arguments.clients)?;
    let (config, authority) = tls::identity()?;
    let fakes = (0..arguments.jobs.max(1)).map(|_| Fake::start(&config)).collect::<Result<Vec<_>>>()?;
    let directory =
        tempfile::tempdir().map_err(|error| Failure::new(format!("cannot create a temporary directory: {error}")))?;
    let stage = Stage::set(directory.path(), &arguments.crhost, &fakes, &authority)?;

    let names: Vec<_> = clients.iter().map(|client| client.name()).collect();
    eprintln!("{} combinations by {}", combinations.len(), names.join(", "));
    let rows = run_all(&stage, &clients, &fakes, combinations)?;
    let faults = faults(&stage, &fakes, &rows)?;
    match arguments.output {
        Output::Text => println!("{}", report::text(&clients, &rows, &faults)),
        Output::Json => println!("{}", report::json(&rows, &faults)),
    }
    Ok(faults.is_empty())
}

/// The clients that were chosen, or all that can be run; crhost is always first.
fn clients(chosen: &[Client]) -> Result<Vec<Client>> {
    if let Some(missing) = chosen.iter().find(|client| !client.is_there()) {
        return Err(Failure::new(format!("`{}` can't be run here", missing.name())));
    }
    let mut clients = chosen.to_vec();
    if clients.is_empty() {
        clients = Client::value_variants().to_vec();
        clients.retain(|client| *client != Client::Docker && client.is_there());
    }
    clients.sort();
    clients.dedup();
    Ok(clients)
}

/// Pushes each combination by each client, on all fakes at once.
fn run_all<'a>(
    stage: &Stage,
    clients: &[Client],
    fakes: &[Fake],
    combinations: Vec<Combination<'a>>,
) -> Result<Vec<Row<'a>>> {
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(Vec::new());
    let work = |number: usize, fake: &Fake| -> Result<()> {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(quirks) = combinations.get(index) else { return Ok(()) };
            let mut pushes = BTreeMap::new();
            for &client in clients {
                pushes.insert(client, run::push(stage, client, number, fake, quirks)?);
            }
            rows.lock().push((index, pushes));
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> =
            fakes.iter().enumerate().map(|(number, fake)| scope.spawn(move || work(number, fake))).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|_| Err(Failure::new("a worker ended early"))))
    })?;
    let mut rows = rows.into_inner();
    rows.sort_by_key(|(index, _)| *index);
    Ok(combinations.into_iter().zip(rows).map(|(quirks, (_, pushes))| Row { quirks, pushes }).collect())
}

/// What crhost does otherwise than expected, each once, by the fewest quirks.
fn faults(stage: &Stage, fakes: &[Fake], rows: &[Row<'_>]) -> Result<Vec<Fault>> {
    let mut faults: Vec<Fault> = Vec::new();
    let Some(fake) = fakes.first() else { return Ok(faults) };
    for row in rows.iter().filter(|row| row.is_fault()) {
        let within = |fault: &Fault| fault.quirks.iter().all(|id| row.quirks.iter().any(|quirk| quirk.id == *id));
        if faults.iter().any(within) {
            continue;
        }
        let Some((quirks, push)) = fewest(stage, fake, row)? else { continue };
        let sources = quirks.iter().map(|quirk| format!("{}: {}", quirk.id, quirk.source)).collect();
        let survived_by = row.survivors();
        faults.push(Fault {
            quirks: push.quirks,
            sources,
            outcome: push.outcome,
            survived_by,
            evidence: push.evidence,
        });
    }
    Ok(faults)
}

/// Leaves out each quirk without which the fault stays.
fn fewest<'a>(stage: &Stage, fake: &Fake, row: &Row<'a>) -> Result<Option<(Combination<'a>, Push)>> {
    let Some(mut found) = row.pushes.get(&Client::Crhost).cloned() else { return Ok(None) };
    let mut quirks = row.quirks.clone();
    // A push that hangs takes its whole limit each time.
    let mut index = if found.outcome == Outcome::Hung { quirks.len() } else { 0 };
    while index < quirks.len() {
        let mut fewer = quirks.clone();
        fewer.remove(index);
        let push = run::push(stage, Client::Crhost, 0, fake, &fewer)?;
        let tried = Row { quirks: fewer, pushes: BTreeMap::from([(Client::Crhost, push.clone())]) };
        if tried.is_fault() {
            (quirks, found) = (tried.quirks, push);
        } else {
            index += 1;
        }
    }
    Ok(Some((quirks, found)))
}
