//! `crhost inspect`.

use std::collections::BTreeMap;

use clap::Args;
use indicatif::HumanBytes;

use super::documents::subject_help;
use super::tools::{InsecureArgument, Tools};
use crate::cli::context::Context;
use crate::cli::daemon::DaemonArguments;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::image::Platform;
use crate::inspect::{Content, Description, Filter, Opened, Order, Settings, Subject, describe, digests_of, tags};
use crate::session::Services;

const EXAMPLES: &str = "\
Examples:
  An image or an index, and the image in it for this machine:
    crhost inspect prod/train:v3
  For another platform:
    crhost inspect prod/train:v3 --platform linux/arm64
  The labels, for a script:
    crhost inspect prod/train:v3 --jq .image.settings.run.labels
  An image on this machine:
    crhost inspect oci:./layout:v3";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    #[arg(value_name = "REF", help = subject_help!())]
    image: Subject,

    /// Which image of an index is shown with its settings; without it, this machine's, or the only one
    #[arg(long)]
    platform: Option<Platform>,

    /// Show the other tags of the same digest as well, which takes a request for each tag of the repository
    #[arg(long)]
    tags: bool,

    #[command(flatten)]
    daemon: DaemonArguments,

    #[command(flatten)]
    insecure: InsecureArgument,
}

/// Runs the command.
pub(in crate::cli) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { image, platform, tags, daemon, insecure } = arguments;
    let tools = Tools::open(context, insecure)?.with_daemon(daemon);
    let services = tools.services(context);
    let mut opened = tools.inspector(&services).open(&image, platform.as_ref()).await?;
    let mut description = describe(&mut opened, platform.as_ref()).await?;
    if tags {
        add_tags(&services, &mut opened, &mut description).await?;
    }
    if context.is_json() {
        output::print_json(&description);
    } else {
        show(&description);
    }
    Ok(())
}

/// Adds the tags of the same digest.
async fn add_tags(
    services: &Services<'_>,
    opened: &mut Opened<'_>,
    description: &mut Description,
) -> Result<(), Failure> {
    let Opened::Remote(remote) = opened else { return Ok(()) };
    let found = tags(services, &mut remote.session, &Filter::default(), Order::Natural).await?;
    let digests = digests_of(&mut remote.session, &found).await?;
    let same = found.into_iter().zip(digests).filter(|(_, digest)| *digest == description.digest);
    description.all_tags = Some(same.map(|(tag, _)| tag).collect());
    Ok(())
}

/// The names and values of what is shown.
type Facts = Vec<(&'static str, String)>;

fn show(description: &Description) {
    let Description { name, kind, digest, media_type, artifact_type, subject, annotations, .. } = description;
    let mut facts: Facts = vec![("Name", name.to_string()), ("Kind", noun(kind.noun()).to_owned())];
    let mut add = |name, value: Option<String>| facts.extend(value.map(|value| (name, value)));
    add("Digest", digest.as_ref().map(ToString::to_string));
    add("Media type", media_type.clone());
    add("Artifact type", artifact_type.clone());
    add("Belongs to", subject.as_ref().map(ToString::to_string));
    let tags = description.all_tags.as_ref();
    add("Tags", tags.map(|tags| tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")));
    pairs(&mut facts, "Annotations", annotations);
    if let Some(image) = &description.image {
        // In an index, it is one of several.
        if description.manifests.is_none() {
            facts.extend(content(image));
        }
    }
    output::print_facts(&facts);
    if let Some(manifests) = &description.manifests {
        output::print_lines([""]);
        let rows = manifests.iter().map(|entry| {
            let about = match (&entry.attests, entry.attestation) {
                (Some(digest), _) => format!("attestation of {}", short(digest)),
                (None, true) => "attestation".to_owned(),
                (None, false) if entry.is_index() => "index".to_owned(),
                (None, false) => String::new(),
            };
            let platform = entry.platform.clone().filter(|_| !entry.attestation);
            let version = entry.os_version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
            vec![platform.unwrap_or_default() + &version, entry.digest.to_string(), about]
        });
        output::print_table(&["PLATFORM", "DIGEST", ""], rows);
        match &description.image {
            Some(image) => {
                output::print_lines([""]);
                let mut facts: Facts = Vec::new();
                facts.extend(image.digest.as_ref().map(|digest| ("Image", digest.to_string())));
                pairs(&mut facts, "Annotations", &image.annotations);
                facts.extend(content(image));
                output::print_facts(&facts);
            }
            None if manifests.is_empty() => output::say_line("it names no image"),
            None => output::say_line("none of them is for this machine; `--platform` shows one"),
        }
    }
    if let Some(image) = description.image.as_ref().filter(|image| !image.layers.is_empty()) {
        output::print_lines([""]);
        let rows = image.layers.iter().enumerate().map(|(at, layer)| {
            let size = layer.size.map(|size| HumanBytes(size).to_string()).unwrap_or_default();
            let what = layer.title.clone().or_else(|| layer.media_type.clone()).unwrap_or_default();
            vec![(at + 1).to_string(), layer.digest.to_string(), size, what]
        });
        output::print_table(&["LAYER", "DIGEST", "SIZE", "CONTENT"], rows);
    }
}

/// A noun without its article.
fn noun(noun: &'static str) -> &'static str {
    noun.split_once(' ').map_or(noun, |(_, noun)| noun)
}

/// The beginning of a digest, by which users tell it from others.
fn short(digest: &str) -> String {
    digest.strip_prefix("sha256:").unwrap_or(digest).chars().take(12).collect()
}

/// One image, or one artifact.
fn content(image: &Content) -> Facts {
    let mut facts: Facts = Vec::new();
    let count = image.layers.len();
    let size = format!("{} in {count} {}", HumanBytes(image.size), if count == 1 { "layer" } else { "layers" });
    facts.extend(image.platform.clone().map(|platform| ("Platform", platform)));
    facts.push(("Size", size));
    facts.extend(image.config.as_ref().map(|digest| ("Configuration", digest.to_string())));
    if let Some(settings) = &image.settings {
        facts.extend(self::settings(settings));
    }
    facts
}

fn settings(settings: &Settings) -> Facts {
    let Settings { created, author, os_version, run } = settings;
    let mut facts: Facts = Vec::new();
    let mut add = |name, value: Option<String>| facts.extend(value.map(|value| (name, value)));
    add("Created", created.clone());
    add("Author", author.clone());
    add("OS version", os_version.clone());
    add("User", run.user.clone());
    // As JSON, in which one word is told from the next.
    let words = |words: &[String]| (!words.is_empty()).then(|| serde_json::to_string(words).unwrap_or_default());
    add("Entrypoint", words(&run.entrypoint));
    add("Command", words(&run.cmd));
    add("Directory", run.working_dir.clone());
    add("Stop signal", run.stop_signal.clone());
    let list = |list: &[String]| (!list.is_empty()).then(|| list.join(", "));
    add("Ports", list(&run.exposed_ports));
    add("Volumes", list(&run.volumes));
    for (at, variable) in run.env.iter().enumerate() {
        facts.push((if at == 0 { "Environment" } else { "" }, variable.clone()));
    }
    pairs(&mut facts, "Labels", &run.labels);
    facts
}

/// Adds a line for each pair, the first behind the name.
fn pairs(facts: &mut Facts, name: &'static str, pairs: &BTreeMap<String, String>) {
    for (at, (key, value)) in pairs.iter().enumerate() {
        facts.push((if at == 0 { name } else { "" }, format!("{key}={value}")));
    }
}
