//! `cargo xtask bench server`: how long callers wait for a login that the server has, beside a plain web server that
//! answers with one indexed query of the same PostgreSQL, whose commits wait for the disk.
//!
//! The load has a rate: a request is due whether or not those before it were answered, and its time counts from then.

mod load;
mod scene;

use std::path::PathBuf;
use std::time::Duration;

use super::programs::{crhost, temporary};
use crate::failure::{Failure, Result};
use crate::postgres::{Cluster, Durability};
use load::{Load, Times};
use scene::{Callers, Plain, Server};

/// What is measured.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// This crhost, such as `target/debug/crhost`, in place of a new build of the release profile
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// This plain server, such as one of `target/debug/deps/plain_server-*`, in place of a new build
    #[arg(long, value_name = "FILE")]
    plain: Option<PathBuf>,
    /// Requests in a second
    #[arg(long, default_value_t = 500)]
    rate: u32,
    /// How long each turn lasts, in seconds
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// How often each of the two is measured, in turns
    #[arg(long, default_value_t = 3)]
    turns: u32,
}

/// Callers: each has a limit of its own, 20 a second once its first 60 are used.
const CALLERS: u32 = 64;

/// Measures and prints.
pub(super) fn run_all(options: &Options) -> Result<()> {
    if options.rate == 0 || options.seconds == 0 || options.turns == 0 || options.rate > CALLERS * 15 {
        return Err(Failure::new(format!("a rate is 1 to {}, and turns and seconds at least 1", CALLERS * 15)));
    }
    let program = crhost(options.program.as_deref())?;
    let home = temporary(None)?;
    let cluster = Cluster::start(Durability::Full)?;
    let callers = Callers::new(CALLERS)?;
    let server = Server::start(&program, home.path(), cluster.url(), &callers)?;
    let plain = Plain::start(options.plain.as_deref(), cluster.url())?;
    let load = |host: &str, requests: Vec<Vec<u8>>| Load {
        host: host.to_owned(),
        requests,
        rate: options.rate,
        length: Duration::from_secs(options.seconds.into()),
    };
    let (logins, rows) = (load(&server.host, server.requests(&callers)), load(&plain.host, plain.requests()));
    // The first login is made by the flavor; all others are of the kind that is measured.
    load::once(&logins)?;
    let (mut of_server, mut of_plain) = (Times::default(), Times::default());
    for _ in 0..options.turns {
        of_server.add(logins.run()?);
        of_plain.add(rows.run()?);
    }
    println!("{} requests a second, {} callers", options.rate, CALLERS);
    for (name, times) in [("crhost server, a login that it has", &of_server), ("one indexed query", &of_plain)] {
        println!("{name:<36} ms: {times}");
    }
    println!(
        "ratio of the medians {:.2}, of the 99th percentiles {:.2}",
        of_server.ratio(&of_plain, 50),
        of_server.ratio(&of_plain, 99)
    );
    Ok(())
}
