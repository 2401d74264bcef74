//! `crhost verify`.

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use super::keys::public_key;
use super::opened::{ImageArguments, parts, with_image};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::{assignment, output};
use crate::session::Intent;
use crate::signature::Annotations;
use crate::supply_chain::{Checked, Subject, verify};

const EXAMPLES: &str = "\
Examples:
  A signature of `crhost sign`, or of `cosign sign --key`:
    crhost verify prod/train:v3 --key cosign.pub
  With what the signer has to have added:
    crhost verify prod/train:v3 --key cosign.pub --annotation env=prod
  The verified image, for the next command:
    crhost verify prod/train:v3 --key env://PUBLIC_KEY -o name";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct VerifyArguments {
    #[command(flatten)]
    image: ImageArguments,

    /// The public key: a file, or `env://VARIABLE`
    #[arg(long, value_name = "KEY")]
    key: String,

    /// A value that the signer has to have signed with the image; may be given several times
    #[arg(short, long = "annotation", value_name = "NAME=VALUE", value_parser = assignment::parse)]
    annotations: Vec<(String, String)>,
}

/// An image that is signed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct VerifiedShown {
    /// The image: repository and the digest that was verified.
    name: String,
    /// The digest that was verified.
    digest: String,
    /// The digest of the public key (SHA-256 of its DER).
    key_id: String,
    /// The signatures that were looked at; one at least is valid.
    signatures: Vec<SignatureShown>,
}

/// A signature.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct SignatureShown {
    /// The tag, or the digest of the referrer, that has it.
    place: String,
    /// The digest of what was signed.
    payload: String,
    /// Whether it is valid.
    valid: bool,
    /// Why it is not.
    problem: Option<String>,
    /// The name under which the image was signed, which decides nothing.
    reference: Option<String>,
    /// What the signer added.
    annotations: BTreeMap<String, serde_json::Value>,
}

impl From<Checked> for SignatureShown {
    fn from(Checked { place, payload, claims }: Checked) -> Self {
        let payload = payload.to_string();
        match claims {
            Ok(claims) => {
                let (reference, annotations) = (Some(claims.reference), claims.annotations);
                Self { place, payload, valid: true, problem: None, reference, annotations }
            }
            Err(problem) => {
                let (problem, annotations) = (Some(problem.to_string()), BTreeMap::new());
                Self { place, payload, valid: false, problem, reference: None, annotations }
            }
        }
    }
}

/// Runs `crhost verify`.
pub(in crate::cli) async fn run(context: &Context, arguments: VerifyArguments) -> Result<(), Failure> {
    let VerifyArguments { image, key, annotations } = arguments;
    let key = public_key(context, &key)?;
    let annotations: Annotations = annotations.into_iter().collect();
    let parts = parts(context)?;
    let services = parts.services(context);
    let mut session = image.open(context, &services, Intent::Pull).await?;
    let (repository, name) = (session.repository.clone(), session.target.image.name());
    let work = async |subject: &Subject| verify(&repository, subject.digest(), &key, &annotations).await;
    let (subject, checked) = with_image(&mut session, work).await?;
    let digest = subject.digest().to_string();
    let signatures: Vec<SignatureShown> = checked.into_iter().map(SignatureShown::from).collect();
    let shown = VerifiedShown { name: format!("{name}@{digest}"), digest, key_id: key.id().to_string(), signatures };
    if context.is_json() {
        output::print_json(&shown);
        return Ok(());
    }
    let valid = shown.signatures.iter().filter(|signature| signature.valid).count();
    output::say_line(&format!("verified: {valid} of {} signatures valid for this key", shown.signatures.len()));
    for signature in &shown.signatures {
        if let Some(problem) = &signature.problem {
            output::say_line(&format!("not valid: `{}`: {problem}", signature.place));
        }
    }
    output::print(&shown.name);
    Ok(())
}
