//! `crhost serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::context::Context;
use super::failure::Failure;
use super::output;
use crate::serve;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, default_value = "127.0.0.1:5000", value_name = "ADDRESS", env = "CRHOST_LISTEN")]
    listen: SocketAddr,

    /// Where images are kept, instead of crhost's data folder
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let data = match arguments.data {
        Some(folder) => folder,
        None => Context::home()?.served(),
    };
    let server = serve::bind(arguments.listen, &data).await?;
    let address = server.local_addr();
    if !address.ip().is_loopback() {
        output::say("warning", &format!("{address} can be reached from outside, and nobody is asked for credentials"));
    }
    output::say_line(&format!("registry at http://{address}, images in `{}`; Ctrl-C stops it", data.display()));
    Ok(server.run(stop_signal()).await?)
}

/// Ctrl-C, or what service managers send.
async fn stop_signal() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}
