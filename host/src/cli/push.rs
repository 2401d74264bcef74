//! `crhost push`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::context::Context;
use super::failure::Failure;
use super::result_file::ResultFile;
use super::{output, progress};
use crate::catalog::Catalog;
use crate::distribution::{Client, ClientOptions};
use crate::docker::Configuration;
use crate::environment::Environment;
use crate::image::{Platform, Repository, Tag};
use crate::push::{Compression, Outcome, Pushed, PushedLayer, Pusher, Request};
use crate::source::{Location, Options};
use crate::store::Name;

const EXAMPLES: &str = "\
Examples:
  crhost push registry.example.com/acme/train:v3    # from the Docker daemon; its name finds the registry
  crhost push train:v3 --to prod                    # below the URI of registry `prod`
  crhost push oci:./layout:v3 --to prod --as train  # an OCI layout folder
  crhost push docker-archive:./train.tar --to prod  # what `docker save` wrote, plain or gzip";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// NAME of an image in the Docker daemon, oci:FOLDER[:REFERENCE] or docker-archive:FILE[:NAME]
    source: Location,

    /// The registry, by the name that it was registered under
    #[arg(long, value_name = "REGISTRY")]
    to: Option<Name>,

    /// What the image is called below the registry's URI
    #[arg(long = "as", value_name = "REPOSITORY[:TAG]", value_parser = named)]
    named: Option<(Repository, Option<Tag>)>,

    /// Which image of several, e.g. linux/arm64; without it, this machine's
    #[arg(long, env = "DOCKER_DEFAULT_PLATFORM")]
    platform: Option<Platform>,

    /// Push the index of an OCI layout with all that it names, whatever platform is chosen
    #[arg(long)]
    all_platforms: bool,

    /// Take an image of the Docker daemon as its export, even where the daemon's own store could be read, which is faster
    #[arg(long, env = "CRHOST_DAEMON_EXPORT", value_parser = clap::builder::FalseyValueParser::new())]
    daemon_export: bool,

    /// A further tag for the image in the same repository; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<Tag>,

    /// Send nothing where the tag has this very image already, even if another program compressed it differently
    #[arg(long)]
    if_changed: bool,

    /// Write the manifest's digest to a file
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    digest_file: Option<PathBuf>,

    /// Write what was pushed to a file, as `docker buildx build` does
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    metadata_file: Option<PathBuf>,

    /// Do everything but upload; what an option of the registry has its flavor create is created
    #[arg(long)]
    dry_run: bool,

    /// Allow plain HTTP to a registry that is not on this machine
    #[arg(long, env = "CRHOST_INSECURE", value_parser = clap::builder::FalseyValueParser::new())]
    insecure: bool,

    /// Layers that are sent at once; without it, many small ones and few large ones
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64), env = "CRHOST_JOBS")]
    jobs: Option<u8>,

    /// Seconds after which the push is given up, whatever it has come to; without it, it may take as long as bytes move
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..), env = "CRHOST_TIMEOUT")]
    timeout: Option<u64>,

    /// Seconds without a byte of either side after which a request is given up and made again
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600), env = "CRHOST_IDLE_TIMEOUT")]
    idle_timeout: u64,

    /// gzip[:1-12], zstd[:1-19] or none, for layers that their source does not have compressed; gzip:1 is an encoder made for
    /// speed, the other levels are libdeflate's
    #[arg(long, value_name = "METHOD[:LEVEL]", default_value_t)]
    compression: Compression,

    /// How the push is shown while it works, on standard error
    #[arg(long, value_enum, default_value_t, env = "CRHOST_PROGRESS")]
    progress: progress::Form,

    /// Show nothing but the pushed image's name and digest
    #[arg(short, long, conflicts_with = "progress")]
    quiet: bool,
}

fn named(text: &str) -> Result<(Repository, Option<Tag>), crate::image::ReferenceError> {
    match text.rsplit_once(':') {
        Some((repository, tag)) => Ok((repository.parse()?, Some(tag.parse()?))),
        None => Ok((text.parse()?, None)),
    }
}

pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let files = Files::prepare(&arguments)?;
    let (store, runtime) = (Context::store()?, Context::runtime()?);
    let idle_timeout = Duration::from_secs(arguments.idle_timeout);
    let options = ClientOptions { insecure: arguments.insecure, idle_timeout, ..ClientOptions::default() };
    let environment = Environment::of_this_process();
    let pusher = Pusher {
        store: &store,
        catalog: Catalog::new(&runtime, &store),
        client: Client::new(options)?,
        docker: Configuration::load(&environment)?,
        environment: &environment,
        progress: if arguments.quiet { progress::Form::None } else { arguments.progress }.start(),
    };
    let request = Request {
        location: arguments.source,
        to: arguments.to,
        named: arguments.named,
        source: Options {
            platform: arguments.platform,
            all_platforms: arguments.all_platforms,
            export_only: arguments.daemon_export,
        },
        tags: arguments.tags,
        if_changed: arguments.if_changed,
        dry_run: arguments.dry_run,
        timeout: arguments.timeout.map(Duration::from_secs),
        jobs: arguments.jobs.map(usize::from),
        compression: arguments.compression,
    };
    let pushed = pusher.push(request, super::interrupted(1)).await?;
    files.write(&pushed)?;
    if context.is_json() {
        output::print_json(&Report::new(&pushed))
    } else {
        show(&pushed, arguments.quiet)
    }
    Ok(())
}

/// The files that a user wants to have of a push.
struct Files {
    digest: Option<ResultFile>,
    metadata: Option<ResultFile>,
}

impl Files {
    /// A file that can't be written is found out before anything is pushed.
    fn prepare(arguments: &Arguments) -> Result<Self, Failure> {
        let prepare = |file: &Option<PathBuf>| file.as_deref().map(ResultFile::prepare).transpose();
        Ok(Self { digest: prepare(&arguments.digest_file)?, metadata: prepare(&arguments.metadata_file)? })
    }

    fn write(self, pushed: &Pushed) -> Result<(), Failure> {
        // Only a dry run, which takes no files, may end without these.
        let (Some(digest), Some((size, config))) = (&pushed.digest, &pushed.manifest) else { return Ok(()) };
        if let Some(file) = self.digest {
            file.write(digest.as_str())?;
        }
        if let Some(file) = self.metadata {
            let name = pushed.target.image.name();
            let names: Vec<String> = pushed.tags.iter().map(|tag| format!("{name}:{tag}")).collect();
            let mut metadata = json!({
                "containerimage.descriptor": { "mediaType": pushed.media_type, "digest": digest, "size": size },
                "containerimage.digest": digest,
                "image.name": names.join(","),
            });
            if let (Some(config), Some(members)) = (config, metadata.as_object_mut()) {
                members.insert("containerimage.config.digest".to_owned(), json!(config));
            }
            file.write(&format!("{metadata:#}\n"))?;
        }
        Ok(())
    }
}

fn show(pushed: &Pushed, quiet: bool) {
    if pushed.dry_run && !quiet {
        for PushedLayer { digest, outcome, .. } in &pushed.layers {
            output::say_line(&format!("{digest} {}", word(*outcome)));
        }
        output::say_line("dry run: nothing was uploaded");
    }
    let image = &pushed.target.image;
    match &pushed.digest {
        Some(digest) => output::print(&format!("{}@{digest}", image.name())),
        None => output::print(&image.to_string()),
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Uploaded => "uploaded",
        Outcome::Present => "present",
        Outcome::Mounted => "mounted",
        Outcome::Foreign => "foreign",
        Outcome::Missing => "missing",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    name: String,
    tag: Option<String>,
    tags: Vec<String>,
    digest: Option<String>,
    registry: String,
    media_type: String,
    unchanged: bool,
    dry_run: bool,
    layers: Vec<Layer>,
}

#[derive(Serialize)]
struct Layer {
    digest: String,
    size: Option<u64>,
    uploaded: bool,
    outcome: &'static str,
}

impl Report {
    fn new(pushed: &Pushed) -> Self {
        let image = &pushed.target.image;
        Self {
            name: image.name(),
            tag: image.tag().map(ToString::to_string),
            tags: pushed.tags.iter().map(ToString::to_string).collect(),
            digest: pushed.digest.as_ref().map(ToString::to_string),
            registry: pushed.target.registry.name.to_string(),
            media_type: pushed.media_type.clone(),
            unchanged: pushed.unchanged,
            dry_run: pushed.dry_run,
            layers: pushed.layers.iter().map(Layer::new).collect(),
        }
    }
}

impl Layer {
    fn new(layer: &PushedLayer) -> Self {
        Self {
            digest: layer.digest.to_string(),
            size: layer.size,
            uploaded: layer.outcome == Outcome::Uploaded,
            outcome: word(layer.outcome),
        }
    }
}
