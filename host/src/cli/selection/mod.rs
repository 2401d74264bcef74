//! The part of a result that is shown: names alone, some of its members, the answer of a jq filter, or a template's
//! text. Each is made from the JSON that the command prints with `--output json`, so that all commands have them.

mod error;
mod filter;
mod lines;
pub(super) mod members;
pub(super) mod names;
mod shape;
mod template;

use std::sync::OnceLock;

use clap::Args;
use serde_json::Value;

use crate::text::escape_json;
pub(super) use error::SelectionError;
use filter::Filter;
use lines::lines;
use members::Members;
use shape::{Picked, elements};
use template::Template;

/// Options that choose a part of a result.
#[derive(Debug, Default, Args)]
pub(super) struct SelectionArgs {
    /// Show only these members of the result, as JSON; a wrong one is answered with those that there are
    #[arg(long, global = true, value_name = "FIELDS", value_delimiter = ',')]
    json: Option<Vec<String>>,

    /// Show the answer of a jq filter to the JSON of `--json`, or to that of `--output json`
    #[arg(long, global = true, value_name = "FILTER")]
    jq: Option<String>,

    /// Show the result by a template such as `{{.name}}`, or as `json`, `name` or `table`; `crhost help formatting`
    /// tells more
    #[arg(long, global = true, value_name = "TEMPLATE", conflicts_with_all = ["json", "jq"])]
    pub(super) format: Option<String>,
}

/// The part of a result that is shown.
enum Selection {
    /// The names of what the result is about, one a line.
    Names,
    /// These members, in this order.
    Members(Vec<String>),
    /// The answer of a filter to these members, or to everything.
    Filtered(Option<Vec<String>>, Filter),
    /// A template's text.
    Template(Template),
}

static SELECTION: OnceLock<Selection> = OnceLock::new();

/// Has only a part of all results shown from now on, if one is asked for. `command` is the whole name of the command.
///
/// # Errors
/// When the command has no such member, or the filter or the template is invalid: before anything is done.
pub(super) fn choose(command: &str, arguments: SelectionArgs, names_alone: bool) -> Result<(), SelectionError> {
    let SelectionArgs { json, jq, format } = arguments;
    let known = || Members::of(command).ok_or_else(|| SelectionError::NoJson(command.into()));
    let members = match json {
        Some(members) => Some(known()?.check(command, members)?),
        None => None,
    };
    let selection = match (members, jq, format) {
        (members, Some(filter), _) => {
            known()?;
            Selection::Filtered(members, Filter::new(filter)?)
        }
        (Some(members), None, _) => Selection::Members(members),
        (None, None, Some(format)) => {
            let (known, template) = (known()?, Template::parse(&format)?);
            known.check(command, template.members().map(ToOwned::to_owned).collect())?;
            Selection::Template(template)
        }
        (None, None, None) if names_alone => Selection::Names,
        (None, None, None) => return Ok(()),
    };
    // Chosen once, where the command line is parsed.
    let _ = SELECTION.set(selection);
    Ok(())
}

/// Whether only a part of results is shown.
pub(super) fn is_chosen() -> bool {
    SELECTION.get().is_some()
}

/// The chosen part of a result, ready to be written; absent where all of it is shown.
pub(super) fn chosen(document: &Value) -> Option<Result<String, SelectionError>> {
    SELECTION.get().map(|selection| selection.text(document))
}

impl Selection {
    fn text(&self, document: &Value) -> Result<String, SelectionError> {
        match self {
            Self::Names => Ok(lines(names::of(document))),
            Self::Members(members) => {
                // Strings, numbers and lists, which JSON can always represent.
                let json = serde_json::to_string_pretty(&Picked::new(document, members)).unwrap_or_default();
                Ok(escape_json(&json))
            }
            Self::Filtered(Some(members), filter) => filter.answer(&Picked::new(document, members)),
            Self::Filtered(None, filter) => filter.answer(document),
            Self::Template(template) => match elements(document) {
                Some(elements) => Ok(template.table(elements)),
                None => Ok(template.table(std::slice::from_ref(document))),
            },
        }
    }
}
