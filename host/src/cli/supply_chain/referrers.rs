//! `crhost referrers`.

use clap::Args;
use serde::Serialize;

use super::opened::{ImageArguments, parts, with_image};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::session::Intent;
use crate::supply_chain::{ArtifactType, ListedBy, Node, Subject, referrers, tree, under_cosign_tags, with_types};

const EXAMPLES: &str = "\
Examples:
  What belongs to an image:
    crhost referrers prod/train:v3
  With what belongs to that, such as the signature of an SBOM:
    crhost referrers prod/train:v3 --tree
  The digests of its SBOMs:
    crhost referrers prod/train:v3 --type spdx-json --jq .referrers[].digest";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ReferrersArguments {
    #[command(flatten)]
    image: ImageArguments,

    /// Only those of this type: a media type, or a short name for one, as for `crhost attach`
    #[arg(long = "type", value_name = "TYPE")]
    artifact_type: Option<ArtifactType>,

    /// With the referrers of referrers
    #[arg(long)]
    tree: bool,
}

/// The manifests that belong to an image.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct ReferrersShown {
    /// The image: repository and digest.
    name: String,
    /// How the registry lists referrers.
    listed_by: ListedBy,
    /// Whether all are here: a list of more than 100,000 is cut, and so is a tree of more than 2,000 or 8 levels.
    complete: bool,
    /// The manifests that belong to the image.
    referrers: Vec<Node>,
}

/// Runs `crhost referrers`.
pub(in crate::cli) async fn run(context: &Context, arguments: ReferrersArguments) -> Result<(), Failure> {
    let ReferrersArguments { image, artifact_type, tree: is_tree } = arguments;
    let parts = parts(context)?;
    let services = parts.services(context);
    let mut session = image.open(context, &services, Intent::Pull).await?;
    let (repository, name) = (session.repository.clone(), session.target.image.name());
    let work = async |subject: &Subject| {
        let found = referrers(&repository, subject.digest()).await?;
        let (by, is_cut) = (found.by, found.is_cut);
        let mut all = with_types(&repository, found.all).await?;
        let tagged = under_cosign_tags(&repository, subject.digest(), &all).await?;
        all.extend(tagged);
        let is_wanted = |node: &Node| artifact_type.as_ref().is_none_or(|wanted| node.is_of(wanted.as_str()));
        let nodes: Vec<Node> = all.into_iter().map(Node::from).filter(is_wanted).collect();
        let (nodes, is_whole) = match is_tree {
            true => tree(&repository, subject.digest(), nodes).await?,
            false => (nodes, true),
        };
        Ok((by, nodes, is_whole && !is_cut))
    };
    let (subject, (listed_by, referrers, complete)) = with_image(&mut session, work).await?;
    let shown = ReferrersShown { name: format!("{name}@{}", subject.digest()), listed_by, complete, referrers };
    if !shown.complete {
        output::say("warning", "there are more referrers than are listed here");
    }
    if context.is_json() {
        output::print_json(&shown);
        return Ok(());
    }
    if shown.referrers.is_empty() {
        output::say_line(&format!("nothing belongs to {}", shown.name));
    } else if is_tree {
        output::print(&shown.name);
        print_tree(&shown.referrers, "");
    } else {
        let rows = shown.referrers.iter().map(|node| vec![node.kind().to_owned(), node.digest.to_string()]);
        output::print_table(&["TYPE", "DIGEST"], rows);
    }
    Ok(())
}

/// Writes the nodes as branches; `before` is what stands before those of this level.
fn print_tree(nodes: &[Node], before: &str) {
    for (number, node) in nodes.iter().enumerate() {
        let is_last = number + 1 == nodes.len();
        let (branch, below) = if is_last { ("└── ", "    ") } else { ("├── ", "│   ") };
        output::print(&format!("{before}{branch}{}  {}", node.kind(), node.digest));
        print_tree(&node.referrers, &format!("{before}{below}"));
    }
}
