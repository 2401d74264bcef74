//! What a push does with an image before its first byte is sent, and before its tags move.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::{duration, output, supply_chain};
use crate::push::{Evidence, Scan, ScanCommand};
use crate::supply_chain::{ArtifactType, Attachment};

/// Longest `--scan-timeout` in seconds: a day.
const DAY: u64 = 24 * 3_600;

#[derive(Debug, Args)]
pub(super) struct EvidenceArguments {
    /// Sign the image with a private key before its tags move: a file, or `env://VARIABLE`, as for `crhost sign`
    #[arg(long, value_name = "KEY")]
    sign: Option<String>,

    /// Attach a file to the image before its tags move: an SBOM, or whatever else its content tells, as for
    /// `crhost attach`; may be given several times
    #[arg(long, value_name = "FILE")]
    sbom: Vec<PathBuf>,

    /// Move no tag unless the image is signed in its repository, for this public key: a file, or `env://VARIABLE`.
    /// Where the image's digest is known before, nothing is sent either
    #[arg(long, value_name = "KEY")]
    require_signature: Option<String>,

    /// Run a scanner before the first byte is sent, and push only if it ends with 0: a program and its arguments, in
    /// which `{}` stands for the image's OCI layout and `{report}` for a file, which is attached to the image
    #[arg(long, value_name = "COMMAND")]
    scan: Option<ScanCommand>,

    /// Time after which the scanner is ended, and the image refused
    #[arg(long, value_name = "DURATION", default_value = "15m", value_parser = duration::between(1, DAY), requires = "scan")]
    scan_timeout: Duration,

    /// What the scanner's report is, as for `crhost attach`; without it, its content has to tell
    #[arg(long, value_name = "TYPE", requires = "scan")]
    scan_report_type: Option<ArtifactType>,
}

impl EvidenceArguments {
    /// Reads the keys and the files.
    ///
    /// # Errors
    /// When one of them can't be used.
    pub(super) async fn read(self, context: &Context) -> Result<(Evidence, Option<Scan>), Failure> {
        let mut evidence = Evidence::default();
        if let Some(key) = &self.require_signature {
            evidence.required = Some(supply_chain::public_key(context, key)?);
        }
        for path in self.sbom {
            let opened =
                tokio::task::spawn_blocking(move || Attachment::open(&path, None, BTreeMap::new(), None)).await;
            evidence.files.push(Arc::new(opened.map_err(|error| Failure::general(error.to_string()))??));
        }
        if let Some(key) = &self.sign {
            evidence.key = Some(Arc::new(supply_chain::private_key(context, key).await?));
        }
        let (timeout, report_type) = (self.scan_timeout, self.scan_report_type);
        let scan = self.scan.map(|command| Scan { command, timeout, report_type, show: output::say_line });
        Ok((evidence, scan))
    }
}
