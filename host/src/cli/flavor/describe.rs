//! `crhost flavor describe`: a flavor's description, its grants and their reasons, and its last runs.

use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::operations;
use crate::catalog::{BUILT_IN, Catalog, Entry};
use crate::flavor::{AuthMethod, Description, limits};
use crate::grant::{Grant, HostPattern};
use crate::image::Digest;
use crate::implicit_sources::Command;
use crate::store::{FlavorRecord, Name, Run};
use crate::text::printable;

/// A flavor.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Described<'a> {
    #[serde(flatten)]
    record: &'a FlavorRecord,
    /// The flavor's description of itself.
    description: &'a Description,
    /// Hosts that it may reach.
    grants: &'a [Grant],
    /// Hosts that it may reach for one registry alone.
    registry_grants: Vec<RegistryGrant<'a>>,
    /// The flavor whose place it took, which `crhost flavor rollback` brings back.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Previous<'a>>,
    /// Its last calls, the latest first.
    runs: &'a [Run],
}

/// A flavor that was registered before.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Previous<'a> {
    /// Its version.
    version: &'a str,
    /// The digest of its component.
    digest: &'a Digest,
    /// Its origin.
    origin: &'a str,
}

impl<'a> From<&'a FlavorRecord> for Previous<'a> {
    fn from(record: &'a FlavorRecord) -> Self {
        Self { version: &record.version, digest: &record.digest, origin: &record.origin }
    }
}

/// A grant for one registry.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RegistryGrant<'a> {
    /// The registry's name.
    registry: &'a str,
    #[serde(flatten)]
    grant: &'a Grant,
}

/// Runs the command.
pub(super) async fn run(context: &Context, catalog: &Catalog<'_>, name: &str) -> Result<(), Failure> {
    if context.is_json() {
        return print_json(catalog, name).await;
    }
    let entry = catalog.entry(name).await?;
    let Entry { record, description, .. } = &entry;
    let mut facts = facts(record, description);
    facts.extend(catalog.store().previous_flavor(name)?.map(|previous| {
        ("Before it", format!("version {} ({}), which `rollback` brings back", previous.version, previous.digest))
    }));
    output::print_facts(&facts);
    print_options(description);
    print_operations(description, record);
    print_hosts(&entry, &catalog.grants_of_registries(record)?);
    print_runs(&catalog.store().runs(name));
    Ok(())
}

/// Prints a flavor as JSON.
pub(super) async fn print_json(catalog: &Catalog<'_>, name: &str) -> Result<(), Failure> {
    let Entry { record, description, grants } = catalog.entry(name).await?;
    let (runs, previous) = (catalog.store().runs(name), catalog.store().previous_flavor(name)?);
    let of_registries = catalog.grants_of_registries(&record)?;
    output::print_json(&Described {
        record: &record,
        description: &description,
        grants: &grants,
        registry_grants: of_registries
            .iter()
            .map(|(name, grant)| RegistryGrant { registry: name.as_str(), grant })
            .collect(),
        previous: previous.as_ref().map(Previous::from),
        runs: &runs,
    });
    Ok(())
}

/// The facts about a flavor, with their labels.
pub(super) fn facts(record: &FlavorRecord, description: &Description) -> Vec<(&'static str, String)> {
    let mut facts =
        vec![("Name", record.name.clone()), ("Version", record.version.clone()), ("Summary", record.summary.clone())];
    facts.extend(description.documentation.clone().map(|url| ("Documentation", url)));
    let methods = joined(&description.auth_methods);
    facts.extend([
        ("Origin", record.origin.clone()),
        ("Digest", record.digest.to_string()),
        ("Size", format!("{} bytes", record.size)),
        ("Contract", format!("crhost:flavor {}", record.contract)),
        ("URI examples", description.uri_examples.join(", ")),
        ("Auth methods", if methods.is_empty() { "none".to_owned() } else { methods }),
    ]);
    facts.extend(programs(description).map(|programs| ("Programs", programs)));
    facts
}

/// The programs that it would have run, if the user allowed them; none if there are none.
pub(super) fn programs(description: &Description) -> Option<String> {
    let of_method = |method: &AuthMethod| {
        let line =
            |(_, command): (_, &Command)| format!("`{}` ({method})", printable(&command.line(), limits::TEXT_CHARS));
        method.commands().map(line).collect::<Vec<_>>()
    };
    let programs: Vec<String> = description.auth_methods.iter().flat_map(of_method).collect();
    let closed = "run where `--allow-command` allows it for a connector";
    (!programs.is_empty()).then(|| format!("{}; {closed}", programs.join(", ")))
}

fn joined<'a>(methods: impl IntoIterator<Item = &'a AuthMethod>) -> String {
    methods.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn print_options(description: &Description) {
    if description.options.is_empty() {
        return;
    }
    output::print("");
    let rows = description.options.iter().map(|option| {
        let default = option.default.clone().unwrap_or_default();
        let is_needed = option.required && option.default.is_none();
        let default = if is_needed { "(required)".to_owned() } else { default };
        vec![option.name.to_string(), default, option.summary.clone()]
    });
    output::print_table(&["OPTION", "DEFAULT", "SUMMARY"], rows);
}

/// Prints the requests that the flavor declares; those that have to be accepted by name with whether they are.
fn print_operations(description: &Description, record: &FlavorRecord) {
    let all = operations::requests(description);
    if all.is_empty() {
        return;
    }
    output::print("");
    output::print("Operations:");
    for requests in &all {
        for line in requests.lines() {
            let text = line.trim_start();
            let head = 2 + line.len() - text.len();
            output::print_wrapped(&" ".repeat(head), text, head + 2);
        }
        // What is part of crhost needs no acceptance.
        let odd = requests.odd.iter().filter(|_| record.origin != BUILT_IN);
        for name in odd {
            let is_accepted = record.accepted_operations.contains(name);
            let accepted = if is_accepted { "accepted" } else { "closed until `--allow-operation` accepts it" };
            output::print(&format!("      unusual place: `{name}`, {accepted}"));
        }
    }
}

/// Hosts that are granted in one way, of which a table shows the first ones.
struct Hosts {
    patterns: Vec<String>,
    secrets: &'static str,
    why: String,
}

/// Prints the hosts that the flavor may reach or asks for, and why they are granted or not.
fn print_hosts(entry: &Entry, of_registries: &[(Name, Grant)]) {
    let Entry { record, description, grants } = entry;
    let secrets = |secrets: bool| if secrets { "yes" } else { "no" };
    let mut groups: Vec<Hosts> = Vec::new();
    let mut add = |pattern: &HostPattern, secrets: &'static str, why: String| match groups
        .iter_mut()
        .find(|group| group.secrets == secrets && group.why == why)
    {
        Some(group) => group.patterns.push(pattern.to_string()),
        None => groups.push(Hosts { patterns: vec![pattern.to_string()], secrets, why }),
    };
    for grant in grants {
        let why = match (grant.written, record.origin == BUILT_IN) {
            (true, _) => "you wrote it",
            (false, true) => "asked for, and part of crhost",
            (false, false) => "asked for, and you agreed",
        };
        add(&grant.pattern, secrets(grant.secrets), why.to_owned());
    }
    for (name, grant) in of_registries {
        add(&grant.pattern, secrets(grant.secrets), format!("you wrote it, for registry `{name}`"));
    }
    for ask in description.requested_hosts() {
        if !grants.iter().any(|grant| grant.pattern == ask.pattern) {
            add(&ask.pattern, secrets(!ask.methods.is_empty()), "asked for, not granted".to_owned());
        }
    }
    output::print("");
    if groups.is_empty() {
        output::print("It may reach no host, and asks for none.");
        return;
    }
    let rows = groups.into_iter().map(|Hosts { patterns, secrets, why }| {
        let hosts = match patterns.as_slice() {
            [first, second, third, _, more @ ..] => format!("{first}, {second}, {third} and {} more", more.len() + 1),
            patterns => patterns.join(", "),
        };
        vec![hosts, secrets.to_owned(), why]
    });
    output::print_table(&["HOSTS", "SECRETS", "GRANTED"], rows);
}

fn print_runs(runs: &[Run]) {
    if runs.is_empty() {
        return;
    }
    output::print("");
    let rows = runs.iter().map(|run| {
        vec![
            run.function.clone(),
            run.outcome.clone(),
            format!("{:.1} ms", run.time.as_secs_f64() * 1e3),
            format!("{} KiB", run.memory >> 10),
            run.requests.to_string(),
        ]
    });
    output::print_table(&["LAST RUNS", "OUTCOME", "TIME", "MEMORY", "REQUESTS"], rows);
}
