//! What crhost pushes from a source, against what skopeo copies from it.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::case::Case;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::{self, Finished};
use crate::support::programs::registry::Registry;

/// Pushes once, as `push` says: from `source`, through standard input if `input`, to be refused with the words of
/// `refused`. Unless `skopeo` is `false`, because skopeo has no such form or fails, it copies from there too, and the
/// images have to be the same.
#[track_caller]
pub(super) fn judge(home: &Home, registry: &Registry, case: &Case, file: &Path, (number, push): (usize, &Value)) {
    let source =
        push["source"].as_str().unwrap_or(if case.is_layout() { "oci:{file}" } else { "docker-archive:{file}" });
    let source = source.replace("{file}", file.to_str().unwrap());
    let name = |by: &str| format!("{by}/{}-{number}:v1", case.name());
    let as_name = name("crhost");
    let arguments = ["push", &source, "--flavor", "default", "--uri", registry.host(), "--as", &as_name, "--quiet"];
    let crhost = home.command(&arguments);
    let pushed = process::run(&mut if push["input"] == true { with_input(&crhost, file) } else { crhost });
    if let Some(words) = push["refused"].as_str() {
        assert_refused(&pushed, words);
        return;
    }
    let pushed = pushed.ok();
    let [ours, theirs] = ["crhost", "skopeo"].map(|by| format!("{}/{}", registry.host(), name(by)));
    let digest_of_ours = pushed.stdout.trim().rsplit_once('@').unwrap().1.to_owned();
    if push["skopeo"] == false {
        assert_eq!(skopeo::digest(registry.access(), &ours), digest_of_ours);
        return;
    }
    let mut copy = Command::new("skopeo");
    copy.args(["--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false", "--dest-no-creds", &source]);
    process::run(copy.arg(format!("docker://{theirs}"))).ok();
    if skopeo::digest(registry.access(), &theirs) == digest_of_ours {
        return;
    }
    // Compressed by another program, so that only the content is the same.
    let [ours, theirs] = [ours, theirs].map(|name| skopeo::pull(registry.access(), &name));
    assert_eq!((ours.config_digest, ours.diff_ids), (theirs.config_digest, theirs.diff_ids), "{source}");
}

#[track_caller]
fn assert_refused(pushed: &Finished, words: &str) {
    assert!(matches!(pushed.code, Some(1..=8)), "{pushed}");
    assert!(pushed.stderr.contains(words), "it does not say `{words}`{pushed}");
    assert!(pushed.stderr.contains("hint: ") && !pushed.stderr.contains("os error"), "{pushed}");
}

/// The same program, whose standard input is a pipe from a file.
fn with_input(command: &Command, file: &Path) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "file=$1; shift; cat \"$file\" | \"$@\"", "sh"]).arg(file);
    shell.arg(command.get_program()).args(command.get_args()).env_clear();
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(command.get_current_dir().unwrap());
    shell
}
