//! `crhost flavor new`: writes the project of a new flavor.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use crate::catalog::Catalog;
use crate::scaffold::{self, Language, ProjectName};
use crate::text::Escaped;

/// The arguments of the command.
#[derive(Debug, Args)]
pub(in crate::cli) struct NewArgs {
    /// The flavor's name: lower-case letters and digits with single `-` between them
    name: String,
    /// The language of the project
    #[arg(long, value_enum, default_value = "rust")]
    lang: Language,
    /// The directory to make, instead of one with the flavor's name
    #[arg(long, value_name = "PATH")]
    directory: Option<PathBuf>,
}

pub(super) const NEW_HELP: &str = "\
The project builds as it is, with tests and fixtures: a flavor for a registry on one host, with an option, a token that \
it can't read, and an API that it asks whether a repository exists. Its README.md goes on from there.";

/// A new project.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Project {
    /// The flavor's name.
    name: String,
    /// Its language.
    language: Language,
    /// The directory that was made.
    directory: Escaped,
    /// The files, below it.
    files: Vec<String>,
    /// The command that builds it, in that directory.
    build: String,
    /// The component that is built, below that directory.
    component: String,
}

/// Runs the command.
pub(super) async fn run(context: &Context, catalog: &Catalog<'_>, arguments: NewArgs) -> Result<(), Failure> {
    let NewArgs { name, lang: language, directory } = arguments;
    let name = ProjectName::parse(&name)?;
    let directory = directory.unwrap_or_else(|| PathBuf::from(name.as_str()));
    let files = scaffold::create(&name, language, &directory)?;
    if catalog.entry(name.as_str()).await.is_ok() {
        let message = format!("a flavor `{name}` is registered here: `--replace` puts the new one in its place");
        output::say("warning", &message);
    }
    let (build, component) = (language.build(&name), language.component(&name));
    let directory = Escaped::from(directory.as_path());
    if context.is_json() {
        let name = name.to_string();
        output::print_json(&Project { name, language, directory, files, build, component });
        return Ok(());
    }
    output::say_line(&format!("created the flavor `{name}` in `{directory}` ({} files)", files.len()));
    for line in [format!("cd {directory}"), build, format!("crhost flavor register {component}")] {
        output::say_line(&format!("    {line}"));
    }
    Ok(())
}

impl ValueEnum for Language {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let value = PossibleValue::new(self.word());
        Some(match self {
            Self::Python => value.alias("py"),
            Self::JavaScript => value.alias("js"),
            Self::Go => value.alias("golang"),
            Self::Rust | Self::C => value,
        })
    }
}
