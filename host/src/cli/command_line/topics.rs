//! `crhost help TOPIC`: texts about what all commands have in common.

use std::ffi::OsString;
use std::fmt::Write as _;

use crate::cli::wrap::wrapped;
use crate::cli::{exit_codes, terminal};
use crate::environment::EnvVars;

/// What may be shown by `--json`, `--jq`, `--format` and `--output`.
const FORMATTING: &str = "\
Every command that shows or makes something has its result in these forms:

  --output table      for people (the default)
  --output json       one JSON object, as `docs/reference/json.md` describes it
  --output name       names alone, one a line
  --json FIELDS       these members of it alone; a wrong one is answered with
                      those that there are
  --jq FILTER         the answer of a jq filter to the JSON of `--json`, or of
                      `--output json`: strings as they are, all else as JSON
  --format TEMPLATE   a template, once for each element of a list; also
                      `--format json`, `name` and `table`

A template has text, `{{.field}}`, `{{.field.member}}`, and the functions
`json`, `join`, `index`, `len`, `upper` and `lower`: `{{json .}}`,
`{{join .tags \", \"}}`, `{{.name | upper}}`; `{{range .list}}…{{end}}`,
`{{if .field}}…{{else}}…{{end}}`; `\\t` and `\\n`; and `table ` at its
beginning aligns columns under a head, as with docker.

A jq filter may take 5 s and 256 MiB, and reads neither files nor variables.

Examples:
  crhost registry list -o name | xargs -n 1 crhost registry verify
  crhost registry list --json name,uri
  crhost registry list --json name,connector --jq '.[] | select(.connector).name'
  crhost registry list --format 'table {{.name}}\\t{{.uri}}'
  crhost push train:v3 --to prod --jq .digest
";

/// What flavors are held to, and why: authors have the program, and not its documents.
const FLAVOR_RULES: &str = include_str!("../../../../docs/reference/flavor-rules.md");

/// The text of the topic that these words ask for, if they do.
pub(super) fn asked_for(words: &[OsString]) -> Option<String> {
    let [_, help, topic, more @ ..] = words else { return None };
    if help != "help" || more.iter().any(|word| word != "--help" && word != "-h") {
        return None;
    }
    Some(match topic.to_str()? {
        "exit-codes" => format!("Exit codes:\n{}", exit_codes::TABLE),
        "environment" => environment(),
        "formatting" => FORMATTING.to_owned(),
        "flavor-rules" => FLAVOR_RULES.to_owned(),
        _ => return None,
    })
}

/// All variables with their meaning, wrapped at the terminal's width.
fn environment() -> String {
    let mut text = "Environment:\n".to_owned();
    for variable in EnvVars::ALL {
        let lines = wrapped("      ", variable.meaning, 6, terminal::stdout_columns());
        let _ = writeln!(text, "  {}\n{}", variable.name, lines.join("\n"));
    }
    text
}
