//! `crhost flavor publish` and `crhost policy publish`, once the component is known to be one.

use std::path::PathBuf;

use clap::Args;

use crate::catalog::remote_name;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::inspect::{InsecureArgument, Tools};
use crate::cli::supply_chain::private_key;
use crate::cli::{assignment, output};
use crate::components::{Publication, Request, add, publish};
use crate::edit::{Moved, TagOutcome};
use crate::image::Tag;
use crate::registry::{RemoteName, RemoteNameError};
use crate::session::Services;

/// The arguments of both commands.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The component, a `.wasm` file
    pub(in crate::cli) file: PathBuf,

    /// The repository, such as `ghcr.io/acme/myreg`, or `NAME/myreg` below the registry that is registered as `NAME`;
    /// the tag is the component's version
    #[arg(value_name = "REPOSITORY", value_parser = repository)]
    to: RemoteName,

    /// A tag in the place of the version; may be given several times. `crhost flavor update` looks for versions alone
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<Tag>,

    /// Have the tag `latest` name it, too
    #[arg(long)]
    latest: bool,

    /// Sign it before its tags move, with the private key of `--key`
    #[arg(long, value_name = "KEY", num_args = 0..=1, default_missing_value = "")]
    sign: Option<String>,

    /// The private key that signs it: a file, or `env://VARIABLE`. Its password is `COSIGN_PASSWORD`, or asked for at a
    /// terminal
    #[arg(long, value_name = "KEY")]
    key: Option<String>,

    /// An annotation of the artifact, in the place of the one from the description; may be given several times
    #[arg(short, long = "annotation", value_name = "NAME=VALUE", value_parser = assignment::parse)]
    annotations: Vec<(String, String)>,

    /// Add it to an index of flavors, which is made where there is none; may be given several times
    #[arg(long = "index", value_name = "REF")]
    indexes: Vec<RemoteName>,

    /// Move the tag of a version that is published with other bytes
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    insecure: InsecureArgument,
}

/// Reads a repository's name, with `oci://` before it as a registration has it, or without.
fn repository(text: &str) -> Result<RemoteName, RemoteNameError> {
    remote_name(text).unwrap_or(text).parse()
}

/// Publishes a component that `examine` admits, and shows what became of it.
pub(in crate::cli) async fn send(
    context: &Context,
    arguments: Arguments,
    examine: impl AsyncFnOnce(&Services<'_>, &std::path::Path) -> Result<Publication, Failure>,
) -> Result<(), Failure> {
    let Arguments { file, to, tags, latest, sign, key, annotations, indexes, force, insecure } = arguments;
    let named = key.or_else(|| sign.clone().filter(|key| !key.is_empty()));
    if sign.is_some() && named.is_none() {
        let hint = "`--key KEY` names the private key; `crhost generate-key-pair` makes one";
        return Err(Failure::new(crate::error::Kind::Usage, "`--sign` needs a key", hint));
    }
    let tools = Tools::open(context, insecure)?;
    let services = tools.services(context);
    let publication = examine(&services, &file).await?;
    // After the component is known to be one: a password is not asked for in vain.
    let key = match named {
        Some(key) => Some(private_key(context, &key).await?),
        None => None,
    };
    let inspector = tools.inspector(&services);
    let annotations = annotations.into_iter().collect();
    let request = Request { to: &to, tags, latest, force, key: key.as_ref(), annotations };
    let published = publish(&inspector, &publication, request, tell_note).await?;
    let name = published.name.as_str();
    if !output::is_json() {
        published.tags.iter().for_each(|moved| output::say_line(&told(name, moved)));
        if let Some(key) = &published.signed_by {
            output::say_line(&format!("signed by key {key}"));
        }
    }
    for index in &indexes {
        match add(&inspector, index, &publication, &published, tell_note).await? {
            Some(later) => {
                output::say("note", &format!("index `{}` lists version {later}, which is later", index.as_str()));
            }
            None if !output::is_json() => output::say_line(&format!("listed in index `{}`", index.as_str())),
            None => {}
        }
    }
    match context.is_json() {
        true => output::print_json(&published),
        false => output::print(&format!("{name}@{}", published.digest)),
    }
    Ok(())
}

/// Shows a note of the flavor of the registry.
fn tell_note(flavor: &str, note: &str) {
    output::say("note", &format!("flavor `{flavor}`: {note}"));
}

fn told(name: &str, Moved { tag, outcome, before }: &Moved) -> String {
    let before = before.as_ref().map(|before| format!(", which named {before}")).unwrap_or_default();
    match outcome {
        TagOutcome::Created => format!("published {name}:{tag}"),
        TagOutcome::Moved => format!("moved {name}:{tag}{before}"),
        TagOutcome::Unchanged => format!("{name}:{tag} is this component already"),
    }
}
