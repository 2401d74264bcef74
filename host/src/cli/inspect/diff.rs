//! `crhost diff`.

use clap::Args;
use indicatif::HumanBytes;

use super::documents::subject_help;
use super::tools::{InsecureArgument, Tools};
use crate::cli::context::Context;
use crate::cli::daemon::DaemonArguments;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::image::Platform;
use crate::inspect::{Change, Difference, State, Subject, Value, diff};

const HELP: &str = "\
The exit code is 0 if nothing differs and 1 if something does, as that of the program diff. Times of files are not compared: a build that changes nothing else changes them all.

Examples:
  What a push would change:
    crhost diff prod/train:v3 docker-daemon:train:v4
  Settings and layers alone, without reading layers:
    crhost diff prod/train:v3 prod/train:v4 --no-files

What a team's file would change in what is registered: `crhost apply --dry-run --exit-code`.";

#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct Arguments {
    #[arg(value_name = "REF", help = subject_help!())]
    from: Subject,

    /// The image that is compared with it, named in the same ways
    #[arg(value_name = "REF")]
    to: Subject,

    /// Which image of each index; without it, this machine's, or the only one
    #[arg(long)]
    platform: Option<Platform>,

    /// Compare settings and layers alone: no layer is read
    #[arg(long)]
    no_files: bool,

    #[command(flatten)]
    daemon: DaemonArguments,

    #[command(flatten)]
    insecure: InsecureArgument,
}

/// Runs the command.
pub(in crate::cli) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { from, to, platform, no_files, daemon, insecure } = arguments;
    let tools = Tools::open(context, insecure)?.with_daemon(daemon);
    let services = tools.services(context);
    let inspector = tools.inspector(&services);
    let mut from = inspector.open(&from, platform.as_ref()).await?;
    let mut to = inspector.open(&to, platform.as_ref()).await?;
    let difference = diff(&mut from, &mut to, platform.as_ref(), !no_files).await?;
    if context.is_json() {
        output::print_json(&difference);
    } else {
        show(&difference);
    }
    match difference.same {
        true => Ok(()),
        false => Err(Failure::found("the images differ")),
    }
}

fn show(difference: &Difference) {
    let Difference { settings, env, labels, annotations, layers, files, .. } = difference;
    if difference.same {
        return output::say_line("nothing differs");
    }
    let all = [("Settings", settings), ("Environment", env), ("Labels", labels), ("Annotations", annotations)];
    for (name, values) in all.into_iter().filter(|(_, values)| !values.is_empty()) {
        output::print_lines([format!("{name}:")]);
        output::print_lines(values.iter().flat_map(lines));
    }
    if !(layers.added.is_empty() && layers.removed.is_empty()) {
        let size = layers.shared.iter().filter_map(|layer| layer.size).fold(0, u64::saturating_add);
        output::print_lines([format!("Layers: {} shared ({})", layers.shared.len(), HumanBytes(size))]);
        for (sign, list) in [('-', &layers.removed), ('+', &layers.added)] {
            output::print_lines(list.iter().map(|layer| {
                let size = layer.size.map(|size| format!(" {}", HumanBytes(size))).unwrap_or_default();
                format!("  {sign} {}{size}", layer.digest)
            }));
        }
    }
    if let Some(files) = files {
        let count = files.added.len() + files.removed.len() + files.changed.len();
        if count > 0 {
            output::print_lines(["Files:"]);
        }
        output::print_lines(files.removed.iter().map(|change| format!("  - {}", side(change, change.from.as_ref()))));
        output::print_lines(files.added.iter().map(|change| format!("  + {}", side(change, change.to.as_ref()))));
        output::print_lines(files.changed.iter().map(changed));
    }
}

/// The lines of a value that differs.
fn lines(value: &Value) -> Vec<String> {
    let Value { name, from, to } = value;
    let line = |sign: char, value: &Option<String>| value.as_ref().map(|value| format!("  {sign} {name}={value}"));
    line('-', from).into_iter().chain(line('+', to)).collect()
}

/// A file that one side has.
fn side(change: &Change, state: Option<&State>) -> String {
    let size = state.filter(|state| state.size > 0).map(|state| format!(" ({})", HumanBytes(state.size)));
    format!("{}{}", change.name, size.unwrap_or_default())
}

/// A file that both sides have.
fn changed(change: &Change) -> String {
    let (Some(from), Some(to)) = (&change.from, &change.to) else { return format!("  ~ {}", change.name) };
    let told: Vec<String> = from
        .differences(to)
        .into_iter()
        .map(|what| match what {
            "mode" => format!("mode {} → {}", from.mode, to.mode),
            "owner" => format!("owner {}:{} → {}:{}", from.uid, from.gid, to.uid, to.gid),
            "content" if from.size != to.size => format!("content {} → {}", HumanBytes(from.size), HumanBytes(to.size)),
            what => what.to_owned(),
        })
        .collect();
    format!("  ~ {} ({})", change.name, told.join(", "))
}
