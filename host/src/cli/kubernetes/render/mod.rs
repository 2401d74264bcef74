//! `crhost kubernetes render`.

mod called;
mod files;
mod variables;

use std::num::NonZeroU32;

use clap::Args;
use serde_json::{Value, json};

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output::{self, Format};
use super::deliver::yaml;
use crate::environment::{EnvVars, Environment};
use crate::error::Kind;
use crate::image::Reference;
use crate::kubernetes::{
    Directory, HANDED_ON, Job, Mount, Mounted, Namespace, ObjectName, Quantity, Runs, Schedule, SecretKey, Server,
    TOKEN_FILE, Variable, Workload, WorkloadName,
};
use crate::server_client::ServerClient;
pub(in crate::cli) use called::Parse;
use called::{Called, What};

const EXAMPLES: &str = "\
Examples:
  A server with two pods, its database and its key from a Secret:
    crhost kubernetes render --image tools/crhost:0.1.0 \\
      --secret-env CRHOST_DATABASE=crhost/database \\
      --secret-dir crhost=/key --secret-dir crhost-tls=/tls \\
      server --rules rules.toml --key-file /key/key \\
      --tls-cert /tls/tls.crt --tls-key /tls/tls.key
  A push without a secret, by that server:
    crhost kubernetes render --image tools/crhost:0.1.0 \\
      --server https://crhost.team.svc --claim build=/build \\
      push oci:/build/layout:v3 --to prod --as train:v3
  Mirrors in eight parts, each night:
    crhost kubernetes render --image tools/crhost:0.1.0 \\
      --schedule '0 3 * * *' --shards 8 \\
      sync mirror.yaml --config crhost.toml
  Delete old images on Sundays:
    crhost kubernetes render --image tools/crhost:0.1.0 \\
      --schedule '0 4 * * 0' --delete \\
      prune prod --keep 10 --older-than 30d --config crhost.toml";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// Image that has crhost
    #[arg(long, value_name = "IMAGE", value_parser = image)]
    image: String,
    /// Namespace of the objects; without it, that of whoever applies them
    #[arg(short, long)]
    namespace: Option<Namespace>,
    /// Name of the objects; without it, `crhost-COMMAND`, and `crhost` for the server
    #[arg(long)]
    name: Option<WorkloadName>,
    /// Run it at these times, as cron has them, such as `0 3 * * *`
    #[arg(long, value_name = "TIMES")]
    schedule: Option<Schedule>,
    /// Run it in so many pods, of which each does its part: `--shard job/N` of the command
    #[arg(long, value_name = "N")]
    shards: Option<NonZeroU32>,
    /// Number of pods of the server
    #[arg(long, value_name = "N", default_value = "2")]
    replicas: NonZeroU32,
    /// Carry out the plan that `prune` makes, instead of showing it
    #[arg(long)]
    delete: bool,
    /// The crhost server that gives the pod logins, for a token of its service account
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Audience of that token; without it, the server's URL. Without a server, connectors of `--config` can use the
    /// token: `id-token-from = "file:/var/run/secrets/crhost/token"`
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<String>,
    /// A service account that exists; without it, one of its own without rights
    #[arg(long, value_name = "NAME")]
    service_account: Option<ObjectName>,
    /// A variable that is no secret; may be given several times
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variables::plain)]
    plain: Vec<(String, String)>,
    /// A variable with the value of a Secret's key; may be given several times
    #[arg(long, value_name = "NAME=SECRET/KEY", value_parser = variables::of_secret)]
    secret_env: Vec<(String, SecretKey)>,
    /// Mount a Secret, a file for each of its keys; may be given several times
    #[arg(long, value_name = "SECRET=DIRECTORY", value_parser = variables::mount)]
    secret_dir: Vec<(ObjectName, Directory)>,
    /// Mount the volume of a PersistentVolumeClaim, to read from; may be given several times
    #[arg(long, value_name = "CLAIM=DIRECTORY", value_parser = variables::mount)]
    claim: Vec<(ObjectName, Directory)>,
    /// Processor time of a pod, as Kubernetes has it
    #[arg(long, value_name = "AMOUNT", default_value = "100m")]
    cpu: Quantity,
    /// Memory of a pod, as Kubernetes has it
    #[arg(long, value_name = "AMOUNT", default_value = "512Mi")]
    memory: Quantity,
    /// `push`, `copy`, `sync`, `prune` or `server` with its own arguments. Files that it names by relative paths (a
    /// mirror file, `--config`, `--rules`, a key of a service) go into a ConfigMap; absolute paths are those of the pod
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

/// An image as it is written into manifests.
fn image(text: &str) -> Result<String, String> {
    text.parse::<Reference>().map(|_| text.to_owned()).map_err(|error| error.to_string())
}

/// Prints the manifests: YAML documents, or a list in JSON.
pub(super) fn run(context: &Context, arguments: Arguments, parse: Parse) -> Result<(), Failure> {
    let Some(called) = Called::read(&arguments.command, arguments.shards, parse)? else { return Ok(()) };
    let manifests = workload(arguments, called)?.manifests();
    let text = match context.format {
        // Made of texts and numbers, which JSON can always represent.
        Format::Json => {
            let list = json!({"apiVersion": "v1", "kind": "List", "items": manifests});
            serde_json::to_string_pretty(&list).unwrap_or_default()
        }
        Format::Name => manifests.iter().map(object_name).collect::<Vec<_>>().join("\n"),
        Format::Table => {
            let documents = manifests.iter().map(yaml).collect::<Result<Vec<_>, _>>()?;
            documents.iter().map(|document| format!("---\n{document}")).collect::<Vec<_>>().join("\n")
        }
    };
    output::print_document(format!("{text}\n").as_bytes());
    Ok(())
}

/// An object's name, as `kubectl -o name` has it, without the group of its kind.
fn object_name(manifest: &Value) -> String {
    let text = |pointer| manifest.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    format!("{}/{}", text("/kind").to_ascii_lowercase(), text("/metadata/name"))
}

fn workload(arguments: Arguments, called: Called) -> Result<Workload, Failure> {
    let mut variables = variables::checked(&arguments.plain, arguments.secret_env)?;
    let mut audience = arguments.audience;
    if let Some(server) = arguments.server {
        let url = server.trim_end_matches('/').to_owned();
        // The pod would refuse another URL.
        ServerClient::of(&Environment::default().with(EnvVars::CRHOST_SERVER, url.as_str()))?;
        let token_from = format!("file:{TOKEN_FILE}");
        variables.push(Variable::Plain(EnvVars::CRHOST_SERVER.to_owned(), url.clone()));
        variables.push(Variable::Plain(EnvVars::CRHOST_SERVER_TOKEN.to_owned(), token_from));
        if let Some(audience) = &audience {
            variables.push(Variable::Plain(EnvVars::CRHOST_SERVER_AUDIENCE.to_owned(), audience.clone()));
        }
        audience.get_or_insert(url);
    }
    let files = files::read(&called)?;
    let name = match arguments.name {
        Some(name) => name,
        // A word in lower case.
        None => called.usual_name().parse().map_err(|error| Failure::general(format!("{error}")))?,
    };
    let of_secret = |(secret, at)| Mount { of: Mounted::Secret(secret), at };
    let of_claim = |(claim, at)| Mount { of: Mounted::Claim(claim), at };
    let mounts = arguments.secret_dir.into_iter().map(of_secret);
    let mounts = mounts.chain(arguments.claim.into_iter().map(of_claim)).collect();
    variables::check_registries(&called, &variables)?;
    let (runs, words) = match called.what {
        What::Server { port, is_tls } if arguments.schedule.is_none() && !arguments.delete => {
            (Runs::Server(Server { replicas: arguments.replicas, port, is_tls }), called.words)
        }
        What::Server { .. } => return Err(unfit("a server runs for ever", "leave out `--schedule` and `--delete`")),
        What::Work { shards, is_plan } => {
            let (before, words) = match (arguments.delete, is_plan) {
                (false, _) => (None, called.words),
                (true, true) => deleting(called.words, called.config.as_deref(), &mut variables),
                (true, false) => {
                    return Err(unfit("only a plan of `prune` can be carried out", "leave out `--delete` or `--plan`"));
                }
            };
            (Runs::Job(Job { schedule: arguments.schedule, shards, before }), words)
        }
    };
    Ok(Workload {
        name,
        namespace: arguments.namespace,
        image: arguments.image,
        account: arguments.service_account,
        words,
        files,
        variables,
        mounts,
        audience,
        cpu: arguments.cpu,
        memory: arguments.memory,
        runs,
    })
}

/// The words that make a plan, and those that carry it out, which need the configuration file, too.
fn deleting(
    mut plan: Vec<String>,
    config: Option<&str>,
    variables: &mut Vec<Variable>,
) -> (Option<Vec<String>>, Vec<String>) {
    let file = format!("{HANDED_ON}/plan.json");
    if let Some(config) = config {
        variables.push(Variable::Plain(EnvVars::CRHOST_CONFIG.to_owned(), config.to_owned()));
    }
    let mut apply: Vec<String> = ["prune", "--apply", &file, "--yes"].map(str::to_owned).into();
    apply.extend(plan.iter().filter(|word| *word == "--insecure").cloned());
    plan.push(format!("--plan={file}"));
    (Some(plan), apply)
}

fn unfit(message: &'static str, hint: &'static str) -> Failure {
    Failure::new(Kind::Usage, message, hint)
}
