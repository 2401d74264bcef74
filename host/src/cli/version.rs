//! `crhost version`: the version, with what it was built from and for.

use serde::Serialize;

use super::context::Context;
use super::output;
use crate::flavor;
use crate::image::Platform;

/// The program.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Version {
    /// Its name.
    name: &'static str,
    /// Its version.
    version: &'static str,
    /// The commit that it was built from; absent where the build was not told by `CRHOST_COMMIT`.
    commit: Option<&'static str>,
    /// The cargo features that it was built with.
    features: Vec<&'static str>,
    /// The contracts of flavors that it knows.
    contracts: Vec<String>,
    /// The operating system and the architecture that it was built for, as images name them.
    platform: String,
}

/// Runs the command.
pub(super) fn run(context: &Context) {
    let version = Version {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        commit: option_env!("CRHOST_COMMIT"),
        features: if cfg!(feature = "otel") { vec!["otel"] } else { Vec::new() },
        contracts: flavor::contracts().map(|release| format!("crhost:flavor@{release}")).collect(),
        platform: Platform::of_this_machine().to_string(),
    };
    if context.is_json() {
        return output::print_json(&version);
    }
    let Version { name, version, commit, features, contracts, platform } = version;
    output::print(&format!("{name} {version}"));
    let listed = |words: &[String]| if words.is_empty() { "none".to_owned() } else { words.join(", ") };
    let features: Vec<String> = features.into_iter().map(str::to_owned).collect();
    output::print_facts(&[
        ("Commit", commit.unwrap_or("not known").to_owned()),
        ("Features", listed(&features)),
        ("Contracts", listed(&contracts)),
        ("Platform", platform),
    ]);
}
