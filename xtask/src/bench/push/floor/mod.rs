//! A plain program that pushes: what is left of a push when a client does nothing but what must be done. It asks for
//! nothing that may be there, tries nothing twice, knows one registry without login and TLS, and remembers nothing. It
//! hashes what it sends and compresses, as the image's digests have to be right, and is a bound for clients and not one
//! itself.

mod archive;
mod compress;
mod documents;
mod http;
mod layout;
mod side_by_side;

use std::path::PathBuf;

use clap::Args;

use crate::failure::{Failure, Result};
use http::Registry;

/// What is pushed, and where to.
#[derive(Args)]
pub(crate) struct Options {
    /// An OCI layout with one image
    #[arg(long, value_name = "DIR", required_unless_present = "archive", conflicts_with = "archive")]
    layout: Option<PathBuf>,

    /// A file of `docker save` with one image
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,

    /// Where to: HOST:PORT/REPOSITORY:TAG
    #[arg(long, value_name = "NAME")]
    to: String,
}

/// Pushes.
pub(in crate::bench) fn run(options: &Options) -> Result<()> {
    let registry = Registry::of(&options.to)?;
    match (&options.layout, &options.archive) {
        (Some(layout), _) => layout::push(layout, &registry),
        (None, Some(archive)) => archive::push(archive, &registry),
        (None, None) => Err(Failure::new("there is nothing to push")),
    }
}
