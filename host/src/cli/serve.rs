//! `crhost serve`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::listen::Listen;
use super::output;
use super::signals::shutdown_signal;
use crate::environment::EnvVars;
use crate::files::private;
use crate::image::Host;
use crate::serve;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Port or address with a port to listen at; a port alone is one of this machine alone, port 0 takes any that is
    /// free
    #[arg(long, default_value = "127.0.0.1:5000", value_name = "[ADDRESS:]PORT", env = EnvVars::CRHOST_LISTEN, hide_env_values = true)]
    listen: Listen,

    /// Where images are kept, instead of crhost's data directory
    #[arg(long, value_name = "DIRECTORY")]
    data: Option<PathBuf>,

    /// Name by which clients reach it besides `localhost` and the address, such as `host.docker.internal`; with a port
    /// where it is another for them
    #[arg(long = "host-name", value_name = "NAME[:PORT]")]
    host_names: Vec<Host>,

    /// Most that is kept, in bytes or with `MiB`, `GiB` or `TiB`
    #[arg(long, default_value = "100GiB", value_name = "SIZE", value_parser = size)]
    max_size: u64,
}

/// A registry that runs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Serving {
    /// The address that it listens at, with the port.
    address: String,
    /// The URL of that address.
    url: String,
    /// The directory of its images.
    data: String,
}

/// Runs the registry until a signal comes.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { listen, data, host_names, max_size } = arguments;
    let (data, trusted) = match (data, context.home()) {
        (Some(directory), home) => (directory, home.ok().and_then(|home| home.trusted().map(PathBuf::from))),
        (None, home) => home.map(|home| (home.served(), home.trusted().map(PathBuf::from)))?,
    };
    private::restrict_umask();
    let listen = listen.address().await?;
    let settings = serve::Settings { listen, data: data.clone(), trusted, host_names, max_size };
    let server = serve::bind(settings).await?;
    // Before the address is told: whoever reads it may send a signal at once.
    let signal = shutdown_signal();
    let address = server.local_addr();
    if !address.ip().is_loopback() {
        output::say("warning", &format!("{address} can be reached from outside, and asks for no credentials"));
    }
    let serving =
        Serving { address: address.to_string(), url: format!("http://{address}"), data: data.display().to_string() };
    if context.is_json() {
        output::print_json_compact(&serving);
    } else {
        output::say_line(&format!("registry at {}, images in `{}`; Ctrl-C stops it", serving.url, serving.data));
    }
    // A signal is the ordinary end of a server, and no failure.
    let shutdown = async {
        signal.await;
    };
    Ok(server.run(shutdown).await?)
}

/// A number of bytes, `107374182400` or `100GiB`.
fn size(text: &str) -> Result<u64, String> {
    let units = [("MiB", 20), ("GiB", 30), ("TiB", 40)];
    let unit = units.into_iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, shift)));
    let (number, shift) = unit.unwrap_or((text, 0));
    let number = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse::<u64>().ok()).flatten();
    let bytes = number.and_then(|number| number.checked_mul(1 << shift));
    bytes.ok_or_else(|| "expected a number of bytes, or one with `MiB`, `GiB` or `TiB`, such as `20GiB`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_of_bytes_or_of_a_unit() {
        for (text, bytes) in [("0", 0), ("123", 123), ("1MiB", 1 << 20), ("20GiB", 20 << 30), ("2TiB", 2 << 40)] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for bad in ["", "GiB", "-1", "+1", "1GB", "1 GiB", "1.5GiB", "20gib", "99999999TiB", "99999999999999999999"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
