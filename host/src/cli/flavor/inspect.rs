//! `crhost flavor inspect`: what a file is, without registering it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::call::load;
use super::describe::programs;
use super::operations;
use super::source::warn_of_taken_name;
use crate::flavor::{self, Description, Interfaces, PolicyDescription};
use crate::flavor_call::{Component, FlavorCallError};
use crate::grant::GuestKind;

/// A component that is a file.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Inspected {
    /// The file.
    file: String,
    /// `flavor` or `policy`.
    kind: &'static str,
    /// Its digest.
    digest: String,
    /// Its size in bytes.
    size: u64,
    /// The version of the contract that it exports.
    contract: String,
    /// Its description of itself.
    description: Described,
    /// Hosts that it would ask for, with whether secrets would go there.
    asks: Vec<Asked>,
    /// Operations that the user would have to accept by name.
    accepted_by_name: Vec<String>,
    /// The interfaces that it imports.
    imports: Vec<String>,
    /// The interfaces that it exports.
    exports: Vec<String>,
    /// The tools that made it, as it names them.
    producers: BTreeMap<String, Vec<String>>,
}

/// A component's description of itself.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Described {
    /// A flavor's.
    Flavor(Box<Description>),
    /// A policy's.
    Policy(Box<PolicyDescription>),
}

/// A host that a component would ask for.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Asked {
    /// The pattern of the host.
    pattern: String,
    /// Whether secrets of connectors would go there.
    secrets: bool,
}

/// Runs the command for a file.
pub(super) async fn run(context: &Context, file: &Path) -> Result<(), Failure> {
    let runtime = context.runtime()?;
    let bytes = Component::read(file)?;
    let component = load(&runtime, file, &bytes).await?;
    let inspected = inspected(&component, file, &bytes)?;
    if let Component::Flavor(flavor) = &component {
        warn_of_taken_name(flavor.description().name.as_str(), &bytes);
    }
    if context.is_json() {
        output::print_json(&inspected);
    } else {
        inspected.show();
    }
    Ok(())
}

fn inspected(component: &Component, file: &Path, bytes: &[u8]) -> Result<Inspected, Failure> {
    let unread = |reason| FlavorCallError::Read { path: file.into(), reason };
    let names = flavor::interfaces(bytes).map_err(|reason| unread(reason.into()))?;
    let Interfaces { imports, exports } = names;
    let facts = component.facts();
    let (description, asks, accepted_by_name) = match component {
        Component::Flavor(flavor) => {
            let description = flavor.description();
            let hosts = description.requested_hosts().into_iter();
            let asks = hosts.map(|host| Asked { secrets: !host.methods.is_empty(), pattern: host.pattern.to_string() });
            let odd = description.odd_operations().map(|(name, _)| name).collect();
            (Described::Flavor(Box::new(description.clone())), asks.collect(), odd)
        }
        Component::Policy(policy) => {
            let description = policy.description();
            let hosts = description.requested_hosts();
            let asks = hosts.iter().map(|pattern| Asked { pattern: pattern.to_string(), secrets: false }).collect();
            (Described::Policy(Box::new(description.clone())), asks, Vec::new())
        }
    };
    Ok(Inspected {
        file: file.display().to_string(),
        kind: component.guest().kind().word(),
        digest: facts.digest.to_string(),
        size: facts.size,
        contract: facts.contract.to_string(),
        description,
        asks,
        accepted_by_name,
        imports,
        exports,
        producers: flavor::producers(bytes),
    })
}

impl Inspected {
    /// Shows it to people.
    fn show(&self) {
        let (name, version, summary, documentation) = match &self.description {
            Described::Flavor(it) => (it.name.as_str(), &it.version, &it.summary, &it.documentation),
            Described::Policy(it) => (it.name.as_str(), &it.version, &it.summary, &it.documentation),
        };
        let mut facts = vec![
            ("File", self.file.clone()),
            ("Kind", self.kind.to_owned()),
            ("Name", name.to_owned()),
            ("Version", version.to_string()),
            ("Summary", summary.clone()),
        ];
        facts.extend(documentation.clone().map(|url| ("Documentation", url)));
        facts.extend([
            ("Contract", format!("crhost:flavor {}", self.contract)),
            ("Digest", self.digest.clone()),
            ("Size", format!("{} bytes", self.size)),
        ]);
        if let Described::Flavor(description) = &self.description {
            let methods: Vec<String> = description.auth_methods.iter().map(ToString::to_string).collect();
            facts.push(("URI examples", description.uri_examples.join(", ")));
            facts.push(("Auth methods", if methods.is_empty() { "none".to_owned() } else { methods.join(", ") }));
            facts.extend(programs(description).map(|programs| ("Programs", programs)));
        }
        facts.push(("Imports", self.imports.join(", ")));
        facts.push(("Exports", self.exports.join(", ")));
        let tools = self.producers.iter().map(|(field, tools)| format!("{field}: {}", tools.join(", ")));
        facts.push(("Made with", tools.collect::<Vec<_>>().join("; ")));
        output::print_facts(&facts);
        self.show_options();
        self.show_requests();
    }

    fn show_options(&self) {
        let options = match &self.description {
            Described::Flavor(description) => &description.options,
            Described::Policy(description) => &description.options,
        };
        if options.is_empty() {
            return;
        }
        output::print("");
        let rows = options.iter().map(|option| {
            let default = option.default.clone().unwrap_or_default();
            let default = if option.required && default.is_empty() { "(required)".to_owned() } else { default };
            vec![option.name.to_string(), default, option.summary.clone()]
        });
        output::print_table(&["OPTION", "DEFAULT", "SUMMARY"], rows);
    }

    /// The requests that it would ask for, as `register` shows them.
    fn show_requests(&self) {
        output::print("");
        if self.asks.is_empty() {
            return output::print(&format!("The {} asks for no host.", self.kind_of().word()));
        }
        output::print("Asks to send:");
        match &self.description {
            Described::Flavor(description) => {
                for requests in operations::requests(description) {
                    output::print_lines(requests.lines().iter().map(|line| format!("  {line}")));
                    let odd = requests.odd.iter().map(|name| format!("      unusual place: `{name}`"));
                    output::print_lines(odd);
                }
            }
            Described::Policy(_) => {
                output::print_lines(self.asks.iter().map(|host| format!("  requests to {}", host.pattern)));
            }
        }
    }

    fn kind_of(&self) -> GuestKind {
        match self.description {
            Described::Flavor(_) => GuestKind::Flavor,
            Described::Policy(_) => GuestKind::Policy,
        }
    }
}
