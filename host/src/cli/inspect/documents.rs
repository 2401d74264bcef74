//! `crhost digest`, `crhost config` and `crhost manifest`.

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::tools::{InsecureArgument, Tools};
use crate::cli::context::Context;
use crate::cli::daemon::DaemonArguments;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::image::{Digest, Platform};
use crate::inspect::{InspectError, Named, Subject};
use crate::json;
use crate::text::Escaped;

const DIGEST_EXAMPLES: &str = "\
Examples:
  What a tag names now:
    crhost digest prod/train:v3
  The image for one platform:
    crhost digest prod/train:v3 --platform linux/arm64
  With the name, to write into a file that pins it:
    crhost digest prod/train:v3 --output name";

const CONFIG_EXAMPLES: &str = "\
Examples:
  The command that an image runs:
    crhost config prod/train:v3 | jq .config.Cmd
  Of an image in an OCI layout:
    crhost config oci:./layout:v3";

const MANIFEST_EXAMPLES: &str = "\
Examples:
  The bytes that the digest is of:
    crhost manifest prod/train:v3 | sha256sum
  The manifest for one platform, of an index:
    crhost manifest prod/train:v3 --platform linux/arm64";

/// Help for what is looked at.
macro_rules! subject_help {
    () => {
        "A name in a registry: `NAME/train:v3` with the name of a registered registry, a whole name with its host, or a \
         name below the registry in use; or an image on this machine: oci:DIRECTORY[:REFERENCE], \
         oci-archive:FILE[:REFERENCE], docker-archive:FILE[:NAME], docker-daemon:NAME, containers-storage:NAME"
    };
}
pub(super) use subject_help;

#[derive(Debug, Args)]
#[command(after_help = DIGEST_EXAMPLES)]
pub(in crate::cli) struct DigestArguments {
    #[arg(value_name = "REF", required = true, help = subject_help!())]
    images: Vec<Subject>,

    /// The manifest for this platform, of an index; without it, the index itself
    #[arg(long)]
    platform: Option<Platform>,

    #[command(flatten)]
    daemon: DaemonArguments,

    #[command(flatten)]
    insecure: InsecureArgument,
}

#[derive(Debug, Args)]
#[command(after_help = CONFIG_EXAMPLES)]
pub(in crate::cli) struct ConfigArguments {
    #[arg(value_name = "REF", help = subject_help!())]
    image: Subject,

    /// Which image of an index; without it, this machine's, or the only one
    #[arg(long)]
    platform: Option<Platform>,

    #[command(flatten)]
    daemon: DaemonArguments,

    #[command(flatten)]
    insecure: InsecureArgument,
}

#[derive(Debug, Args)]
#[command(after_help = MANIFEST_EXAMPLES)]
pub(in crate::cli) struct ManifestArguments {
    #[arg(value_name = "REF", help = subject_help!())]
    image: Subject,

    /// The manifest for this platform, of an index; without it, the index itself
    #[arg(long)]
    platform: Option<Platform>,

    #[command(flatten)]
    daemon: DaemonArguments,

    #[command(flatten)]
    insecure: InsecureArgument,
}

/// The digests of images.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Digests {
    /// In the order in which they were named.
    images: Vec<Named>,
}

/// A document of an image.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Document {
    /// The image.
    #[cfg_attr(test, schemars(with = "String"))]
    name: Escaped,
    /// The digest of the document's bytes.
    digest: Digest,
    /// Its media type.
    media_type: String,
    /// The document; its bytes are other ones.
    document: Value,
}

/// Runs `crhost digest`.
pub(in crate::cli) async fn digest(context: &Context, arguments: DigestArguments) -> Result<(), Failure> {
    let DigestArguments { images: subjects, platform, daemon, insecure } = arguments;
    let tools = Tools::open(context, insecure)?.with_daemon(daemon);
    let services = tools.services(context);
    let inspector = tools.inspector(&services);
    let mut images = Vec::new();
    for subject in &subjects {
        images.push(inspector.digest(subject, platform.as_ref()).await?);
    }
    if context.is_json() {
        output::print_json(&Digests { images });
    } else {
        output::print_lines(images.iter().map(|image| image.digest.as_str()));
    }
    Ok(())
}

/// Runs `crhost config`.
pub(in crate::cli) async fn config(context: &Context, arguments: ConfigArguments) -> Result<(), Failure> {
    let ConfigArguments { image: subject, platform, daemon, insecure } = arguments;
    let tools = Tools::open(context, insecure)?.with_daemon(daemon);
    let services = tools.services(context);
    let mut opened = tools.inspector(&services).open(&subject, platform.as_ref()).await?;
    let image = opened.one_image(platform.as_ref()).await?;
    let name = pinned(opened.pinned(), image.manifest.as_ref().map(|(found, _)| &found.digest));
    let media_type = image.manifest.as_ref().map(|(_, manifest)| manifest.config.media_type.clone());
    let bytes = match (image.config, image.manifest) {
        (Some(config), _) => config,
        // That of an artifact may be anything, and is what it is.
        (None, Some((_, manifest))) => opened.blob(&manifest.config).await?,
        (None, None) => {
            let (image, kind) = (opened.name(), opened.kind()?);
            return Err(InspectError::NotAnImage { image, kind, what: "configuration" }.into());
        }
    };
    show(context, name, media_type.unwrap_or_default(), &bytes);
    Ok(())
}

/// Runs `crhost manifest`.
pub(in crate::cli) async fn manifest(context: &Context, arguments: ManifestArguments) -> Result<(), Failure> {
    let ManifestArguments { image: subject, platform, daemon, insecure } = arguments;
    let tools = Tools::open(context, insecure)?.with_daemon(daemon);
    let services = tools.services(context);
    let mut opened = tools.inspector(&services).open(&subject, platform.as_ref()).await?;
    let found = match platform.as_ref() {
        None => opened.root()?,
        Some(platform) => match opened.one_image(Some(platform)).await?.manifest {
            Some((found, _)) => found,
            None => return Err(InspectError::NoManifest { image: opened.name() }.into()),
        },
    };
    show(context, pinned(opened.pinned(), Some(&found.digest)), found.media_type, &found.bytes);
    Ok(())
}

/// The name of an image of an index, which has its own digest.
fn pinned(index: Escaped, digest: Option<&Digest>) -> Escaped {
    match (index.rsplit_once('@'), digest) {
        (Some((name, _)), Some(digest)) => format!("{name}@{digest}").into(),
        _ => index,
    }
}

/// Shows a document: its bytes, or as JSON what it says.
fn show(context: &Context, name: Escaped, media_type: String, bytes: &[u8]) {
    if context.is_json() {
        let document = json::read(bytes).unwrap_or_default();
        output::print_json(&Document { name, digest: Digest::of(bytes), media_type, document });
    } else {
        output::print_document(bytes);
    }
}
