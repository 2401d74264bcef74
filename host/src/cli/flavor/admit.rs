//! Registers a component: shows what it is and changes, asks for consent, and stops where registries would break.

use clap::Args;

use super::super::failure::Failure;
use super::super::grant::GrantArgs;
use super::super::{output, terminal};
use super::consent::{Given, accepted, consent, warn_of_denied, written};
use super::{origin, plan};
use crate::catalog::{Candidate, Catalog, Changes, Component, Consent};
use crate::connector::of_lost_methods;
use crate::error::Kind;
use crate::flavor::{Description, Flavor};
use crate::registry::{self, Misfit};
use crate::store::{Added, FlavorRecord};
use crate::text::{Escaped, quoted};

/// What a user decides beforehand about a component that is registered.
#[derive(Debug, Clone, Args)]
pub(super) struct Terms {
    /// Take the place of the registered one also where this is an older version, has other bytes under the same
    /// version, or is no longer fit for a registry or connector that is registered
    #[arg(long, visible_alias = "replace")]
    pub(super) force: bool,
    /// Grant all ordinary operations that it asks for, without a question
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    grants: GrantArgs,
    /// Accept an operation that sends a secret at a place that no standard defines for it, by its name
    /// `TYPE/METHOD/OPERATION`
    #[arg(long, value_name = "OPERATION")]
    allow_operation: Vec<String>,
}

/// A component that was registered.
pub(super) struct Admitted {
    /// Its record.
    pub(super) record: FlavorRecord,
    /// What became of it.
    pub(super) added: Added,
    /// What it changed of the one before it.
    pub(super) changes: Option<Changes>,
}

/// A component that is about to be registered.
pub(super) struct Admission<'a> {
    catalog: &'a Catalog<'a>,
    /// The component, and the one whose place it takes.
    pub(super) candidate: Candidate,
    terms: Terms,
}

impl<'a> Admission<'a> {
    /// Examines a component, and refuses one that may not take the place of the registered one.
    pub(super) async fn begin(catalog: &'a Catalog<'a>, component: Component, terms: Terms) -> Result<Self, Failure> {
        let candidate = catalog.inspect(component, terms.force).await?;
        Ok(Self { catalog, candidate, terms })
    }

    /// Shows what would be registered, and tells, or refuses, what would no longer work with it.
    pub(super) async fn plan(&self) -> Result<(), Failure> {
        let kept = if self.names_anew() { Vec::new() } else { written(&self.candidate) };
        let Candidate { flavor, record, before, .. } = &self.candidate;
        let broken = match self.candidate.is_unchanged() {
            true => Vec::new(),
            false => broken(self.catalog, before.as_ref(), flavor).await?,
        };
        if !self.terms.force {
            ensure_none(&record.name, &record.version, &broken)?;
        }
        // With JSON, standard error is for one error object, unless there is a terminal with a question to explain.
        if !output::is_json() || terminal::is_interactive() {
            plan::show(&self.candidate, &kept, !self.names_anew());
        }
        broken.iter().for_each(|broken| broken.warn(&record.name));
        Ok(())
    }

    /// Whether the user names the hosts of a new component: they replace those that the user wrote for the old one, and
    /// those for single registries.
    fn names_anew(&self) -> bool {
        !self.terms.yes && !self.terms.grants.is_empty() && !self.candidate.is_unchanged()
    }

    /// Asks for consent, and registers the component.
    pub(super) async fn finish(self) -> Result<Admitted, Failure> {
        let names_anew = self.names_anew();
        let kept = if names_anew { Vec::new() } else { written(&self.candidate) };
        let Self { catalog, candidate, terms: Terms { yes, grants, allow_operation, .. } } = self;
        let description = candidate.flavor.description();
        let accepted = accepted(description, allow_operation)?;
        let given = Given { yes, grants: grants.grants(description)?, accepted };
        let consent = Consent { keep_registry_grants: !names_anew, ..consent(&candidate, given, kept).await? };
        let added = catalog.register(&candidate, &consent)?;
        if added != Added::Unchanged {
            warn_of_denied(description, &consent);
        }
        if let Some((old, _)) = &candidate.registered {
            origin::tell_change(old, &candidate.record);
        }
        let changes = candidate.changes().filter(|_| added == Added::Replaced);
        Ok(Admitted { record: candidate.record, added, changes })
    }
}

/// Something registered that would not work with a flavor.
pub(super) struct Broken {
    /// What it is, such as ``registry `prod` ``.
    what: String,
    /// Why not.
    reason: Escaped,
    /// What mends it.
    mended_by: String,
}

/// The registries and connectors that would not work with this build of their flavor.
pub(super) async fn broken(
    catalog: &Catalog<'_>,
    before: Option<&Description>,
    flavor: &Flavor,
) -> Result<Vec<Broken>, Failure> {
    let of_registry = |Misfit { registry, reason }: Misfit| Broken {
        what: format!("registry `{registry}`"),
        reason: Escaped::of(reason),
        mended_by: format!("crhost registry update {registry}"),
    };
    let misfits = registry::misfits(catalog.store(), flavor).await?;
    let mut broken: Vec<Broken> = misfits.into_iter().map(of_registry).collect();
    if let Some(before) = before {
        broken.extend(of_lost_methods(catalog, before, flavor.description()).await?.into_iter().map(|connector| {
            let (name, kind, method) = (connector.name, connector.connector_type, connector.method);
            Broken {
                what: format!("connector `{name}`"),
                reason: format!("there is no auth method `{kind}/{method}` any more").into(),
                mended_by: format!("crhost connector update {name}"),
            }
        }));
    }
    Ok(broken)
}

impl Broken {
    /// Says of something that it works no more. The component is registered nevertheless: an author who tries builds
    /// mends the next one, and the registry stays as it is.
    fn warn(&self, flavor: &str) {
        let Self { what, reason, mended_by } = self;
        output::say("warning", &format!("{what} does not work with this `{flavor}`: {reason}"));
        output::say("hint", &format!("`{mended_by}` or a register of the other build mends it"));
    }
}

/// Refuses a flavor that something registered would not work with.
pub(super) fn ensure_none(flavor: &str, version: &str, broken: &[Broken]) -> Result<(), Failure> {
    let Some(first) = broken.first() else { return Ok(()) };
    let reasons: Vec<String> = broken.iter().map(|Broken { what, reason, .. }| format!("{what}: {reason}")).collect();
    let message = format!("flavor `{flavor}` {version} would not work any more with {}", reasons.join("; "));
    let hint = format!("change it first, with `{}`; `--force` goes on all the same", first.mended_by);
    Err(Failure::new(Kind::Conflict, message, hint))
}

/// The line that says what became of a component.
pub(super) fn tell(record: &FlavorRecord, added: Added) {
    let done = match added {
        Added::New => "registered",
        Added::Unchanged => "already registered:",
        Added::Replaced => "replaced",
    };
    let FlavorRecord { name, version, digest, .. } = record;
    output::say_line(&format!("{done} flavor `{name}` {version} ({digest})"));
}

/// Says which key signed a component.
pub(super) fn tell_signer(signed_by: Option<&crate::image::Digest>) {
    if let Some(key) = signed_by
        && !output::is_json()
    {
        output::say_line(&format!("{:16}signed by key {key}", "Signature"));
    }
}

/// Refuses a component that calls itself otherwise than the flavor whose next version it should be.
pub(super) fn ensure_name(candidate: &Candidate, expected: &str) -> Result<(), Failure> {
    let FlavorRecord { name, origin, .. } = &candidate.record;
    match name == expected {
        true => Ok(()),
        false => {
            let message = format!("`{origin}` is flavor `{name}` now, expected {}", quoted([expected]));
            let hint = format!("`crhost flavor register {origin}` registers it beside the other one, if it is meant");
            Err(Failure::new(Kind::Conflict, message, hint))
        }
    }
}
