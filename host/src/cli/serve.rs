//! `crhost serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::context::Context;
use super::failure::Failure;
use super::output;
use super::signals::shutdown_signal;
use crate::environment::EnvVars;
use crate::serve;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, default_value = "127.0.0.1:5000", value_name = "ADDRESS", env = EnvVars::CRHOST_LISTEN)]
    listen: SocketAddr,

    /// Where images are kept, instead of crhost's data folder
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

/// Runs the registry until a signal comes.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let data = match arguments.data {
        Some(directory) => directory,
        None => context.home()?.served(),
    };
    let server = serve::bind(arguments.listen, &data).await?;
    let address = server.local_addr();
    if !address.ip().is_loopback() {
        output::say("warning", &format!("{address} can be reached from outside, and nobody is asked for credentials"));
    }
    output::say_line(&format!("registry at http://{address}, images in `{}`; Ctrl-C stops it", data.display()));
    // A signal is the ordinary end of a server, and no failure.
    let shutdown = async {
        shutdown_signal().await;
    };
    Ok(server.run(shutdown).await?)
}
