//! `crhost generate-key-pair`.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::keys::new_password;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::error::Kind;
use crate::signature::{Algorithm, PrivateKey};
use crate::text::Foreign;

const EXAMPLES: &str = "\
Examples:
  `cosign.key` and `cosign.pub` in this directory:
    crhost generate-key-pair
  `release.key` and `release.pub`:
    crhost generate-key-pair --output-key-prefix release";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct GenerateArguments {
    /// The path of both files without `.key` and `.pub`
    #[arg(long, value_name = "PREFIX", default_value = "cosign")]
    output_key_prefix: PathBuf,

    /// The algorithm
    #[arg(long, value_name = "ALGORITHM", value_enum, default_value_t)]
    algorithm: AlgorithmArgument,
}

/// The algorithms of new keys.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum AlgorithmArgument {
    /// ECDSA on P-256, as cosign makes its keys
    #[default]
    EcdsaP256,
    /// Ed25519
    Ed25519,
}

/// A new key pair.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct GeneratedShown {
    /// The file with the public key.
    file: String,
    /// The file with the private key, sealed with the password.
    private_file: String,
    /// The digest of the public key (SHA-256 of its DER).
    key_id: String,
}

/// Runs `crhost generate-key-pair`.
pub(in crate::cli) async fn run(context: &Context, arguments: GenerateArguments) -> Result<(), Failure> {
    let GenerateArguments { output_key_prefix: prefix, algorithm } = arguments;
    let with = |ending: &str| {
        let mut path = prefix.clone().into_os_string();
        path.push(ending);
        PathBuf::from(path)
    };
    let (private, public) = (with(".key"), with(".pub"));
    // Before a password is asked for in vain.
    if let Some(taken) = [&private, &public].into_iter().find(|path| path.symlink_metadata().is_ok()) {
        return Err(exists(taken));
    }
    let password = new_password(context).await?;
    let algorithm = match algorithm {
        AlgorithmArgument::EcdsaP256 => Algorithm::EcdsaP256,
        AlgorithmArgument::Ed25519 => Algorithm::Ed25519,
    };
    let made = tokio::task::spawn_blocking(move || PrivateKey::generate(algorithm, &password)).await;
    let pair = made.map_err(|error| Failure::general(error.to_string()))??;
    write_new(&private, pair.private.as_bytes(), true)?;
    write_new(&public, pair.public.to_pem().as_bytes(), false)?;
    let shown = GeneratedShown {
        file: public.display().to_string(),
        private_file: private.display().to_string(),
        key_id: pair.public.id().to_string(),
    };
    if context.is_json() {
        output::print_json(&shown);
        return Ok(());
    }
    output::say_line(&format!("the private key is in `{}`, sealed with the password", shown.private_file));
    output::print(&shown.file);
    Ok(())
}

/// Writes a new file, never over another one: a key that is overwritten is lost.
fn write_new(path: &Path, bytes: &[u8], is_private: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if is_private { 0o600 } else { 0o644 });
    #[cfg(not(unix))]
    let _ = is_private;
    let written = options.open(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|reason| match reason.kind() {
        io::ErrorKind::AlreadyExists => exists(path),
        _ => {
            let message = format!("`{}` can't be written: {}", path.display(), Foreign(reason));
            Failure::new(Kind::Usage, message, "`--output-key-prefix` names another place")
        }
    })
}

fn exists(path: &Path) -> Failure {
    let message = format!("`{}` exists, and a key is never overwritten", path.display());
    Failure::new(Kind::Conflict, message, "`--output-key-prefix` names another place")
}
