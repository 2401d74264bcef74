//! One push, and what came of it.

use std::io::Read as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::client::{Client, Stage};
use crate::failure::{Failure, Result};
use crate::fake::{Fake, Record};
use crate::image::{self, Image, TAG};
use crate::quirk::{Behaviour, Expectation, Quirk};

/// How a push ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// Success was reported, and the image is there.
    Survived,
    /// A failure was reported.
    Failed,
    /// Success was reported, but the image isn't there, or the registry's lie was not noticed.
    Wrong,
    /// A secret was sent to another host or in clear.
    Leaked,
    /// Still running after [`LIMIT`].
    Hung,
}

/// A push that takes longer hangs: the quirks ask for waits of one second.
const LIMIT: Duration = Duration::from_secs(45);

/// One push with its circumstances.
#[derive(Clone, Serialize)]
pub(crate) struct Push {
    /// Ids of the quirks in force.
    pub(crate) quirks: Vec<String>,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// How long it took.
    pub(crate) seconds: f32,
    /// Last lines that the client wrote, and requests, where it did not survive.
    pub(crate) evidence: Vec<String>,
}

/// What the client has to make of these quirks together: the strictest. Where two or more break a rule, one may take
/// away the evidence by which the other is survived, so that a reported failure is right as well.
pub(crate) fn expectation(quirks: &[&Quirk]) -> Expectation {
    let strictest = quirks.iter().map(|quirk| quirk.expectation()).max().unwrap_or(Expectation::Push);
    let illegal = quirks.iter().filter(|quirk| !quirk.legal).count();
    if illegal > 1 { strictest.max(Expectation::Either) } else { strictest }
}

/// Whether that is what the client has to do.
pub(crate) fn accepted(outcome: Outcome, expectation: Expectation) -> bool {
    match expectation {
        Expectation::Push => outcome == Outcome::Survived,
        Expectation::Either => matches!(outcome, Outcome::Survived | Outcome::Failed),
        Expectation::Refuse => outcome == Outcome::Failed,
    }
}

/// Numbers images, so that none is pushed twice.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// Pushes a new image by the client to the fake of that number, which has these quirks.
///
/// # Errors
/// When the image can't be written or the client can't be started.
pub(crate) fn push(stage: &Stage, client: Client, number: usize, fake: &Fake, quirks: &[&Quirk]) -> Result<Push> {
    let image = Image::numbered(NUMBER.fetch_add(1, Ordering::Relaxed))?;
    image.write(&stage.layout(number))?;
    let behaviour = Behaviour::of(quirks);
    let tls = behaviour.transport.tls;
    fake.begin(behaviour);
    let start = Instant::now();
    let mut status = None;
    let mut said = String::new();
    for mut command in stage.push(client, number, fake, tls) {
        (status, said) = within_limit(&mut command)?;
        if status.is_none_or(|status| !status.success()) {
            break;
        }
    }
    let seconds = start.elapsed().as_secs_f32();
    let record = fake.end();
    let arrived = arrived(&image, &record, client == Client::Docker);
    let refuse = expectation(quirks) == Expectation::Refuse;
    let outcome = match status {
        _ if !record.leaks.is_empty() => Outcome::Leaked,
        None => Outcome::Hung,
        Some(status) if !status.success() => Outcome::Failed,
        Some(_) if !arrived || refuse => Outcome::Wrong,
        Some(_) => Outcome::Survived,
    };
    let mut evidence = Vec::new();
    if outcome != Outcome::Survived {
        evidence.extend(record.leaks.iter().cloned());
        evidence.extend(said.lines().rev().take(6).map(str::to_owned).collect::<Vec<_>>().into_iter().rev());
        evidence.extend(record.requests.iter().rev().take(14).rev().cloned());
    }
    Ok(Push { quirks: quirks.iter().map(|quirk| quirk.id.clone()).collect(), outcome, seconds, evidence })
}

/// Whether the registry has the image: byte for byte, or repacked where the client does that.
fn arrived(image: &Image, record: &Record, repacked: bool) -> bool {
    let blobs = &record.content.blobs;
    let Some((_, manifest)) = record.content.manifests.get(TAG) else { return false };
    let complete = image::configuration(manifest).is_some_and(|config| blobs.contains_key(&config))
        && image::layers(manifest).iter().all(|layer| blobs.contains_key(layer));
    if repacked {
        let config = image.blobs.first().map(|(digest, _)| digest.as_str());
        return complete && image::configuration(manifest).as_deref() == config;
    }
    complete && *manifest == image.manifest && image.blobs.iter().all(|(digest, blob)| blobs.get(digest) == Some(blob))
}

/// Runs it to its end, which has no status where it came too late; and what it wrote to standard error.
fn within_limit(command: &mut Command) -> Result<(Option<ExitStatus>, String)> {
    let name = command.get_program().display().to_string();
    let cannot = |error: std::io::Error| Failure::new(format!("cannot run `{name}`: {error}"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(cannot)?;
    let stderr = child.stderr.take();
    let reader = thread::spawn(move || {
        let mut bytes = Vec::new();
        // What could be read until then is enough to show.
        let _ = stderr.map(|mut pipe| pipe.read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let status = wait(&mut child).map_err(cannot)?;
    Ok((status, reader.join().unwrap_or_default()))
}

fn wait(child: &mut Child) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < LIMIT {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}
