//! `crhost flavor update`: flavors that came from a registry, to their newest release.

use clap::Args;
use semver::Version;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::inspect::{InsecureArgument, Tools};
use super::super::output;
use super::admit::{self, Admission, Admitted, Terms, ensure_name};
use super::origin::warn_of_move;
use crate::catalog::{BUILT_IN, Changes, remote_name};
use crate::components::{Fetched, Signers, Versions, fetch};
use crate::error::Kind;
use crate::image::{Digest, Reference};
use crate::inspect::Inspector;
use crate::registry::RemoteName;
use crate::store::{Added, FlavorRecord};

/// The arguments of the command.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The flavor's name; without it, all that came from a registry
    name: Option<String>,
    /// The version, which may be a pre-release, and with `--force` an older one; without it, the newest release
    #[arg(long, value_name = "VERSION", requires = "name")]
    to: Option<Version>,
    /// Show what it would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    terms: Terms,
    #[command(flatten)]
    insecure: InsecureArgument,
}

/// What became of flavors.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Updates {
    /// By name.
    flavors: Vec<Update>,
}

/// What became of a flavor.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct Update {
    /// Its name.
    name: String,
    /// What became of it.
    outcome: Outcome,
    /// The version that was registered.
    from: String,
    /// The version that is registered now, or would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    /// The digest of that version's component.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    /// Where that version is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    /// What that version changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Changes>,
    /// Why it stayed as it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// What became of a flavor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    /// Another version took its place.
    Updated,
    /// There is a newer version, and it was only looked at.
    Available,
    /// It is the newest release already.
    Current,
    /// It stayed as it was for a failure.
    Failed,
}

/// What all updates of one run have in common.
struct Run<'a> {
    inspector: Inspector<'a>,
    signers: Signers,
    terms: Terms,
    to: Option<Version>,
    dry_run: bool,
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { name, to, dry_run, terms, insecure } = arguments;
    let tools = Tools::open(context, insecure)?;
    let services = tools.services(context);
    let signers = Signers::of(services.store, None)?;
    let run = Run { inspector: tools.inspector(&services), signers, terms, to, dry_run };
    let mut flavors = Vec::new();
    let mut failures: Vec<(String, Failure)> = Vec::new();
    match name {
        Some(name) => {
            let record = services.catalog.entry(&name).await?.record;
            flavors.push(run.update(&record, origin(&record)?).await?);
        }
        None => {
            for record in services.store.flavors()? {
                let Ok(origin) = origin(&record) else { continue };
                match run.update(&record, origin).await {
                    Ok(update) => flavors.push(update),
                    // The others are updated all the same.
                    Err(failure) => {
                        let error = Some(failure.words().0.to_owned());
                        flavors.push(Update { error, ..Update::new(&record, Outcome::Failed) });
                        failures.push((record.name, failure));
                    }
                }
            }
        }
    }
    let failed = failures.first().map(|(_, failure)| {
        let reason = |(name, failure): &(String, Failure)| format!("`{name}`: {}", failure.words().0);
        let reasons: Vec<String> = failures.iter().map(reason).collect();
        let (number, hint) = (flavors.len(), failure.words().1.unwrap_or("`-v` tells more"));
        let message = format!("{} of {number} flavors stayed as they were: {}", failures.len(), reasons.join("; "));
        Failure::new(failure.kind(), message, hint)
    });
    match (context.is_json(), flavors.is_empty()) {
        (true, _) => output::print_json(&Updates { flavors }),
        (false, true) => output::say_line("no registered flavor came from a registry"),
        (false, false) => flavors.iter().for_each(Update::tell),
    }
    failed.map_or(Ok(()), Err)
}

/// The artifact that a flavor came from.
fn origin(record: &FlavorRecord) -> Result<Reference, Failure> {
    let FlavorRecord { name, origin, .. } = record;
    match remote_name(origin).and_then(|text| text.parse().ok()) {
        Some(reference) => Ok(reference),
        None if origin == BUILT_IN => {
            let message = format!("`{name}` is a built-in flavor, which has the version of crhost");
            Err(Failure::new(Kind::Conflict, message, "update crhost"))
        }
        None => {
            let message = format!("flavor `{name}` is from `{origin}`, and not from a registry");
            let hint = "`crhost flavor register` takes a new build from its file, or one from a registry by `oci://`";
            Err(Failure::new(Kind::Usage, message, hint))
        }
    }
}

impl Run<'_> {
    /// Updates one flavor.
    async fn update(&self, record: &FlavorRecord, origin: Reference) -> Result<Update, Failure> {
        let repository: RemoteName = origin.name().parse()?;
        let mut versions = Versions::open(&self.inspector, &repository).await?;
        let found = match &self.to {
            Some(version) => versions.named(version).await?,
            None => versions.newest().await?,
        };
        let is_newer = Version::parse(&record.version).is_ok_and(|own| found.version.cmp_precedence(&own).is_gt());
        if self.to.is_none() && !is_newer {
            if let (Some(tag), Some(pinned)) = (origin.tag(), origin.digest()) {
                let now = versions.digest(tag).await?;
                warn_of_move(&origin, pinned, now.as_ref());
            }
            return Ok(Update::new(record, Outcome::Current));
        }
        let name: RemoteName = format!("{}:{}", origin.name(), found.tag).parse()?;
        let Fetched { component, signed_by } = fetch(&self.inspector, &name, &self.signers).await?;
        let (catalog, terms) = (&self.inspector.services.catalog, self.terms.clone());
        let admission = Admission::begin(catalog, component, terms).await?;
        ensure_name(&admission.candidate, &record.name)?;
        if admission.candidate.is_unchanged() {
            return Ok(Update::new(record, Outcome::Current));
        }
        admission.plan().await?;
        admit::tell_signer(signed_by.as_ref());
        if self.dry_run {
            let changes = admission.candidate.changes();
            return Ok(Update::new(record, Outcome::Available).of(&admission.candidate.record, changes));
        }
        let Admitted { record: new, added, changes } = admission.finish().await?;
        let outcome = if added == Added::Unchanged { Outcome::Current } else { Outcome::Updated };
        Ok(Update::new(record, outcome).of(&new, changes))
    }
}

impl Update {
    fn new(record: &FlavorRecord, outcome: Outcome) -> Self {
        let (name, from) = (record.name.clone(), record.version.clone());
        Self { name, outcome, from, to: None, digest: None, origin: None, changes: None, error: None }
    }

    /// The same, with the version that takes its place.
    fn of(self, new: &FlavorRecord, changes: Option<Changes>) -> Self {
        let (to, digest, origin) = (new.version.clone(), new.digest.clone(), new.origin.clone());
        Self { to: Some(to), digest: Some(digest), origin: Some(origin), changes, ..self }
    }

    fn tell(&self) {
        let Self { name, from, .. } = self;
        let to = self.to.as_deref().unwrap_or_default();
        match self.outcome {
            Outcome::Updated => output::say_line(&format!(
                "updated flavor `{name}` from {from} to {to}; `crhost flavor rollback {name}` takes it back"
            )),
            Outcome::Available => output::say_line(&format!("flavor `{name}` {from} could be updated to {to}")),
            Outcome::Current => output::say_line(&format!("flavor `{name}` {from} is the newest release")),
            Outcome::Failed => {}
        }
    }
}
