//! `crhost attach`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::opened::{ImageArguments, parts, with_image};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::{assignment, output};
use crate::session::Intent;
use crate::supply_chain::{ArtifactType, Attachment, Subject, attach};

const EXAMPLES: &str = "\
Examples:
  An SBOM, whose kind its content tells:
    crhost attach prod/train:v3 sbom.spdx.json
  Any file, by its media type:
    crhost attach prod/train:v3 report.txt --type application/vnd.acme.report
  What another program writes:
    syft prod/train:v3 -o spdx-json | crhost attach prod/train:v3 -
  With a note:
    crhost attach prod/train:v3 sbom.json --annotation org.example.tool=syft

Types:
  spdx-json, spdx, cyclonedx-json, cyclonedx-xml, in-toto, slsa-provenance,
  dsse, sigstore-bundle, sarif, junit, or any media type";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct AttachArguments {
    #[command(flatten)]
    image: ImageArguments,

    /// The file; `-` is standard input
    file: PathBuf,

    /// What the file is: a media type, or a short name for one; without it, its content has to tell
    #[arg(long = "type", value_name = "TYPE")]
    artifact_type: Option<ArtifactType>,

    /// An annotation of the artifact; may be given several times
    #[arg(short, long = "annotation", value_name = "NAME=VALUE", value_parser = assignment::parse)]
    annotations: Vec<(String, String)>,
}

/// A file that was attached.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct AttachedShown {
    /// The artifact: repository and digest of its manifest.
    name: String,
    /// The digest of the artifact's manifest.
    digest: String,
    /// What it is.
    artifact_type: String,
    /// The image that it belongs to: repository and digest.
    subject: String,
    /// Whether it was there before.
    unchanged: bool,
}

/// Runs `crhost attach`.
pub(in crate::cli) async fn run(context: &Context, arguments: AttachArguments) -> Result<(), Failure> {
    let AttachArguments { image, file, artifact_type, annotations } = arguments;
    let annotations = annotations.into_iter().collect();
    let option = Some("--type");
    let open = move || match file.as_os_str() == "-" {
        true => Attachment::read(std::io::stdin().lock(), artifact_type, annotations, option),
        false => Attachment::open(&file, artifact_type, annotations, option),
    };
    let attachment = tokio::task::spawn_blocking(open).await;
    let attachment = attachment.map_err(|error| Failure::general(error.to_string()))??;
    let parts = parts(context)?;
    let services = parts.services(context);
    let mut session = image.open(context, &services, Intent::Push).await?;
    let (repository, name) = (session.repository.clone(), session.target.image.name());
    let work = async |subject: &Subject| attach(&repository, &subject.descriptor, &attachment).await;
    let (subject, attached) = with_image(&mut session, work).await?;
    let shown = AttachedShown {
        name: format!("{name}@{}", attached.manifest.digest),
        digest: attached.manifest.digest.to_string(),
        artifact_type: attached.artifact_type,
        subject: format!("{name}@{}", subject.digest()),
        unchanged: attached.unchanged,
    };
    if context.is_json() {
        output::print_json(&shown);
        return Ok(());
    }
    let done = if shown.unchanged { "was attached before" } else { "attached" };
    output::say_line(&format!("{done}: {} to {}", shown.artifact_type, shown.subject));
    output::print(&shown.name);
    Ok(())
}
