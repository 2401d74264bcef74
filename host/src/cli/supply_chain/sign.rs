//! `crhost sign`.

use clap::Args;
use serde::Serialize;

use super::keys::private_key;
use super::opened::{ImageArguments, parts, with_image};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::{assignment, output};
use crate::session::Intent;
use crate::signature::Annotations;
use crate::supply_chain::{Signed, Subject, images_below, sign};

const EXAMPLES: &str = "\
Examples:
  With a key of `crhost generate-key-pair` or `cosign generate-key-pair`:
    crhost sign prod/train:v3 --key cosign.key
  With a key in a variable of a CI system:
    crhost sign prod/train:v3 --key env://SIGNING_KEY
  The index, and each image that it names:
    crhost sign prod/train:v3 --key cosign.key --recursive";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct SignArguments {
    #[command(flatten)]
    image: ImageArguments,

    /// The private key: a file, or `env://VARIABLE`. Its password is `COSIGN_PASSWORD`, or asked for at a terminal
    #[arg(long, value_name = "KEY")]
    key: String,

    /// A value that is signed with the image; may be given several times
    #[arg(short, long = "annotation", value_name = "NAME=VALUE", value_parser = assignment::parse)]
    annotations: Vec<(String, String)>,

    /// Sign each image of an index, too
    #[arg(short, long)]
    recursive: bool,
}

/// An image that was signed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct SignedShown {
    /// The image: repository and digest.
    name: String,
    /// The digest of the public key (SHA-256 of its DER).
    key_id: String,
    /// The digests that are signed: the image's, and those of the images of an index.
    signed: Vec<SignedDigest>,
}

/// A digest that is signed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct SignedDigest {
    /// The digest.
    digest: String,
    /// The tag with the signatures.
    tag: String,
    /// Whether this key had signed it so before.
    unchanged: bool,
}

impl From<Signed> for SignedDigest {
    fn from(Signed { digest, tag, unchanged, .. }: Signed) -> Self {
        Self { digest: digest.to_string(), tag: tag.to_string(), unchanged }
    }
}

/// Runs `crhost sign`.
pub(in crate::cli) async fn run(context: &Context, arguments: SignArguments) -> Result<(), Failure> {
    let SignArguments { image, key, annotations, recursive } = arguments;
    let key = private_key(context, &key).await?;
    let annotations: Annotations = annotations.into_iter().collect();
    let parts = parts(context)?;
    let services = parts.services(context);
    let mut session = image.open(context, &services, Intent::Push).await?;
    let (repository, name) = (session.repository.clone(), session.target.image.name());
    let work = async |subject: &Subject| {
        // The images first: who finds the index signed finds them signed.
        let mut digests = if recursive { images_below(&repository, subject).await? } else { Vec::new() };
        digests.push(subject.digest().clone());
        let mut signed = Vec::new();
        for digest in &digests {
            signed.push(sign(&repository, digest, &key, &annotations).await?);
        }
        signed.reverse();
        Ok(signed)
    };
    let (subject, signed) = with_image(&mut session, work).await?;
    let signed = signed.into_iter().map(SignedDigest::from).collect();
    let name = format!("{name}@{}", subject.digest());
    let shown = SignedShown { name, key_id: key.public().id().to_string(), signed };
    if context.is_json() {
        output::print_json(&shown);
        return Ok(());
    }
    for signed in &shown.signed {
        let done = if signed.unchanged { "was signed before" } else { "signed" };
        output::say_line(&format!("{done}: {}", signed.digest));
    }
    output::print(&shown.name);
    Ok(())
}
